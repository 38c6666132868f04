package io.lookalike.datasets.vectors;

import io.lookalike.features.FeatureSet;
import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.stream.IntStream;

/**
 * Vectors of one length, as rows of floating-point numbers. For one thread. Rows that stay in their
 * file may throw an {@link java.io.UncheckedIOException} where they are asked for.
 */
public interface Vectors extends FeatureSet, Iterable<float[]>, Closeable {

  /**
   * Returns a copy of a row.
   *
   * @param index from 0 to {@code size() - 1}
   * @return {@link #dimension()} numbers, as the file has them: of any length, and perhaps not
   *     finite
   * @throws IndexOutOfBoundsException if there is no such row
   */
  default float[] row(int index) {
    var copy = new float[dimension()];
    copyRow(index, copy, 0);
    return copy;
  }

  /**
   * Copies of all rows in their order, each made when it is asked for.
   *
   * @return an iterator over {@link #size()} rows
   */
  @Override
  default Iterator<float[]> iterator() {
    return IntStream.range(0, size()).mapToObj(this::row).iterator();
  }

  /** Frees the file, whose rows cannot be read any more. */
  @Override
  void close() throws IOException;
}
