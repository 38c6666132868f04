package io.lookalike.math;

import static jdk.incubator.vector.VectorOperators.ADD;

import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Vector API, at the width that the processor prefers, up to 512 bits. Only {@link
 * VectorMathProvider} touches this class, and only where the module is there.
 *
 * <p>Keeps to methods that exist alike from JDK 17 to 25, so that one class file serves all. Loads
 * are written out, as in {@link SimdCodeMath}.
 */
final class SimdVectorMath implements VectorMath {

  /** At most 16 lanes, as many as {@link #sum} adds; wider registers are used in part. */
  static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() <= 16
          ? FloatVector.SPECIES_PREFERRED
          : FloatVector.SPECIES_512;

  private static final int LANES = SPECIES.length();

  /** For calls that come before the kernels are compiled. */
  static final Lanes PLAIN = new Lanes(LANES);

  private static final WarmUp.Samples SAMPLES = SimdVectorMath::sample;
  private static final WarmUp DOT = new WarmUp(Sample.LENGTH, SAMPLES, Sample.DOT);
  private static final WarmUp DOTS =
      new WarmUp(Sample.ROWS.length * Sample.LENGTH, SAMPLES, Sample.DOTS);

  /** Most vectors' lengths are multiples of {@link #LANES}: no numbers are left over. */
  private static final class Sample {
    static final int DOT = 0;
    static final int DOTS = 1;
    static final int LENGTH = 9 * LANES;
    static final float[][] ROWS = new float[5][LENGTH];
    static final float[] PRODUCTS = new float[ROWS.length];
  }

  private static float sample(int method) {
    if (method == Sample.DOT) {
      return dotOf(Sample.ROWS[0], 0, Sample.ROWS[1], 0, Sample.LENGTH);
    }
    dotsOf(Sample.ROWS[0], Sample.ROWS, Sample.ROWS.length, Sample.PRODUCTS);
    return Sample.PRODUCTS[0];
  }

  @Override
  public String name() {
    return "simd-" + SPECIES.vectorBitSize();
  }

