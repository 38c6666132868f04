package io.lookalike.index.hnsw;

import io.lookalike.internal.OrthogonalAxes;
import io.lookalike.math.CodeMath;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

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

  /** A few iterations do, as any axes give correct codes, only longer ones. */
  private static final int ITERATIONS = 4;

  /** Else codes of a sample that is all alike would fit nothing else. */
  private static final float LEAST_STEP = 1e-4f;

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
  private final float expectedError;

  /**
   * Puts a quantizer together again.
   *
   * @param axes as {@link #axes} gives them
   * @param expectedError as {@link #expectedError} gives it
   */
  Quantizer(
      float[] mean, byte[] axes, float[] scales, float[] centre, float step, float expectedError) {
    this.dimension = mean.length;
    this.length = (scales.length + PADDING - 1) / PADDING * PADDING;
    this.mean = mean;
    this.meanSquare = MATH.dot(mean, 0, mean, 0, dimension);
    this.axes = axes;
    this.scales = scales;
    this.centre = centre;
    this.step = step;
    this.expectedError = expectedError;
  }

  private Quantizer expecting(float error) {
    return new Quantizer(mean, axes, scales, centre, step, error);
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
    var uncentred = new Quantizer(mean, rounded, scales, new float[count], step, 0);
    return new Quantizer(mean, rounded, scales, new Encoder(uncentred).coordinates(mean), step, 0);
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

  /**
   * What a code loses on average of a vector that was not learnt from, see {@link Encoder#error}; 0
   * if unknown.
   */
  float expectedError() {
    return expectedError;
  }

  /** The mean's square. */
  float meanSquare() {
    return meanSquare;
  }

  /** From so many products learnt from, codes are as good as they get. */
  static final int LEARNT_ENOUGH = 16_384;

  /** From the codes of so many vectors one can tell how well they are coded. */
  static final int ENOUGH_TO_TELL = 256;

  /** At most so many are learnt from, */
  private static final int MOST_SAMPLED = 3072;

  /** and to each so many comes one that is only measured. */
  private static final int SAMPLED_TO_MEASURED = 8;

  /** Of vectors nearer than this share of the usual squared distance, one stands for all. */
  private static final double ALIKE = .002;

  /** Among so many that look alike from one side, alike ones are sought. */
  private static final int SIDE_BY_SIDE = 16;

  /**
   * Learns from a catalogue's vectors.
   *
   * @param all of them, at least 1, in an order that has nothing to do with what they are
   * @param dimension of each
   */
  static Quantizer learn(List<Node> all, int dimension, int threads) {
    int picked =
        Math.min(all.size(), MOST_SAMPLED * (SAMPLED_TO_MEASURED + 1) / SAMPLED_TO_MEASURED);
    var sample = new ArrayList<UnitVector>(picked);
    var measured = new ArrayList<UnitVector>();
    for (int i = 0; i < picked; i++) {
      UnitVector vector = all.get((int) ((long) i * all.size() / picked)).vector();
      boolean learn = i % (SAMPLED_TO_MEASURED + 1) < SAMPLED_TO_MEASURED;
      (learn ? sample : measured).add(vector);
    }
    Quantizer learnt = of(distinct(sample, dimension), dimension, threads);
    float error = 0;
    var encoder = new Encoder(learnt);
    for (UnitVector vector : measured) {
      error += encoder.errorOf(vector) / measured.size();
    }
    if (picked < all.size()) {
      return learnt.expecting(error);
    }
    // Of few, each is needed to learn from.
    sample.addAll(measured);
    return of(distinct(sample, dimension), dimension, threads).expecting(error);
  }

  /** One of each group of nearly equal vectors, so that a thousand of a kind count once. */
  private static List<UnitVector> distinct(List<UnitVector> sample, int dimension) {
    var random = new Random(1);
    var direction = new float[dimension];
    var mean = new float[dimension];
    var values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      direction[i] = (float) random.nextGaussian();
    }
    var side = new double[sample.size()];
    for (int i = 0; i < side.length; i++) {
      sample.get(i).copyTo(values, 0);
      side[i] = MATH.dot(direction, 0, values, 0, dimension);
      for (int j = 0; j < dimension; j++) {
        mean[j] += values[j] / side.length;
      }
    }
    double alike = Math.max(1e-6, ALIKE * (1 - MATH.dot(mean, 0, mean, 0, dimension)));
    Integer[] order = new Integer[side.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> side[i]));
    var distinct = new ArrayList<UnitVector>();
    for (int i : order) {
      UnitVector vector = sample.get(i);
      boolean isNew = true;
      for (int j = Math.max(0, distinct.size() - SIDE_BY_SIDE); j < distinct.size() && isNew; j++) {
        isNew = 1 - distinct.get(j).cosine(vector) > alike;
      }
      if (isNew) {
        distinct.add(vector);
      }
    }
    return distinct;
  }

  private static Quantizer of(List<UnitVector> sample, int dimension, int threads) {
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
    OrthogonalAxes.Loop loop = (tasks, task) -> Parallel.run(threads, tasks, 1, () -> task::accept);
    for (int attempt = 0; ; attempt++) {
      int count = Math.min(dimension, AXES[attempt]);
      float[] axes = OrthogonalAxes.of(values, rows, dimension, count, ITERATIONS, loop);
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
      return Math.max(largest, LEAST_STEP);
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
