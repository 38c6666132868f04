package io.lookalike.extractor;

import io.lookalike.extractor.Pickle.Storage;
import io.lookalike.extractor.Pickle.TensorView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The list of tensors of a {@code .pth} file: a dictionary of tensors as {@code torch.save} writes
 * it, in both of its forms ({@code torch/serialization.py}).
 */
final class TorchCheckpoint {
  /** What the form in a zip begins with. */
  static final byte[] ZIP = {'P', 'K', 3, 4};

  /** What the form without a zip begins with: a pickle of the number 0x1950a86a20f9469cfc6c. */
  static final byte[] MAGIC = {
    (byte) 0x80,
    2,
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19
  };

  /** No list of tensors is longer; a network of a thousand layers has 200 KB. */
  private static final int MAX_PICKLE = 4 << 20;

  /** What safetensors calls the type of a storage, and how many bytes a number of it takes. */
  private static final Map<String, Type> TYPES =
      Map.of(
          "FloatStorage", new Type("F32", 4),
          "DoubleStorage", new Type("F64", 8),
          "HalfStorage", new Type("F16", 2),
          "BFloat16Storage", new Type("BF16", 2),
          "LongStorage", new Type("I64", 8),
          "IntStorage", new Type("I32", 4),
          "ShortStorage", new Type("I16", 2),
          "CharStorage", new Type("I8", 1),
          "ByteStorage", new Type("U8", 1),
          "BoolStorage", new Type("BOOL", 1));

  private record Type(String name, int bytes) {}

  private TorchCheckpoint() {}

  static Map<String, StoredTensor> tensors(Path file, FileChannel channel) throws IOException {
    byte[] first = new byte[ZIP.length];
    Checkpoint.fill(channel, ByteBuffer.wrap(first), 0);
    return Arrays.equals(first, ZIP) ? zipped(file) : unzipped(channel);
  }

