package io.lookalike.index.hnsw;

import io.lookalike.math.CodeMath;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.List;

/**
 * How to make of a vector a code of a byte for each of its leading coordinates: the vector is
 * centred, rotated to the catalogue's principal axes, cut off, and rounded to multiples of one step
 * for all coordinates. Where the catalogue extends less, fewer of the byte's values occur; that is
 * how the error comes out least for a given number of values (as in reverse water-filling, Cover
 * and Thomas, <i>Elements of Information Theory</i>, section 10.3.3).
 *
 * <p>With c the coordinates, a query q and a product x are the closer, the greater {@code c(q) c(x)
 * - |c(x)|^2 / 2}. The second term is the product's <i>bias</i>. It is computed from the rounded
 * coordinates, so that between near ones the rounding errors of both terms cancel. Of the square of
 * what the axes leave out it counts half: a near neighbour shares some of that with the query, a
 * far one does not.
 *
 * <p>All arithmetic is such that the same vectors give the same codes at every run. {@link Encoder}
 * does it.
 */
final class Quantizer {

  private static final VectorMath MATH = VectorMath.active();

  /** Codes are at most so long, so that {@link CodeMath#dot} multiplies them exactly. */
  static final int MOST_NORM = 181;

  static final int MOST_CODE = 127;

  /** Codes fill whole vector registers; what is beyond the last axis is 0. */
  private static final int PADDING = 32;

  /** Numbers of axes to try, and the share of the variance that is enough. */
  private static final int[] AXES = {128, 256, 512};

  private static final double ENOUGH = .92;

  private final int dimension;
  private final int length;
  private final float[] mean;
  private final float meanSquare;

  /**
   * The axes, rounded to multiples of one number for each, in {@linkplain CodeMath blocks} of
   * {@value CodeMath#BLOCK}.
   */
  private final byte[] axes;

  /** For each axis: what its products are multiplied with to get steps, and the mean's. */
  private final float[] scales;

  private final float[] centre;
  private final float step;

  /**
   * Puts a quantizer together again.
   *
   * @param axes as {@link #axes} gives them
   */
  Quantizer(float[] mean, byte[] axes, float[] scales, float[] centre, float step) {
    this.dimension = mean.length;
    this.length = (scales.length + PADDING - 1) / PADDING * PADDING;
    this.mean = mean;
    this.meanSquare = MATH.dot(mean, 0, mean, 0, dimension);
    this.axes = axes;
    this.scales = scales;
    this.centre = centre;
    this.step = step;
  }

  private static Quantizer of(float[] mean, float[] axes, int count, float step) {
    int dimension = mean.length;
    var rounded = new byte[axesBytes(dimension, count)];
    var scales = new float[count];
    for (int a = 0; a < count; a++) {
      float largest = 0;
      for (int i = 0; i < dimension; i++) {
        largest = Math.max(largest, Math.abs(axes[a * dimension + i]));
      }
      int at = a / CodeMath.BLOCK * dimension * CodeMath.BLOCK + a % CodeMath.BLOCK;
      for (int i = 0; i < dimension; i++) {
        rounded[at + i * CodeMath.BLOCK] =
            (byte) Math.round(axes[a * dimension + i] / largest * MOST_CODE);
      }
      scales[a] = largest / MOST_CODE / step;
    }
    var uncentred = new Quantizer(mean, rounded, scales, new float[count], step);
    return new Quantizer(mean, rounded, scales, new Encoder(uncentred).coordinates(mean), step);
  }

  /** How many bytes the axes take. */
  static int axesBytes(int dimension, int count) {
    int blocks = (count + CodeMath.BLOCK - 1) / CodeMath.BLOCK;
    return Math.multiplyExact(blocks * CodeMath.BLOCK, dimension);
  }

  float[] mean() {
    return mean;
  }

  byte[] axes() {
    return axes;
  }

  float[] scales() {
    return scales;
  }

  float[] centre() {
    return centre;
  }

  float step() {
    return step;
  }

  /** The mean's square. */
  float meanSquare() {
    return meanSquare;
  }

  /**
   * Learns from some of a catalogue's vectors.
   *
   * @param sample at least 1 vector
   * @param dimension of each
   */
  static Quantizer of(List<UnitVector> sample, int dimension) {
    int rows = sample.size();
    var values = new float[rows * dimension];
    var mean = new double[dimension];
    for (int r = 0; r < rows; r++) {
      sample.get(r).copyTo(values, r * dimension);
      for (int i = 0; i < dimension; i++) {
        mean[i] += values[r * dimension + i];
      }
    }
    var centre = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      centre[i] = (float) (mean[i] / rows);
    }
    double variance = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] -= centre[i % dimension];
      variance += (double) values[i] * values[i];
    }
    for (int attempt = 0; ; attempt++) {
      int count = Math.min(dimension, AXES[attempt]);
      float[] axes = PrincipalAxes.of(values, rows, dimension, count);
      var spread = new Spread(values, rows, dimension, axes, count);
      int enough = spread.axesFor(ENOUGH * variance);
      if (enough < count || count == dimension || attempt == AXES.length - 1) {
        return of(centre, axes, enough, spread.step(enough));
      }
    }
  }

  /** How far a sample extends along axes. */
  private static final class Spread {
    private final int rows;
    private final int count;
    private final float[] coordinates;

    Spread(float[] values, int rows, int dimension, float[] axes, int count) {
      this.rows = rows;
      this.count = count;
      coordinates = new float[rows * count];
      for (int r = 0; r < rows; r++) {
        for (int a = 0; a < count; a++) {
          coordinates[r * count + a] =
              MATH.dot(values, r * dimension, axes, a * dimension, dimension);
        }
      }
    }

    /** How many axes, in whole paddings if there are, hold this sum of squares. */
    int axesFor(double squares) {
      double sum = 0;
      for (int a = 0; a < count; a++) {
        for (int r = 0; r < rows; r++) {
          sum += (double) coordinates[r * count + a] * coordinates[r * count + a];
        }
        if (sum >= squares) {
          return Math.min(count, (a / PADDING + 1) * PADDING);
        }
      }
      return count;
    }

    /** The least step with which no vector of the sample is cut short. */
    float step(int axes) {
      float largest = Float.MIN_NORMAL;
      for (int r = 0; r < rows; r++) {
        float norm = MATH.norm(coordinates, r * count, axes);
        largest = Math.max(largest, norm / MOST_NORM);
        for (int a = 0; a < axes; a++) {
          largest = Math.max(largest, Math.abs(coordinates[r * count + a]) / MOST_CODE);
        }
      }
      return Math.max(largest, 1e-6f);
    }
  }

  /** Bytes of a code. */
  int length() {
    return length;
  }

  /** What a unit of the products of codes is worth, as similarity. */
  float unit() {
    return step * step;
  }

  long memoryBytes() {
    return axes.length + 4L * (mean.length + scales.length + centre.length);
  }
}
