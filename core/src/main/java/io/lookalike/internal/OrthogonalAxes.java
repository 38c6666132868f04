package io.lookalike.internal;

import io.lookalike.math.VectorMath;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntConsumer;

/**
 * Nearly orthonormal axes along which a sample extends most, by orthogonal iteration on its second
 * moments (Golub and Van Loan, <i>Matrix Computations</i>, 4th edition, section 8.2.4). In float
 * and roughly, for those who can do with any axes and only want good ones.
 */
public final class OrthogonalAxes {

  private static final VectorMath MATH = VectorMath.active();
  private static final int TILE = 64;
  private static final float NEGLIGIBLE = 1e-4f;

  private OrthogonalAxes() {}

  /** How numbered tasks are done: one after the other or by several threads. */
  @FunctionalInterface
  public interface Loop {

    /**
     * Does the tasks 0 to {@code tasks - 1} and waits until all are done.
     *
     * @param tasks their number
     * @param task does one of them
     */
    void run(int tasks, IntConsumer task);
  }

  /**
   * Finds axes. The same for the same sample, whatever the loop.
   *
   * @param sample rows, one after the other; centred, if the axes are to be principal ones
   * @param rows their number
   * @param dimension of each
   * @param count number of axes, at most the dimension
   * @param iterations how often to come closer: 4 are good, more are better
   * @param loop does the work
   * @return the axes, one after the other, that of the greatest extent first
   */
  public static float[] of(
      float[] sample, int rows, int dimension, int count, int iterations, Loop loop) {
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
    orthonormalize(axes, count, dimension, random);
    var coordinates = new float[count * rows];
    for (int i = 0; i < iterations; i++) {
      multiply(axes, count, sample, rows, dimension, coordinates, loop);
      multiply(coordinates, count, columns, dimension, rows, axes, loop);
      orthonormalize(axes, count, dimension, random);
    }
    return axes;
  }

  /** {@code target = left right'}, with the rows of both one after the other. */
  private static void multiply(
      float[] left,
      int leftRows,
      float[] right,
      int rightRows,
      int length,
      float[] target,
      Loop loop) {
    var leftOffsets = new int[leftRows];
    Arrays.setAll(leftOffsets, l -> l * length);
    loop.run(
        (rightRows + TILE - 1) / TILE,
        number -> {
          int from = number * TILE;
          int n = Math.min(TILE, rightRows - from);
          var offsets = new int[n];
          Arrays.setAll(offsets, r -> (from + r) * length);
          var products = new float[leftRows * n];
          MATH.dots(left, leftOffsets, leftRows, right, offsets, n, length, products);
          for (int l = 0; l < leftRows; l++) {
            System.arraycopy(products, l * n, target, l * rightRows + from, n);
          }
        });
  }

  /** Gram and Schmidt's, twice, which is as good as exact (Kahan and Parlett). */
  private static void orthonormalize(float[] axes, int count, int dimension, Random random) {
    for (int a = 0; a < count; a++) {
      int at = a * dimension;
      for (int pass = 0; pass < 2; pass++) {
        float before = MATH.norm(axes, at, dimension);
        for (int b = 0; b < a; b++) {
          float along = MATH.dot(axes, at, axes, b * dimension, dimension);
          for (int c = 0; c < dimension; c++) {
            axes[at + c] -= along * axes[b * dimension + c];
          }
        }
        float norm = MATH.norm(axes, at, dimension);
        if (!(norm > NEGLIGIBLE * before)) {
          // What is left is rounding: the sample does not extend so far, and any direction will do.
          for (int c = 0; c < dimension; c++) {
            axes[at + c] = (float) random.nextGaussian();
          }
          pass = -1;
          continue;
        }
        for (int c = 0; c < dimension; c++) {
          axes[at + c] /= norm;
        }
      }
    }
  }
}
