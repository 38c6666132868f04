package io.lookalike.index.hnsw;

import io.lookalike.math.VectorMath;
import java.util.Random;

/**
 * The orthonormal axes along which a sample extends most, nearly: by orthogonal iteration on its
 * second moments (Golub and Van Loan, <i>Matrix Computations</i>, 4th edition, section 8.2.4). A
 * few iterations do, as any axes give correct codes, only longer ones.
 */
final class PrincipalAxes {

  private static final VectorMath MATH = VectorMath.active();
  private static final int ITERATIONS = 4;
  private static final int TILE = 32;
  private static final float NEGLIGIBLE = 1e-4f;

  private PrincipalAxes() {}

  /**
   * Finds axes.
   *
   * @param sample centred rows, one after the other
   * @param rows how many
   * @param dimension of each
   * @param count how many axes, at most the dimension
   * @return the axes, one after the other, that of the greatest extent first
   */
  static float[] of(float[] sample, int rows, int dimension, int count) {
    var random = new Random(1);
    var axes = new float[count * dimension];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = (float) random.nextGaussian();
    }
    orthonormalize(axes, count, dimension, random);
    var columns = new float[sample.length];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < dimension; i++) {
        columns[i * rows + r] = sample[r * dimension + i];
      }
    }
    var coordinates = new float[count * rows];
    for (int i = 0; i < ITERATIONS; i++) {
      multiply(axes, count, sample, rows, dimension, coordinates);
      multiply(coordinates, count, columns, dimension, rows, axes);
      orthonormalize(axes, count, dimension, random);
    }
    return axes;
  }

  /** {@code target = left right'}, with the rows of both one after the other. */
  private static void multiply(
      float[] left, int leftRows, float[] right, int rightRows, int length, float[] target) {
    for (int from = 0; from < rightRows; from += TILE) {
      int to = Math.min(rightRows, from + TILE);
      for (int l = 0; l < leftRows; l++) {
        for (int r = from; r < to; r++) {
          target[l * rightRows + r] = MATH.dot(left, l * length, right, r * length, length);
        }
      }
    }
  }

  /** Gram and Schmidt's, twice, which is as good as exact (Kahan and Parlett). */
  private static void orthonormalize(float[] axes, int count, int dimension, Random random) {
    for (int a = 0; a < count; a++) {
      int at = a * dimension;
      for (int pass = 0; pass < 2; pass++) {
        float before = MATH.norm(axes, at, dimension);
        for (int b = 0; b < a; b++) {
          float along = MATH.dot(axes, at, axes, b * dimension, dimension);
          for (int i = 0; i < dimension; i++) {
            axes[at + i] -= along * axes[b * dimension + i];
          }
        }
        float norm = MATH.norm(axes, at, dimension);
        if (!(norm > NEGLIGIBLE * before)) {
          // What is left is rounding: the sample does not extend so far, and any direction will do.
          for (int i = 0; i < dimension; i++) {
            axes[at + i] = (float) random.nextGaussian();
          }
          pass = -1;
          continue;
        }
        for (int i = 0; i < dimension; i++) {
          axes[at + i] /= norm;
        }
      }
    }
  }
}
