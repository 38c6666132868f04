package io.lookalike.index.bruteforce;

import io.lookalike.internal.OrthogonalAxes;
import io.lookalike.math.VectorMath;

/**
 * Nearly orthonormal axes, those along which a sample extends most first.
 *
 * <p>The bounds of {@link Pruner} hold for any orthonormal axes; how much they prune depends on
 * these. So the axes may be found roughly, but how far they are from orthonormal must be known:
 * {@link #deviation()}.
 */
final class Rotation {

  private static final VectorMath MATH = VectorMath.active();
  private static final int ITERATIONS = 5;

  private final float[] axes;
  private final int[] offsets;
  private final int dimension;
  private final int count;
  private final double deviation;

  private Rotation(float[] axes, int dimension, int count) {
    this.axes = axes;
    this.dimension = dimension;
    this.count = count;
    this.offsets = offsets(count, dimension);
    this.deviation = measureDeviation();
  }

  /**
   * Finds axes.
   *
   * @param sample rows of unit length, one after the other
   * @param rows their number
   * @param dimension of each
   * @param count number of axes, at most the dimension
   * @param threads number of those that may work on it
   */
  static Rotation of(float[] sample, int rows, int dimension, int count, int threads) {
    float[] axes =
        OrthogonalAxes.of(
            sample,
            rows,
            dimension,
            count,
            ITERATIONS,
            (tasks, task) -> Workers.run(threads, tasks, () -> task::accept));
    return new Rotation(axes, dimension, count);
  }

  int count() {
    return count;
  }

  /**
   * How far the axes are from orthonormal: with P their matrix, a bound of the spectral norm of
   * {@code P P' - I}, and so of the distance of P from the orthonormal matrix nearest to it.
   */
  double deviation() {
    return deviation;
  }

  long memoryBytes() {
    return (long) axes.length * Float.BYTES;
  }

  /** Writes rows' first coordinates to {@code target}, one row's after the other. */
  void apply(float[] rows, int[] rowOffsets, int rowCount, int coordinates, float[] target) {
    MATH.dots(rows, rowOffsets, rowCount, axes, offsets, coordinates, dimension, target);
  }

  private double measureDeviation() {
    double largest = 0;
    for (int i = 0; i < count; i++) {
      double row = 0;
      for (int j = 0; j < count; j++) {
        double product = i == j ? -1 : 0;
        for (int c = 0; c < dimension; c++) {
          product += (double) axes[i * dimension + c] * axes[j * dimension + c];
        }
        row += Math.abs(product);
      }
      largest = Math.max(largest, row);
    }
    return largest;
  }

  private static int[] offsets(int count, int length) {
    var offsets = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = i * length;
    }
    return offsets;
  }
}
