package io.lookalike.extractor;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file of trained weights: safetensors, PyTorch's {@code .pth} or HDF5, told apart by what is in
 * it. Opening reads the list of tensors alone, nothing of their numbers.
 */
final class Checkpoint implements AutoCloseable {
  /** What a file can be. */
  enum Format {
    SAFETENSORS,
    TORCH,
    HDF5
  }

  private static final byte[] HDF5 = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

  /** How many tensors a message lists. */
  private static final int LISTED = 4;

  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final Format format;
  private final Map<String, StoredTensor> tensors;

  private Checkpoint(
      Path file, FileChannel channel, long size, Format format, Map<String, StoredTensor> tensors) {
    this.file = file;
    this.channel = channel;
    this.size = size;
    this.format = format;
    this.tensors = tensors;
  }

  /**
   * Opens a file.
   *
   * @throws ModelFileException if there is no such file, if it is in no known format, or if its
   *     list of tensors is damaged or cut off
   */
  static Checkpoint open(Path file) {
    FileChannel channel;
    try {
      if (Files.isDirectory(file)) {
        throw new ModelFileException(file, "a folder, expected a file of weights", null);
      }
      channel = FileChannel.open(file);
    } catch (NoSuchFileException e) {
      throw new ModelFileException(file, "no such file, expected a file of weights", e);
    } catch (AccessDeniedException e) {
      throw new ModelFileException(file, "not permitted to read this file", e);
    } catch (IOException e) {
      throw new ModelFileException(file, "cannot be read: " + e, e);
    }
    boolean opened = false;
    try {
      Format format = format(channel);
      Checkpoint checkpoint =
          new Checkpoint(file, channel, channel.size(), format, list(file, channel, format));
      opened = true;
      return checkpoint;
    } catch (MalformedCheckpointException e) {
      throw new ModelFileException(file, String.valueOf(e.getMessage()), e);
    } catch (ArithmeticException e) {
      throw new ModelFileException(file, "damaged: a tensor of more than 2^63 bytes", e);
    } catch (IOException e) {
      throw new ModelFileException(file, "cannot be read: " + e, e);
    } finally {
      if (!opened) {
        close(file, channel);
      }
    }
  }

  private static Format format(FileChannel channel) throws IOException {
    byte[] first = new byte[(int) Math.min(16, channel.size())];
    fill(channel, ByteBuffer.wrap(first), 0);
    if (startsWith(first, TorchCheckpoint.ZIP) || startsWith(first, TorchCheckpoint.MAGIC)) {
      return Format.TORCH;
    }
    if (startsWith(first, HDF5)) {
      return Format.HDF5;
    }
    if (first.length > 8 && first[8] == '{') {
      return Format.SAFETENSORS;
    }
    throw new MalformedCheckpointException(
        first.length == 0
            ? "empty, 0 bytes; expected safetensors, PyTorch's .pth or Keras' .h5"
            : "in an unknown format, it begins with \""
                + new String(first, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?")
                + "\"; expected safetensors, PyTorch's .pth or Keras' .h5",
        null);
  }

  private static Map<String, StoredTensor> list(Path file, FileChannel channel, Format format)
      throws IOException {
    try {
      return switch (format) {
        case SAFETENSORS -> Safetensors.tensors(channel);
        case TORCH -> TorchCheckpoint.tensors(file, channel);
        case HDF5 -> Hdf5Checkpoint.tensors(file, channel);
      };
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          file
              + ": reading this format takes "
              + (format == Format.HDF5 ? "io.jhdf:jhdf" : "org.apache.commons:commons-compress")
              + ", which is not on the class path; add it, or convert the weights to safetensors",
          e);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] start) {
    return bytes.length >= start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  Format format() {
    return format;
  }

  /** Whether there is a tensor of this name. */
  boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /**
   * Looks a tensor up.
   *
   * @param name as in the file
   * @param shape that it must have
   * @throws ModelFileException if it is missing, cut off, of another shape, or not of 32-bit
   *     floating point numbers
   */
  StoredTensor float32(String name, long... shape) {
    String expected = "expected " + StoredTensor.text(StoredTensor.FLOAT32, shape);
    StoredTensor found = tensors.get(name);
    if (found == null) {
      throw fail("there is no tensor " + name + ", " + expected + "; found " + listed(), null);
    }
    if (!found.type().equals(StoredTensor.FLOAT32) || !Arrays.equals(found.shape(), shape)) {
      throw fail("the tensor " + name + " is " + found + ", " + expected, null);
    }
    if (found.offset() < 0 || found.offset() > size - found.bytes()) {
      throw fail(
          "truncated: the tensor "
              + name
              + ", "
              + found
              + ", ends at byte "
              + Long.toUnsignedString(found.offset() + found.bytes())
              + ", the file at "
              + size
              + "; "
              + expected,
          null);
    }
    return found;
  }

  private String listed() {
    return tensors.isEmpty()
        ? "none"
        : tensors.entrySet().stream()
            .limit(LISTED)
            .map(tensor -> tensor.getKey() + " " + tensor.getValue())
            .collect(
                Collectors.joining(
                    ", ",
                    "",
                    tensors.size() > LISTED ? ", ... " + tensors.size() + " in all" : ""));
  }

  /** Reads a tensor's numbers to a buffer's position, which moves past them. */
  void read(StoredTensor tensor, ByteBuffer into) {
    ByteBuffer part = into.slice(into.position(), (int) tensor.bytes());
    try {
      fill(channel, part, tensor.offset());
    } catch (IOException e) {
      throw fail("cannot be read: " + e, e);
    }
    into.position(into.position() + part.capacity());
  }

  /** Maps a tensor's numbers into memory, so that they take none that the system cannot reclaim. */
  ByteBuffer map(StoredTensor tensor) {
    try {
      return channel
          .map(MapMode.READ_ONLY, tensor.offset(), tensor.bytes())
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw fail("cannot be mapped into memory: " + e, e);
    }
  }

  private ModelFileException fail(String reason, @Nullable Throwable cause) {
    return new ModelFileException(file, reason, cause);
  }

  /** Fills a buffer with what stands at a position of a file. */
  static void fill(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new EOFException("the file ends at byte " + at);
      }
      at += read;
    }
    buffer.flip();
  }

  /** Closes the file. What was mapped stays mapped. */
  @Override
  public void close() {
    close(file, channel);
  }

  private static void close(Path file, FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new ModelFileException(file, "cannot be closed: " + e, e);
    }
  }
}