  @Override
  public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
    Objects.checkFromIndexSize(aOffset, length, a.length);
    Objects.checkFromIndexSize(bOffset, length, b.length);
    return DOT.isDone()
        ? dotOf(a, aOffset, b, bOffset, length)
        : PLAIN.dot(a, aOffset, b, bOffset, length);
  }

  static float dotOf(float[] a, int aOffset, float[] b, int bOffset, int length) {
    var s0 = FloatVector.zero(SPECIES);
    var s1 = s0;
    var s2 = s0;
    var s3 = s0;
    int i = 0;
    // Four chains of additions hide the latency of each.
    for (int end = length - length % (4 * LANES); i < end; i += 4 * LANES) {
      s0 =
          FloatVector.fromArray(SPECIES, a, aOffset + i)
              .fma(FloatVector.fromArray(SPECIES, b, bOffset + i), s0);
      s1 =
          FloatVector.fromArray(SPECIES, a, aOffset + i + LANES)
              .fma(FloatVector.fromArray(SPECIES, b, bOffset + i + LANES), s1);
      s2 =
          FloatVector.fromArray(SPECIES, a, aOffset + i + 2 * LANES)
              .fma(FloatVector.fromArray(SPECIES, b, bOffset + i + 2 * LANES), s2);
      s3 =
          FloatVector.fromArray(SPECIES, a, aOffset + i + 3 * LANES)
              .fma(FloatVector.fromArray(SPECIES, b, bOffset + i + 3 * LANES), s3);
    }
    for (; i <= length - LANES; i += LANES) {
      s0 =
          FloatVector.fromArray(SPECIES, a, aOffset + i)
              .fma(FloatVector.fromArray(SPECIES, b, bOffset + i), s0);
    }
    return sum(s0.add(s1).add(s2.add(s3))) + rest(a, aOffset, b, bOffset, i, length);
  }

  /**
   * The sum of the lanes, always in the same order. {@code reduceLanes} may take another once the
   * method that calls it has been compiled, and on JDK 25 does.
   */
  static float sum(FloatVector v) {
    if (LANES >= 16) {
      v = v.add(v.rearrange(Shuffles.EIGHT_ON));
    }
    if (LANES >= 8) {
      v = v.add(v.rearrange(Shuffles.FOUR_ON));
    }
    if (LANES >= 4) {
      v = v.add(v.rearrange(Shuffles.TWO_ON));
    }
    return v.add(v.rearrange(Shuffles.ONE_ON)).lane(0);
  }

  /** Made when the first kernel runs, which a first answer does without. */
  private static final class Shuffles {
    static final VectorShuffle<Float> EIGHT_ON = on(8);
    static final VectorShuffle<Float> FOUR_ON = on(4);
    static final VectorShuffle<Float> TWO_ON = on(2);
    static final VectorShuffle<Float> ONE_ON = on(1);

    private static VectorShuffle<Float> on(int lanes) {
      return VectorShuffle.fromOp(SPECIES, lane -> (lane + lanes) % LANES);
    }
  }

  @Override
  public void dots(
      float[] queries,
      int[] queryOffsets,
      int queryCount,
      float[] rows,
      int[] rowOffsets,
      int rowCount,
      int length,
      float[] target) {
    BlockBounds.check(
        queries, queryOffsets, queryCount, rows, rowOffsets, rowCount, length, target);
    int q = 0;
    for (; q <= queryCount - 4; q += 4) {
      int r = 0;
      for (; r <= rowCount - 4; r += 4) {
        fourByFour(queries, queryOffsets, q, rows, rowOffsets, r, length, target, rowCount);
      }
      for (; r < rowCount; r++) {
        // The same kernel with the parts exchanged: one row by four queries.
        int at = q * rowCount + r;
        oneByFour(rows, rowOffsets[r], queries, queryOffsets, q, length, target, at, rowCount);
      }
    }
    for (; q < queryCount; q++) {
      int r = 0;
      for (; r <= rowCount - 4; r += 4) {
        int at = q * rowCount + r;
        oneByFour(queries, queryOffsets[q], rows, rowOffsets, r, length, target, at, 1);
      }
      for (; r < rowCount; r++) {
        target[q * rowCount + r] = dot(queries, queryOffsets[q], rows, rowOffsets[r], length);
      }
    }
  }

  /** One vector by four, in two chains of additions each; what is loaded of the one serves four. */
  private static void oneByFour(
      float[] a,
      int a0,
      float[] b,
      int[] bOffsets,
      int bFirst,
      int length,
      float[] target,
      int at,
      int stride) {
    int b0 = bOffsets[bFirst];
    int b1 = bOffsets[bFirst + 1];
    int b2 = bOffsets[bFirst + 2];
    int b3 = bOffsets[bFirst + 3];
    var s0 = FloatVector.zero(SPECIES);
    var s1 = s0;
    var s2 = s0;
    var s3 = s0;
    var t0 = s0;
    var t1 = s0;
    var t2 = s0;
    var t3 = s0;
    int i = 0;
    for (int end = length - length % (2 * LANES); i < end; i += 2 * LANES) {
      var x = FloatVector.fromArray(SPECIES, a, a0 + i);
      var y = FloatVector.fromArray(SPECIES, a, a0 + i + LANES);
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, b0 + i), s0);
      t0 = y.fma(FloatVector.fromArray(SPECIES, b, b0 + i + LANES), t0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, b1 + i), s1);
      t1 = y.fma(FloatVector.fromArray(SPECIES, b, b1 + i + LANES), t1);
      s2 = x.fma(FloatVector.fromArray(SPECIES, b, b2 + i), s2);
      t2 = y.fma(FloatVector.fromArray(SPECIES, b, b2 + i + LANES), t2);
      s3 = x.fma(FloatVector.fromArray(SPECIES, b, b3 + i), s3);
      t3 = y.fma(FloatVector.fromArray(SPECIES, b, b3 + i + LANES), t3);
    }
    if (i <= length - LANES) {
      var x = FloatVector.fromArray(SPECIES, a, a0 + i);
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, b0 + i), s0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, b1 + i), s1);
      s2 = x.fma(FloatVector.fromArray(SPECIES, b, b2 + i), s2);
      s3 = x.fma(FloatVector.fromArray(SPECIES, b, b3 + i), s3);
      i += LANES;
    }
    target[at] = s0.add(t0).reduceLanes(ADD) + rest(a, a0, b, b0, i, length);
    target[at + stride] = s1.add(t1).reduceLanes(ADD) + rest(a, a0, b, b1, i, length);
    target[at + 2 * stride] = s2.add(t2).reduceLanes(ADD) + rest(a, a0, b, b2, i, length);
    target[at + 3 * stride] = s3.add(t3).reduceLanes(ADD) + rest(a, a0, b, b3, i, length);
  }

  /** Four by four: sixteen chains of additions, two loads to every four of them. */
  private static void fourByFour(
      float[] a,
      int[] aOffsets,
      int aFirst,
      float[] b,
      int[] bOffsets,
      int bFirst,
      int length,
      float[] target,
      int stride) {
    int a0 = aOffsets[aFirst];
    int a1 = aOffsets[aFirst + 1];
    int a2 = aOffsets[aFirst + 2];
    int a3 = aOffsets[aFirst + 3];
    int b0 = bOffsets[bFirst];
    int b1 = bOffsets[bFirst + 1];
    int b2 = bOffsets[bFirst + 2];
    int b3 = bOffsets[bFirst + 3];
    var s00 = FloatVector.zero(SPECIES);
    var s01 = s00;
    var s02 = s00;
    var s03 = s00;
    var s10 = s00;
    var s11 = s00;
    var s12 = s00;
    var s13 = s00;
    var s20 = s00;
    var s21 = s00;
    var s22 = s00;
    var s23 = s00;
    var s30 = s00;
    var s31 = s00;
    var s32 = s00;
    var s33 = s00;
    int i = 0;
    for (int end = length - length % LANES; i < end; i += LANES) {
      var x0 = FloatVector.fromArray(SPECIES, a, a0 + i);
      var x1 = FloatVector.fromArray(SPECIES, a, a1 + i);
      var x2 = FloatVector.fromArray(SPECIES, a, a2 + i);
      var x3 = FloatVector.fromArray(SPECIES, a, a3 + i);
      var y = FloatVector.fromArray(SPECIES, b, b0 + i);
      s00 = x0.fma(y, s00);
      s10 = x1.fma(y, s10);
      s20 = x2.fma(y, s20);
      s30 = x3.fma(y, s30);
      y = FloatVector.fromArray(SPECIES, b, b1 + i);
      s01 = x0.fma(y, s01);
      s11 = x1.fma(y, s11);
      s21 = x2.fma(y, s21);
      s31 = x3.fma(y, s31);
      y = FloatVector.fromArray(SPECIES, b, b2 + i);
      s02 = x0.fma(y, s02);
      s12 = x1.fma(y, s12);
      s22 = x2.fma(y, s22);
      s32 = x3.fma(y, s32);
      y = FloatVector.fromArray(SPECIES, b, b3 + i);
      s03 = x0.fma(y, s03);
      s13 = x1.fma(y, s13);
      s23 = x2.fma(y, s23);
      s33 = x3.fma(y, s33);
    }
    int at = aFirst * stride + bFirst;
    target[at] = s00.reduceLanes(ADD) + rest(a, a0, b, b0, i, length);
    target[at + 1] = s01.reduceLanes(ADD) + rest(a, a0, b, b1, i, length);
    target[at + 2] = s02.reduceLanes(ADD) + rest(a, a0, b, b2, i, length);
    target[at + 3] = s03.reduceLanes(ADD) + rest(a, a0, b, b3, i, length);
    at += stride;
    target[at] = s10.reduceLanes(ADD) + rest(a, a1, b, b0, i, length);
    target[at + 1] = s11.reduceLanes(ADD) + rest(a, a1, b, b1, i, length);
    target[at + 2] = s12.reduceLanes(ADD) + rest(a, a1, b, b2, i, length);
    target[at + 3] = s13.reduceLanes(ADD) + rest(a, a1, b, b3, i, length);
    at += stride;
    target[at] = s20.reduceLanes(ADD) + rest(a, a2, b, b0, i, length);
    target[at + 1] = s21.reduceLanes(ADD) + rest(a, a2, b, b1, i, length);
    target[at + 2] = s22.reduceLanes(ADD) + rest(a, a2, b, b2, i, length);
    target[at + 3] = s23.reduceLanes(ADD) + rest(a, a2, b, b3, i, length);
    at += stride;
    target[at] = s30.reduceLanes(ADD) + rest(a, a3, b, b0, i, length);
    target[at + 1] = s31.reduceLanes(ADD) + rest(a, a3, b, b1, i, length);
    target[at + 2] = s32.reduceLanes(ADD) + rest(a, a3, b, b2, i, length);
    target[at + 3] = s33.reduceLanes(ADD) + rest(a, a3, b, b3, i, length);
  }

  @Override
  public void dots(float[] query, float[][] rows, int count, float[] target) {
    BlockBounds.check(query, rows, count, target);
    if (DOTS.isDone()) {
      dotsOf(query, rows, count, target);
    } else {
      PLAIN.dots(query, rows, count, target);
    }
  }

  static void dotsOf(float[] query, float[][] rows, int count, float[] target) {
    int r = 0;
    for (; r <= count - 4; r += 4) {
      oneByFour(query, rows, r, target);
    }
    for (; r < count; r++) {
      target[r] = dotOf(query, 0, rows[r], 0, query.length);
    }
  }

  /** Four times what {@link #dot} does, in the same order. */
  private static void oneByFour(float[] query, float[][] rows, int first, float[] target) {
    int length = query.length;
    float[] rowA = rows[first];
    float[] rowB = rows[first + 1];
    float[] rowC = rows[first + 2];
    float[] rowD = rows[first + 3];
    var zero = FloatVector.zero(SPECIES);
    var a0 = zero;
    var a1 = zero;
    var a2 = zero;
    var a3 = zero;
    var b0 = zero;
    var b1 = zero;
    var b2 = zero;
    var b3 = zero;
    var c0 = zero;
    var c1 = zero;
    var c2 = zero;
    var c3 = zero;
    var d0 = zero;
    var d1 = zero;
    var d2 = zero;
    var d3 = zero;
    int i = 0;
    for (int end = length - length % (4 * LANES); i < end; i += 4 * LANES) {
      var x = FloatVector.fromArray(SPECIES, query, i);
      a0 = x.fma(FloatVector.fromArray(SPECIES, rowA, i), a0);
      b0 = x.fma(FloatVector.fromArray(SPECIES, rowB, i), b0);
      c0 = x.fma(FloatVector.fromArray(SPECIES, rowC, i), c0);
      d0 = x.fma(FloatVector.fromArray(SPECIES, rowD, i), d0);
      x = FloatVector.fromArray(SPECIES, query, i + LANES);
      a1 = x.fma(FloatVector.fromArray(SPECIES, rowA, i + LANES), a1);
      b1 = x.fma(FloatVector.fromArray(SPECIES, rowB, i + LANES), b1);
      c1 = x.fma(FloatVector.fromArray(SPECIES, rowC, i + LANES), c1);
      d1 = x.fma(FloatVector.fromArray(SPECIES, rowD, i + LANES), d1);
      x = FloatVector.fromArray(SPECIES, query, i + 2 * LANES);
      a2 = x.fma(FloatVector.fromArray(SPECIES, rowA, i + 2 * LANES), a2);
      b2 = x.fma(FloatVector.fromArray(SPECIES, rowB, i + 2 * LANES), b2);
      c2 = x.fma(FloatVector.fromArray(SPECIES, rowC, i + 2 * LANES), c2);
      d2 = x.fma(FloatVector.fromArray(SPECIES, rowD, i + 2 * LANES), d2);
      x = FloatVector.fromArray(SPECIES, query, i + 3 * LANES);
      a3 = x.fma(FloatVector.fromArray(SPECIES, rowA, i + 3 * LANES), a3);
      b3 = x.fma(FloatVector.fromArray(SPECIES, rowB, i + 3 * LANES), b3);
      c3 = x.fma(FloatVector.fromArray(SPECIES, rowC, i + 3 * LANES), c3);
      d3 = x.fma(FloatVector.fromArray(SPECIES, rowD, i + 3 * LANES), d3);
    }
    for (; i <= length - LANES; i += LANES) {
      var x = FloatVector.fromArray(SPECIES, query, i);
      a0 = x.fma(FloatVector.fromArray(SPECIES, rowA, i), a0);
      b0 = x.fma(FloatVector.fromArray(SPECIES, rowB, i), b0);
      c0 = x.fma(FloatVector.fromArray(SPECIES, rowC, i), c0);
      d0 = x.fma(FloatVector.fromArray(SPECIES, rowD, i), d0);
    }
    target[first] = sum(a0.add(a1).add(a2.add(a3))) + rest(query, 0, rowA, 0, i, length);
    target[first + 1] = sum(b0.add(b1).add(b2.add(b3))) + rest(query, 0, rowB, 0, i, length);
    target[first + 2] = sum(c0.add(c1).add(c2.add(c3))) + rest(query, 0, rowC, 0, i, length);
    target[first + 3] = sum(d0.add(d1).add(d2.add(d3))) + rest(query, 0, rowD, 0, i, length);
  }

  /** The last few products, too few to fill a vector. */
  private static float rest(float[] a, int aOffset, float[] b, int bOffset, int from, int to) {
    float sum = 0;
    for (int i = from; i < to; i++) {
      sum += a[aOffset + i] * b[bOffset + i];
    }
    return sum;
  }
}