  /** Since PyTorch 1.6: a zip of one pickle and, not compressed, one file for each storage. */
  private static Map<String, StoredTensor> zipped(Path file) throws IOException {
    try (ZipFile zip = ZipFile.builder().setPath(file).get()) {
      String folder = null;
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        if (entry.getName().endsWith("/data.pkl")) {
          folder = entry.getName().substring(0, entry.getName().length() - "data.pkl".length());
        }
      }
      if (folder == null) {
        throw new MalformedCheckpointException(
            "a zip without data.pkl, expected a .pth that torch.save wrote", null);
      }
      if (zip.getEntry(folder + "constants.pkl") != null) {
        throw new MalformedCheckpointException(
            "a TorchScript network, expected a .pth of weights alone: save its state_dict()", null);
      }
      ByteBuffer order = content(zip, folder + "byteorder");
      if (order != null && !StandardCharsets.US_ASCII.decode(order).toString().equals("little")) {
        throw new MalformedCheckpointException("big-endian, expected little-endian numbers", null);
      }
      ByteBuffer pickle = content(zip, folder + "data.pkl");
      Map<String, TensorView> views = dictionary(pickle == null ? null : Pickle.read(pickle));
      var tensors = new LinkedHashMap<String, StoredTensor>();
      for (Map.Entry<String, TensorView> view : views.entrySet()) {
        String storage = folder + "data/" + view.getValue().storage().key();
        ZipArchiveEntry entry = zip.getEntry(storage);
        if (entry == null || entry.getMethod() != ZipEntry.STORED) {
          throw new MalformedCheckpointException(
              "the numbers of the tensor "
                  + view.getKey()
                  + (entry == null ? " are missing" : " are compressed")
                  + ", expected them uncompressed in "
                  + storage,
              null);
        }
        tensors.put(
            view.getKey(),
            tensor(view.getKey(), view.getValue(), entry.getDataOffset(), entry.getSize()));
      }
      return tensors;
    } catch (MalformedCheckpointException | ArithmeticException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // the library trusts some of what it reads
      throw new MalformedCheckpointException(
          "a damaged or truncated .pth, its zip directory cannot be read: " + e.getMessage(), e);
    }
  }

  private static @Nullable ByteBuffer content(ZipFile zip, String name) throws IOException {
    ZipArchiveEntry entry = zip.getEntry(name);
    if (entry == null) {
      return null;
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes(MAX_PICKLE + 1);
      if (bytes.length > MAX_PICKLE) {
        throw new MalformedCheckpointException(
            name + " has more than " + MAX_PICKLE + " bytes, expected a list of tensors", null);
      }
      return ByteBuffer.wrap(bytes);
    }
  }

  /**
   * Before that, and what torchvision still publishes for its older networks: five pickles (a
   * number, the version, the machine, the dictionary, the order of the storages), then each storage
   * with its length before it.
   */
  private static Map<String, StoredTensor> unzipped(FileChannel channel) throws IOException {
    long size = channel.size();
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(MAX_PICKLE, size));
    Checkpoint.fill(channel, head, 0);
    Pickle.read(head);
    Object version = Pickle.read(head);
    Object machine = Pickle.read(head);
    if (!Long.valueOf(1001).equals(version)
        || !(machine instanceof Map<?, ?> about)
        || !Boolean.TRUE.equals(about.get("little_endian"))) {
      throw new MalformedCheckpointException(
          "a .pth of version "
              + Pickle.described(version)
              + ", expected version 1001 with little-endian numbers: save it again with a current"
              + " PyTorch",
          null);
    }
    Map<String, TensorView> views = dictionary(Pickle.read(head));
    var bytesPerNumber = new HashMap<String, Integer>();
    for (TensorView view : views.values()) {
      bytesPerNumber.put(view.storage().key(), type(view.storage()).bytes());
    }
    if (!(Pickle.read(head) instanceof List<?> order)) {
      throw new MalformedCheckpointException("a damaged .pth: no list of storages", null);
    }
    var start = new HashMap<String, Long>();
    var bytes = new HashMap<String, Long>();
    long at = head.position();
    for (Object key : order) {
      Integer each = key instanceof String ? bytesPerNumber.get(key) : null;
      if (each == null) {
        throw new MalformedCheckpointException(
            "the .pth has a storage "
                + Pickle.described(key)
                + " of which no tensor tells the type",
            null);
      }
      if (at + 8 > size) {
        break; // cut off: the tensors in the storages that are missing are found to be
      }
      ByteBuffer count = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      Checkpoint.fill(channel, count, at);
      long length = count.getLong(0);
      if (length < 0 || length > Integer.MAX_VALUE) {
        throw new MalformedCheckpointException(
            "a damaged .pth: a storage of " + length + " numbers", null);
      }
      start.put((String) key, at + 8);
      bytes.put((String) key, length * each);
      at += 8 + length * each;
    }
    var tensors = new LinkedHashMap<String, StoredTensor>();
    for (Map.Entry<String, TensorView> view : views.entrySet()) {
      String key = view.getValue().storage().key();
      tensors.put(
          view.getKey(),
          tensor(
              view.getKey(),
              view.getValue(),
              start.getOrDefault(key, size),
              bytes.getOrDefault(key, Long.MAX_VALUE)));
    }
    return tensors;
  }

  /** The tensors of a pickled dictionary; other things in it (counters, say) are left out. */
  private static Map<String, TensorView> dictionary(@Nullable Object value)
      throws MalformedCheckpointException {
    if (!(value instanceof Map<?, ?> entries)) {
      throw new MalformedCheckpointException(
          "a .pth that holds no dictionary of tensors, expected a network's state_dict()", null);
    }
    var views = new LinkedHashMap<String, TensorView>();
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      if (entry.getKey() instanceof String name && entry.getValue() instanceof TensorView view) {
        views.put(name, view);
      }
    }
    if (views.isEmpty()) {
      for (Map.Entry<?, ?> entry : entries.entrySet()) {
        if (entry.getValue() instanceof Map<?, ?> inner
            && inner.values().stream().anyMatch(TensorView.class::isInstance)) {
          throw new MalformedCheckpointException(
              "a .pth whose tensors are in a dictionary of their own, "
                  + Pickle.described(entry.getKey())
                  + "; save that one alone",
              null);
        }
      }
    }
    return views;
  }

  private static StoredTensor tensor(String name, TensorView view, long start, long bytes)
      throws MalformedCheckpointException {
    Type type = type(view.storage());
    long first = Math.addExact(view.storage().first(), view.offset());
    long numbers = 1;
    boolean rows = true; // whether one number follows the other
    for (int i = view.shape().length - 1; i >= 0; i--) {
      rows &= view.shape()[i] == 1 || view.stride()[i] == numbers;
      numbers = Math.multiplyExact(numbers, view.shape()[i]);
    }
    if (!rows) {
      throw new MalformedCheckpointException(
          "the numbers of the tensor "
              + name
              + ", "
              + StoredTensor.text(type.name(), view.shape())
              + ", do not follow one another; save it after contiguous()",
          null);
    }
    long end = Math.multiplyExact(Math.addExact(first, numbers), type.bytes());
    if (end > bytes) {
      throw new MalformedCheckpointException(
          "the tensor "
              + name
              + ", "
              + StoredTensor.text(type.name(), view.shape())
              + ", needs "
              + end
              + " bytes, its storage has "
              + bytes,
          null);
    }
    return new StoredTensor(
        type.name(), view.shape(), Math.addExact(start, Math.multiplyExact(first, type.bytes())));
  }

  private static Type type(Storage storage) throws MalformedCheckpointException {
    Type type = TYPES.get(storage.type());
    if (type == null) {
      throw new MalformedCheckpointException(
          "the .pth holds numbers of the unknown type " + storage.type(), null);
    }
    return type;
  }
}
