package io.lookalike;

import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureTransform;
import io.lookalike.internal.AtomicFile;
import io.lookalike.internal.AttributesCodec;
import io.lookalike.internal.Utf8;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A catalogue on disk: {@code manifest.properties} and the data files that it names, each with its
 * length and CRC-32C. Every save writes data files under a new generation number and then renames
 * the manifest into place, which is the one moment at which the store changes.
 *
 * @param extractor the extractor's identity, empty if there was none
 * @param dimension the length of the features
 * @param rule the name of the transform's rule
 * @param transform the transform in use
 * @param items products and features
 * @param purchases what was bought
 */
record StoreFolder(
    String extractor,
    int dimension,
    String rule,
    FeatureTransform transform,
    List<Item> items,
    PurchaseLog purchases) {

  private static final Logger LOG = LoggerFactory.getLogger(StoreFolder.class);

  private static final String MANIFEST = "manifest.properties";
  private static final String FORMAT = "lookalike-store-2";
  private static final String LOCK = ".lock";

  /** A product and its features as the extractor made them. */
  record Item(Product product, float[] features) {}

  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  // ---- writing

  void write(Path folder) throws IOException {
    create(folder);
    // Closing the channel releases the lock.
    try (FileChannel lockFile =
        FileChannel.open(
            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock(lockFile, folder);
      long generation = 1 + generation(folder);
      var manifest = new TreeMap<String, String>();
      manifest.put("format", FORMAT);
      manifest.put("generation", Long.toString(generation));
      manifest.put("extractor", extractor);
      manifest.put("dimension", Integer.toString(dimension));
      manifest.put("products", Integer.toString(items.size()));
      manifest.put("transform.rule", fittedRule());
      manifest.put("transform.description", transform.description());
      writeFile(folder, "products", generation, manifest, this::writeProducts);
      writeFile(folder, "features", generation, manifest, this::writeFeatures);
      writeFile(folder, "transform", generation, manifest, transform::write);
      writeFile(folder, "purchases", generation, manifest, this::writePurchases);
      writeManifest(folder, manifest);
      deleteOthers(folder, manifest);
    }
  }

  /** Before the first refit, whatever the rule, the transform is the identity. */
  private String fittedRule() {
    return transform.equals(FeatureTransform.identity(dimension))
        ? FeatureTransform.Rule.NONE.name()
        : rule;
  }

  private static void create(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new StoreException(folder + " is a file; name a folder to save to");
    }
    Files.createDirectories(folder);
    if (Files.exists(folder.resolve(MANIFEST))) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!file.endsWith(LOCK) && !isOurs(file.getFileName().toString())) {
          throw new StoreException(
              folder
                  + " holds other files ("
                  + file.getFileName()
                  + ") and no catalogue; name an"
                  + " empty or a new folder to save to");
        }
      }
    }
  }

  private static boolean isOurs(String name) {
    return AtomicFile.isPart(name)
        || name.matches("(products|features|transform|purchases)-\\d+\\.bin");
  }

  private static void lock(FileChannel file, Path folder) throws IOException {
    FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      throw new StoreException(folder + " is being written by another thread; try again", e);
    }
    if (lock == null) {
      throw new StoreException(folder + " is being written by another process; try again");
    }
  }

  private static long generation(Path folder) throws IOException {
    if (!Files.exists(folder.resolve(MANIFEST))) {
      return 0;
    }
    return number(folder, readManifest(folder), "generation");
  }

  private static void writeFile(
      Path folder, String kind, long generation, Map<String, String> manifest, Writer writer)
      throws IOException {
    String name = kind + "-" + generation + ".bin";
    Path file = folder.resolve(name);
    var checksum = new CRC32C();
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        OutputStream stream = new CheckedOutputStream(Channels.newOutputStream(channel), checksum);
        var out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16))) {
      writer.write(out);
      out.flush();
      channel.force(true);
      manifest.put(kind + ".file", name);
      manifest.put(kind + ".bytes", Long.toString(channel.size()));
      manifest.put(kind + ".crc32c", Long.toHexString(checksum.getValue()));
    }
  }

  private static void writeManifest(Path folder, Map<String, String> manifest) throws IOException {
    var text = new StringBuilder("# A Lookalike catalogue. Do not edit: opening checks it.\n");
    manifest.forEach(
        (key, value) -> text.append(key).append('=').append(escaped(value)).append('\n'));
    AtomicFile.force(folder); // the data files must be there before the manifest that names them
    AtomicFile.write(folder.resolve(MANIFEST), StandardCharsets.UTF_8.encode(text.toString()));
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }

  /** What cannot be deleted stays until the next save: this one has succeeded. */
  private static void deleteOthers(Path folder, Map<String, String> manifest) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (isOurs(name) && !manifest.containsValue(name)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn(
          "Saved to {}, but files of an earlier save cannot be deleted: {}", folder, e.toString());
    }
  }

  private void writeProducts(DataOutputStream out) throws IOException {
    out.writeInt(items.size());
    for (Item item : items) {
      writeText(out, item.product.id());
      byte[] attributes = AttributesCodec.encode(item.product.attributes());
      out.writeInt(attributes.length);
      out.write(attributes);
    }
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = Utf8.encode(text);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private void writeFeatures(DataOutputStream out) throws IOException {
    ByteBuffer row = ByteBuffer.allocate(dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Item item : items) {
      row.asFloatBuffer().put(item.features);
      out.write(row.array());
    }
  }

  private void writePurchases(DataOutputStream out) throws IOException {
    for (String id : purchases.soldIds()) {
      Map<LocalDate, Long> daily = purchases.daily(id);
      writeText(out, id);
      out.writeInt(daily.size());
      for (Map.Entry<LocalDate, Long> day : daily.entrySet()) {
        out.writeLong(day.getKey().toEpochDay());
        out.writeLong(day.getValue());
      }
    }
    out.writeInt(-1);
  }

  // ---- reading

  static StoreFolder read(Path folder, String extractor, int dimension, FeatureTransform.Rule rule)
      throws IOException {
    // A save that ends while we read deletes the files of the state before; then begin again.
    while (true) {
      long generation = generation(folder);
      try {
        return readOnce(folder, extractor, dimension, rule);
      } catch (NoSuchFileException e) {
        if (generation(folder) == generation) {
          throw new StoreException(
              folder + ": the file " + e.getFile() + " is missing; restore it, or index again", e);
        }
      }
    }
  }

  private static StoreFolder readOnce(
      Path folder, String extractor, int dimension, FeatureTransform.Rule rule) throws IOException {
    Properties manifest = readManifest(folder);
    check(folder, manifest, "extractor", extractor);
    check(folder, manifest, "dimension", Integer.toString(dimension));
    String fittedBy = text(folder, manifest, "transform.rule");
    FeatureTransform.Rule fitted;
    if (fittedBy.equals(FeatureTransform.Rule.NONE.name())) {
      fitted = FeatureTransform.Rule.NONE;
    } else {
      check(folder, manifest, "transform.rule", rule.name());
      fitted = rule;
    }
    List<Product> products = readFile(folder, manifest, "products", StoreFolder::readProducts);
    List<Item> items =
        readFile(folder, manifest, "features", in -> readFeatures(in, products, dimension));
    FeatureTransform transform = readFile(folder, manifest, "transform", fitted::read);
    PurchaseLog purchases = readFile(folder, manifest, "purchases", StoreFolder::readPurchases);
    return new StoreFolder(extractor, dimension, rule.name(), transform, items, purchases);
  }

  static StoreInfo info(Path folder) throws IOException {
    Properties manifest = readManifest(folder);
    long dimension = number(folder, manifest, "dimension");
    if (dimension < 1 || dimension > Integer.MAX_VALUE) {
      throw new StoreException(
          folder.resolve(MANIFEST)
              + " is damaged: dimension is "
              + dimension
              + ", expected 1 or more; index again");
    }
    return new StoreInfo(
        text(folder, manifest, "extractor"),
        (int) dimension,
        text(folder, manifest, "transform.rule"));
  }

  private static Properties readManifest(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new StoreException(folder + " is no folder; index a catalogue into it first");
    }
    var manifest = new Properties();
    try {
      manifest.load(new StringReader(Files.readString(folder.resolve(MANIFEST))));
    } catch (NoSuchFileException e) {
      throw new StoreException(
          folder + " holds no catalogue (there is no " + MANIFEST + " in it); index one first", e);
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new StoreException(folder.resolve(MANIFEST) + " is damaged: " + e.getMessage(), e);
    }
    String format = manifest.getProperty("format", "none");
    if (!format.equals(FORMAT)) {
      throw new StoreException(
          folder.resolve(MANIFEST)
              + ": the format is "
              + format
              + ", expected "
              + FORMAT
              + "; index again with this version");
    }
    return manifest;
  }

  private static void check(Path folder, Properties manifest, String key, String expected)
      throws StoreException {
    String found = text(folder, manifest, key);
    if (!found.equals(expected)) {
      throw new StoreException(
          folder
              + " was made with "
              + key
              + " "
              + shown(found)
              + ", but is opened with "
              + shown(expected)
              + "; open it with the former, or index again");
    }
  }

  private static String shown(String value) {
    return value.isEmpty() ? "none" : value;
  }

  private static String text(Path folder, Properties manifest, String key) throws StoreException {
    String value = manifest.getProperty(key);
    if (value == null) {
      throw new StoreException(
          folder.resolve(MANIFEST) + " is damaged: it has no " + key + "; index again");
    }
    return value;
  }

  private static long number(Path folder, Properties manifest, String key) throws StoreException {
    String value = text(folder, manifest, key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new StoreException(
          folder.resolve(MANIFEST)
              + " is damaged: "
              + key
              + " is "
              + value
              + ", expected a number; index again",
          e);
    }
  }

  private static <T> T readFile(Path folder, Properties manifest, String kind, Reader<T> reader)
      throws IOException {
    String name = text(folder, manifest, kind + ".file");
    if (!isOurs(name)) {
      throw new StoreException(
          folder.resolve(MANIFEST) + " is damaged: " + kind + ".file is " + name);
    }
    Path file = folder.resolve(name);
    long bytes = number(folder, manifest, kind + ".bytes");
    if (Files.size(file) != bytes) {
      throw damaged(file, "it has " + Files.size(file) + " bytes, expected " + bytes, null);
    }
    // Checked as a whole before a byte of it is believed: a bit flipped in a length must not
    // allocate gigabytes.
    String found = Long.toHexString(checksum(file));
    String expected = text(folder, manifest, kind + ".crc32c");
    if (!found.equals(expected)) {
      throw damaged(file, "its CRC-32C is " + found + ", expected " + expected, null);
    }
    try (var in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      T content = reader.read(in);
      if (in.read() >= 0) {
        throw damaged(file, "it goes on after its end", null);
      }
      return content;
    } catch (EOFException | IllegalArgumentException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static long checksum(Path file) throws IOException {
    var checksum = new CRC32C();
    try (InputStream in = new CheckedInputStream(Files.newInputStream(file), checksum)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return checksum.getValue();
  }

  private static StoreException damaged(Path file, String how, @Nullable Throwable cause) {
    return new StoreException(
        file + " is damaged: " + how + "; restore the folder from a copy, or index again", cause);
  }

  private static List<Product> readProducts(DataInputStream in) throws IOException {
    int n = in.readInt();
    var products = new ArrayList<Product>(n);
    for (int i = 0; i < n; i++) {
      String id = readText(in);
      ByteBuffer attributes = ByteBuffer.wrap(readBytes(in));
      products.add(new Product(id, AttributesCodec.decode(attributes)));
      if (attributes.hasRemaining()) {
        throw new IllegalArgumentException("the attributes of " + id + " go on after their end");
      }
    }
    return products;
  }

  private static String readText(DataInputStream in) throws IOException {
    return Utf8.decode(ByteBuffer.wrap(readBytes(in)));
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("it ends too early");
    }
    return bytes;
  }

  private static List<Item> readFeatures(DataInputStream in, List<Product> products, int dimension)
      throws IOException {
    var items = new ArrayList<Item>(products.size());
    ByteBuffer row = ByteBuffer.allocate(dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Product product : products) {
      in.readFully(row.array());
      var features = new float[dimension];
      row.asFloatBuffer().get(features);
      items.add(new Item(product, features));
    }
    return items;
  }

  private static PurchaseLog readPurchases(DataInputStream in) throws IOException {
    var log = new PurchaseLog();
    for (int length = in.readInt(); length >= 0; length = in.readInt()) {
      String id = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      var daily = new HashMap<LocalDate, Long>();
      for (int left = in.readInt(); left > 0; left--) {
        daily.put(LocalDate.ofEpochDay(in.readLong()), in.readLong());
      }
      log.record(id, daily);
    }
    return log;
  }
}
