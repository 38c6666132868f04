package io.lookalike.index.hnsw;

import io.lookalike.math.CodeMath;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.Arrays;

/**
 * Makes codes of vectors as a {@link Quantizer} says, in arrays of its own: to have new ones for
 * each search would cost it a twentieth. For use by one thread.
 */
final class Encoder {

  private static final VectorMath MATH = VectorMath.active();
  private static final CodeMath CODES = CodeMath.active();

  /** So that a bias, a product of codes and another bias together fit into an int. */
  static final int MOST_BIAS = 1 << 29;

  private final Quantizer quantizer;
  private final float[] mean;
  private final float[] scales;
  private final float[] centre;
  private final float[] values;
  private final int[] others;
  private final float[] sums = new float[CodeMath.BLOCK];
  private final float[] coordinates;
  private final short[] code;
  private float error;

  Encoder(Quantizer quantizer) {
    this.quantizer = quantizer;
    mean = quantizer.mean();
    scales = quantizer.scales();
    centre = quantizer.centre();
    values = new float[mean.length];
    others = new int[mean.length + 1];
    coordinates = new float[scales.length];
    code = new short[quantizer.length()];
  }

  /**
   * Writes a vector's code.
   *
   * @return its bias
   */
  int encode(UnitVector vector, byte[] codes, int offset) {
    vector.copyTo(values, 0);
    rotate();
    float all =
        (1 + quantizer.meanSquare() - 2 * MATH.dot(mean, 0, values, 0, values.length))
            / quantizer.unit();
    float within = MATH.dot(coordinates, 0, coordinates, 0, coordinates.length);
    float shortened = 1 - shorten();
    float beyond = Math.max(0, all - within);
    error = quantizer.unit() * (beyond + shortened * shortened * within + code.length / 12f);
    int squares = round(code);
    for (int a = 0; a < code.length; a++) {
      codes[offset + a] = (byte) code[a];
    }
    return -Math.round(Math.min(MOST_BIAS, (squares + beyond / 2) / 2));
  }

  /**
   * What the code that was last written loses: the square of what the axes leave out, of what was
   * cut off to make it fit, and of what rounding makes of each number on average.
   */
  float error() {
    return error;
  }

  /** The same, of a vector's code that is not written. */
  float errorOf(UnitVector vector) {
    encode(vector, new byte[code.length], 0);
    return error;
  }

  /**
   * Writes a query's code.
   *
   * @param target receives it; zeros follow
   * @return what it was multiplied with to fit, at most 1; biases must be multiplied with the same
   */
  float encode(UnitVector vector, short[] target) {
    vector.copyTo(values, 0);
    rotate();
    float shrink = shorten();
    round(target);
    return shrink;
  }

  /** What a vector's coordinates are before they are rounded. */
  float[] coordinates(float[] vector) {
    System.arraycopy(vector, 0, values, 0, values.length);
    rotate();
    return coordinates.clone();
  }

  /** Computes the coordinates of the values. */
  private void rotate() {
    // Features that a rectifier has cut off at 0 are mostly zeros, and so are pictures on white.
    int count = 0;
    for (int i = 0; i < values.length; i++) {
      others[count] = i;
      int bits = Float.floatToRawIntBits(values[i]) << 1; // without the sign
      count += (bits | -bits) >>> 31; // 1 if there are any: without a branch
    }
    for (int from = 0; from < coordinates.length; from += CodeMath.BLOCK) {
      Arrays.fill(sums, 0);
      CODES.addWeighted(quantizer.axes(), from * values.length, values, others, count, sums);
      int to = Math.min(coordinates.length, from + CodeMath.BLOCK);
      for (int a = from; a < to; a++) {
        coordinates[a] = scales[a] * sums[a - from] - centre[a];
      }
    }
  }

  /** Makes the coordinates fit into codes, which all but those far from the sample do already. */
  private float shorten() {
    float largest = MATH.norm(coordinates, 0, coordinates.length) / Quantizer.MOST_NORM;
    for (float coordinate : coordinates) {
      // Math.max takes several times as long.
      if (Math.abs(coordinate) > largest * Quantizer.MOST_CODE) {
        largest = Math.abs(coordinate) / Quantizer.MOST_CODE;
      }
    }
    if (largest <= 1) {
      return 1;
    }
    for (int a = 0; a < coordinates.length; a++) {
      coordinates[a] /= largest;
    }
    return 1 / largest;
  }

  /** Rounds the coordinates to codes. Returns the sum of their squares. */
  private int round(short[] target) {
    int squares = 0;
    for (int a = 0; a < coordinates.length; a++) {
      int value = (int) Math.rint(coordinates[a]);
      target[a] = (short) value;
      squares += value * value;
    }
    // Rounding can carry a code past the longest: less of its last ones.
    for (int a = coordinates.length - 1; squares > Quantizer.MOST_NORM * Quantizer.MOST_NORM; a--) {
      int value = target[a];
      int less = value - Integer.signum(value);
      squares -= value * value - less * less;
      target[a] = (short) less;
    }
    return squares;
  }

  long memoryBytes() {
    return 4L * (values.length + others.length + coordinates.length) + 2L * code.length;
  }
}
