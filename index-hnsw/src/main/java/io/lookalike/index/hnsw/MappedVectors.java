package io.lookalike.index.hnsw;

import io.lookalike.internal.SectionReader;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Vectors in a mapped file, read when they are needed. Each is checked when it is first read, so
 * that opening a file need not read them all. Safe for use by several threads.
 */
final class MappedVectors implements StoredVectors {

  /** A mapping holds at most 2 GiB. */
  private static final long PIECE_BYTES = 1L << 30;

  private final Path file;
  private final int dimension;
  private final int rowsPerPiece;
  private final ByteBuffer[] bytes;
  private final FloatBuffer[] floats;
  private final int[] checksums;
  private final AtomicLongArray checked;

  /**
   * Maps vectors.
   *
   * @param from where in the file they begin
   * @param checksums each row's CRC-32C
   */
  MappedVectors(Path file, FileChannel channel, long from, int dimension, int[] checksums)
      throws IOException {
    this.file = file;
    this.dimension = dimension;
    this.checksums = checksums;
    int rows = checksums.length;
    long rowBytes = 4L * dimension;
    rowsPerPiece = (int) Math.max(1, PIECE_BYTES / rowBytes);
    int pieces = (rows + rowsPerPiece - 1) / rowsPerPiece;
    bytes = new ByteBuffer[pieces];
    floats = new FloatBuffer[pieces];
    for (int i = 0; i < pieces; i++) {
      long first = (long) i * rowsPerPiece;
      long here = Math.min(rowsPerPiece, rows - first);
      bytes[i] =
          channel
              .map(FileChannel.MapMode.READ_ONLY, from + first * rowBytes, here * rowBytes)
              .order(ByteOrder.LITTLE_ENDIAN);
      floats[i] = bytes[i].asFloatBuffer();
    }
    checked = new AtomicLongArray((rows + Long.SIZE - 1) / Long.SIZE);
  }

  /**
   * Reads a vector.
   *
   * @throws UncheckedIOException if the file is damaged there
   */
  @Override
  public UnitVector read(int row) {
    int piece = row / rowsPerPiece;
    int inPiece = row % rowsPerPiece;
    var values = new float[dimension];
    floats[piece].get(inPiece * dimension, values);
    long bit = 1L << row;
    if ((checked.get(row >> 6) & bit) == 0) {
      var sum = new CRC32C();
      sum.update(bytes[piece].slice(inPiece * dimension * 4, dimension * 4));
      if ((int) sum.getValue() != checksums[row]) {
        throw damaged(row, null);
      }
      checked.accumulateAndGet(row >> 6, bit, (before, more) -> before | more);
    }
    try {
      return UnitVector.ofNormalized(values);
    } catch (IllegalArgumentException e) {
      throw damaged(row, e);
    }
  }

  private UncheckedIOException damaged(int row, @Nullable Throwable cause) {
    IOException damaged = SectionReader.damaged(file, "vectors, row " + row);
    if (cause != null) {
      damaged.initCause(cause);
    }
    return new UncheckedIOException(damaged);
  }
}
