package io.lookalike.datasets.vectors;

import io.lookalike.internal.FullReads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The rows of a NumPy file, read from the file as they are asked for, so that it may be larger than
 * the heap. For one thread.
 */
public final class NpyMatrix implements Vectors {

  private final FileChannel channel;
  private final NpyHeader header;
  private final int rows;
  private final ByteBuffer row;

  private NpyMatrix(Path file, FileChannel channel) throws IOException {
    this.channel = channel;
    this.header = NpyHeader.read(file, channel);
    if (header.rows() > Integer.MAX_VALUE) {
      throw new VectorFileException(
          file + " has " + header.rows() + " rows, expected at most " + Integer.MAX_VALUE);
    }
    this.rows = (int) header.rows();
    this.row =
        ByteBuffer.allocate(Math.multiplyExact(header.columns(), header.numberBytes()))
            .order(header.byteOrder());
  }

  /**
   * Opens a file.
   *
   * @param file as {@code lookalike embed} and {@code numpy.save} write it
   * @return its rows, to be closed
   * @throws VectorFileException if it is missing or holds anything but a matrix of float32 or
   *     float64 in C order
   * @throws IOException if it cannot be read
   */
  public static NpyMatrix open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new VectorFileException(
          Files.exists(file) ? file + " is no file" : "there is no file " + file);
    }
    FileChannel channel = FileChannel.open(file);
    try {
      return new NpyMatrix(file, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public int size() {
    return rows;
  }

  @Override
  public int dimension() {
    return header.columns();
  }

  @Override
  public void copyRow(int index, float[] target, int offset) {
    Objects.checkIndex(index, rows);
    row.clear();
    try {
      FullReads.readFully(channel, header.length() + (long) index * row.capacity(), row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (header.numberBytes() == Float.BYTES) {
      row.asFloatBuffer().get(target, offset, dimension());
    } else {
      for (int i = 0; i < dimension(); i++) {
        target[offset + i] = (float) row.getDouble();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
