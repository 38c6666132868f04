package io.lookalike.index.bruteforce;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * The finished part of a table that is being built: a header and then records of some products
 * each, every one with its checksum. A record that was cut off or damaged, and all after it, counts
 * as not written. {@code docs/format.md} has the format.
 */
final class TableCheckpoint implements Closeable {

  private static final long MAGIC = 0x3130544B50434C4CL; // "LLCPKT01"
  private static final int HEADER = 40;
  private static final int MOST_RECORD = 1 << 30;

  private final Path path;

  /** No channel, which would be closed when a thread that writes is interrupted. */
  private final RandomAccessFile file;

  private final int products;
  private final int length;
  private final int[] neighbors;
  private final float[] similarities;
  private final BitSet done = new BitSet();

  private TableCheckpoint(
      Path path,
      RandomAccessFile file,
      int products,
      int length,
      int[] neighbors,
      float[] similarities) {
    this.path = path;
    this.file = file;
    this.products = products;
    this.length = length;
    this.neighbors = neighbors;
    this.similarities = similarities;
  }

  /**
   * Begins a file, or reads what is there into the arrays.
   *
   * @throws IOException if the file was begun for something else
   */
  static TableCheckpoint open(
      Path path, int k, int products, long catalogue, int[] neighbors, float[] similarities)
      throws IOException {
    var file = new RandomAccessFile(path.toFile(), "rw");
    try {
      lock(path, file);
      int length = TableContent.length(k, products);
      var checkpoint = new TableCheckpoint(path, file, products, length, neighbors, similarities);
      ByteBuffer header = header(k, products, catalogue);
      if (file.length() == 0) {
        write(file, header);
      } else {
        checkHeader(path, read(file, HEADER), header, k);
        checkpoint.readRecords();
      }
      return checkpoint;
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /** Until the file is closed. */
  private static void lock(Path path, RandomAccessFile file) throws IOException {
    try {
      if (file.getChannel().tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      throw new IOException(path + " is in use by another build of this program", e);
    }
    throw new IOException(path + " is in use by another program");
  }

  private static ByteBuffer header(int k, int products, long catalogue) {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(MAGIC).putInt(k).putInt(products).putLong(catalogue).putLong(0);
    header.putInt(crc(header, 0, HEADER - 8)).putInt(0);
    return header.flip();
  }

  private static void checkHeader(Path path, ByteBuffer found, ByteBuffer expected, int k)
      throws IOException {
    if (found.remaining() < HEADER || found.getLong(0) != MAGIC) {
      throw new IOException(
          path + " is no checkpoint of a neighbour table; name another file, or delete it");
    }
    if (found.getInt(HEADER - 8) != crc(found, 0, HEADER - 8)) {
      throw new IOException(path + " is damaged (header); delete it to begin anew");
    }
    if (found.getInt(8) != k) {
      throw new IOException(
          path
              + " was begun with k = "
              + found.getInt(8)
              + ", not "
              + k
              + "; delete it to begin anew");
    }
    if (!found.equals(expected)) {
      throw new IOException(
          path
              + " was begun with other products ("
              + found.getInt(12)
              + " then, "
              + expected.getInt(12)
              + " now, or ids or vectors have changed); delete it to begin anew");
    }
  }

  private void readRecords() throws IOException {
    long good = HEADER;
    while (true) {
      ByteBuffer head = read(file, Integer.BYTES);
      int rows = head.remaining() < Integer.BYTES ? 0 : head.getInt();
      long size = (long) rows * Integer.BYTES * (1 + 2L * length) + Integer.BYTES;
      if (rows < 1 || rows > products || size > MOST_RECORD) {
        break;
      }
      ByteBuffer record = read(file, (int) size);
      if (record.remaining() < size
          || record.getInt((int) size - Integer.BYTES) != crc(record, 0, (int) size - Integer.BYTES)
          || !take(record, rows)) {
        break;
      }
      good += Integer.BYTES + size;
    }
    file.setLength(good);
    file.seek(good);
  }

  private boolean take(ByteBuffer record, int rows) {
    for (int i = 0; i < rows; i++) {
      int product = record.getInt();
      if (product < 0 || product >= products) {
        return false;
      }
      for (int j = 0; j < length; j++) {
        neighbors[product * length + j] = record.getInt();
        similarities[product * length + j] = record.getFloat();
      }
      done.set(product);
    }
    return true;
  }

  /** The products that are not finished. */
  int[] missing() {
    var missing = new BitSet(products);
    missing.set(0, products);
    missing.andNot(done);
    return missing.stream().toArray();
  }

  /** Adds finished products, whose neighbours are in the arrays. */
  synchronized void append(int[] ordinals, int from, int to) {
    int size = (to - from) * Integer.BYTES * (1 + 2 * length) + Integer.BYTES;
    ByteBuffer record = ByteBuffer.allocate(size + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(to - from);
    for (int i = from; i < to; i++) {
      record.putInt(ordinals[i]);
      for (int j = ordinals[i] * length; j < (ordinals[i] + 1) * length; j++) {
        record.putInt(neighbors[j]).putFloat(similarities[j]);
      }
    }
    record.putInt(crc(record, Integer.BYTES, size - Integer.BYTES));
    try {
      write(file, record);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void delete() throws IOException {
    file.close();
    Files.delete(path);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static int crc(ByteBuffer bytes, int offset, int length) {
    var checksum = new CRC32C();
    checksum.update(bytes.slice(offset, length));
    return (int) checksum.getValue();
  }

  private static void write(RandomAccessFile file, ByteBuffer bytes) throws IOException {
    file.write(bytes.array(), bytes.arrayOffset(), bytes.capacity());
  }

  private static ByteBuffer read(RandomAccessFile file, int bytes) throws IOException {
    var read = new byte[(int) Math.min(bytes, file.length() - file.getFilePointer())];
    file.readFully(read);
    return ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
  }
}
