package io.lookalike.datasets.vectors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * Writes a NumPy {@code .npy} file of little-endian float32, row by row; how many rows there will
 * be need not be known before. For one thread.
 */
public final class NpyWriter {

  private final FileChannel channel;
  private final int dimension;
  private final ByteBuffer row;
  private long rows;

  /**
   * Begins a file.
   *
   * @param channel empty, and writable; closing it stays the caller's
   * @param dimension of each row, at least 1
   * @throws IOException if the file cannot be written
   */
  public NpyWriter(FileChannel channel, int dimension) throws IOException {
    this.channel = channel;
    this.dimension = dimension;
    this.row = ByteBuffer.allocate(dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    writeFully(NpyHeader.write(0, dimension));
  }

  /**
   * Writes the next row.
   *
   * @param numbers as many as a row has
   * @throws IllegalArgumentException if there are fewer or more
   * @throws IOException if the file cannot be written
   */
  public void write(float[] numbers) throws IOException {
    if (numbers.length != dimension) {
      throw new IllegalArgumentException(
          "row " + rows + " has " + numbers.length + " numbers, expected " + dimension);
    }
    row.clear().asFloatBuffer().put(numbers);
    writeFully(row);
    rows++;
  }

  /**
   * Number of rows written until now.
   *
   * @return at least 0
   */
  public long rows() {
    return rows;
  }

  /**
   * Completes the file: writes at its beginning how many rows it has.
   *
   * @throws IOException if the file cannot be written
   */
  public void finish() throws IOException {
    channel.position(0);
    writeFully(NpyHeader.write(rows, dimension));
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
