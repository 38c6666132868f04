package io.lookalike.math;

/**
 * What the methods of {@link SimdVectorMath} and {@link SimdCodeMath} compute in floats that a
 * graph's searches use, lane by lane in plain Java and with the same bits. Until the compiler has
 * made machine code of those, each of their steps is a call that makes an object, and this is many
 * times quicker, see {@link WarmUp}.
 */
final class Lanes {

  private static final int CHAINS = 4;

  private final int lanes;

  /**
   * For vectors of so many floats.
   *
   * @param lanes a power of 2
   */
  Lanes(int lanes) {
    this.lanes = lanes;
  }

  /** {@link VectorMath#dot}. */
  float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
    var sums = new float[CHAINS * lanes];
    int i = 0;
    for (int end = length - length % sums.length; i < end; i += sums.length) {
      for (int lane = 0; lane < sums.length; lane++) {
        sums[lane] = Math.fma(a[aOffset + i + lane], b[bOffset + i + lane], sums[lane]);
      }
    }
    for (; i <= length - lanes; i += lanes) {
      for (int lane = 0; lane < lanes; lane++) {
        sums[lane] = Math.fma(a[aOffset + i + lane], b[bOffset + i + lane], sums[lane]);
      }
    }
    float rest = 0;
    for (; i < length; i++) {
      rest += a[aOffset + i] * b[bOffset + i];
    }
    return sum(sums) + rest;
  }

  /** {@link VectorMath#dots(float[], float[][], int, float[])}. */
  void dots(float[] query, float[][] rows, int count, float[] target) {
    for (int r = 0; r < count; r++) {
      target[r] = dot(query, 0, rows[r], 0, query.length);
    }
  }

  /** All lanes of four vectors, in the order of {@link SimdVectorMath#sum}. */
  private float sum(float[] sums) {
    for (int lane = 0; lane < lanes; lane++) {
      sums[lane] =
          (sums[lane] + sums[lanes + lane]) + (sums[2 * lanes + lane] + sums[3 * lanes + lane]);
    }
    for (int half = lanes / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        sums[lane] += sums[half + lane];
      }
    }
    return sums[0];
  }

  /** {@link CodeMath#addWeighted(byte[], int, float[], int[], int, float[])}. */
  static void addWeighted(
      byte[] codes, int offset, float[] weights, int[] which, int count, float[] sums) {
    for (int n = 0; n < count; n++) {
      addWeighted(codes, offset + which[n] * CodeMath.BLOCK, weights[which[n]], sums);
    }
  }

  private static void addWeighted(byte[] codes, int at, float weight, float[] sums) {
    for (int i = 0; i < CodeMath.BLOCK; i++) {
      sums[i] = Math.fma(codes[at + i], weight, sums[i]);
    }
  }
}
