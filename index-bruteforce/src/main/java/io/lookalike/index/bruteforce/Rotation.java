package io.lookalike.index.bruteforce;

import io.lookalike.math.VectorMath;
import java.util.Random;

/**
 * Nearly orthonormal axes, those along which a sample extends most first.
 *
 * <p>The bounds of {@link Pruner} hold for any orthonormal axes; how much they prune depends on
 * these. So the axes may be found roughly, by orthogonal iteration on a sample's second moments
 * (Golub and Van Loan, <i>Matrix Computations</i>, 4th edition, section 8.2.4), but how far they
 * are from orthonormal must be known: {@link #deviation()}.
 */
final class Rotation {

  private static final VectorMath MATH = VectorMath.active();
  private static final int ITERATIONS = 5;
  private static final int TILE = 64;
  private static final float NEGLIGIBLE = 1e-4f;

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
   * @param rows how many
   * @param dimension of each
   * @param count how many axes, at most the dimension
   * @param threads how many may work on it
   */
  static Rotation of(float[] sample, int rows, int dimension, int count, int threads) {
    var columns = new float[sample.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < dimension; j++) {
        columns[j * rows + i] = sample[i * dimension + j];
      }
    }
    var random = new Random(1);
    var axes = new float[count * dimension];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = (float) random.nextGaussian();
    }
    orthonormalize(axes, count, dimension);
    var coordinates = new float[count * rows];
    for (int i = 0; i < ITERATIONS; i++) {
      multiply(axes, count, sample, rows, dimension, coordinates, threads);
      multiply(coordinates, count, columns, dimension, rows, axes, threads);
      orthonormalize(axes, count, dimension);
    }
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

  /** {@code target = left right'}, with the rows of both one after the other. */
  private static void multiply(
      float[] left,
      int leftRows,
      float[] right,
      int rightRows,
      int length,
      float[] target,
      int threads) {
    int[] leftOffsets = offsets(leftRows, length);
    Workers.run(
        threads,
        (rightRows + TILE - 1) / TILE,
        () -> {
          var tile = new int[TILE];
          var products = new float[leftRows * TILE];
          return number -> {
            int from = number * TILE;
            int n = Math.min(TILE, rightRows - from);
            for (int r = 0; r < n; r++) {
              tile[r] = (from + r) * length;
            }
            MATH.dots(left, leftOffsets, leftRows, right, tile, n, length, products);
            for (int l = 0; l < leftRows; l++) {
              System.arraycopy(products, l * n, target, l * rightRows + from, n);
            }
          };
        });
  }

  /** Gram and Schmidt's, twice, which is as good as exact (Kahan and Parlett). */
  private static void orthonormalize(float[] axes, int count, int dimension) {
    var random = new Random(2);
    for (int a = 0; a < count; a++) {
      for (int pass = 0; pass < 2; pass++) {
        float before = MATH.norm(axes, a * dimension, dimension);
        for (int b = 0; b < a; b++) {
          float along = MATH.dot(axes, a * dimension, axes, b * dimension, dimension);
          for (int c = 0; c < dimension; c++) {
            axes[a * dimension + c] -= along * axes[b * dimension + c];
          }
        }
        float norm = MATH.norm(axes, a * dimension, dimension);
        if (!(norm > NEGLIGIBLE * before)) {
          // What is left is rounding: the sample does not extend so far, and any direction will do.
          for (int c = 0; c < dimension; c++) {
            axes[a * dimension + c] = (float) random.nextGaussian();
          }
          pass = -1;
          continue;
        }
        for (int c = 0; c < dimension; c++) {
          axes[a * dimension + c] /= norm;
        }
      }
    }
  }

  private static int[] offsets(int count, int length) {
    var offsets = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = i * length;
    }
    return offsets;
  }
}
