package io.lookalike.math;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.GE;

import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Vector API. As many codes are loaded as there are floats in a vector, which takes vectors of
 * at least 256 bits: 8 bytes are the shortest that the API can load.
 *
 * <p>Loads are written out wherever they stand: a method of their own is put into the kernels only
 * as long as it has not been compiled by itself.
 */
final class SimdCodeMath implements CodeMath {

  private static final VectorSpecies<Float> FLOATS = SimdVectorMath.SPECIES;
  private static final int LANES = FLOATS.length();

  static final boolean AVAILABLE = LANES >= 8;

  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(AVAILABLE ? LANES * Byte.SIZE : 64));

  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, FLOATS.vectorShape());
  private static final int SHORT_LANES = SHORTS.length();

  /** As many codes as a vector holds once they are widened to 16 bits. */
  private static final VectorSpecies<Byte> HALF =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(AVAILABLE ? SHORT_LANES * Byte.SIZE : 64));

  /**
   * The number of products that are summed at a time, one vector register for each LANES of them.
   */
  private static final int STRIP = 4 * LANES;

  /** For products in whole numbers that come before the kernels are compiled. */
  static final CodeMath PLAIN = new ScalarCodeMath();

  private static final WarmUp.Samples SAMPLES = SimdCodeMath::sample;
  private static final WarmUp SOME = new WarmUp(BLOCK * Sample.COORDINATES, SAMPLES, Sample.SOME);
  private static final WarmUp DOT = new WarmUp(Sample.LENGTH, SAMPLES, Sample.DOT);
  private static final WarmUp DOTS = new WarmUp(Sample.ODD * Sample.LENGTH, SAMPLES, Sample.DOTS);

  /** As an index calls: codes fill whole vectors, coordinates are an even or an odd number. */
  private static final class Sample {
    static final int SOME = 0;
    static final int DOT = 1;
    static final int DOTS = 2;
    static final int COORDINATES = 33;
    static final int ODD = 5;
    static final int LENGTH = 10 * LANES;
    static final byte[] CODES = new byte[COORDINATES * BLOCK + ODD * LENGTH];
    static final float[] FLOATS = new float[COORDINATES * BLOCK];
    static final short[] WIDENED = new short[LENGTH];
    static final int[] WHICH = new int[COORDINATES];
    static final int[] PRODUCTS = new int[ODD];
    static final float[] SUMS = new float[BLOCK];
    static boolean even; // used by one thread

    static {
      Arrays.setAll(WHICH, i -> i);
    }
  }

  private static float sample(int method) {
    int odd = Sample.ODD;
    int length = Sample.LENGTH;
    byte[] codes = Sample.CODES;
    float[] floats = Sample.FLOATS;
    float[] sums = Sample.SUMS;
    switch (method) {
      case Sample.SOME -> {
        Sample.even ^= true;
        int coordinates = Sample.COORDINATES - (Sample.even ? 1 : 0);
        addSome(codes, 0, floats, Sample.WHICH, coordinates, sums);
      }
      case Sample.DOT -> sums[0] = dotOf(codes, 0, Sample.WIDENED, length);
      case Sample.DOTS -> {
        dotsOf(codes, 0, Sample.WHICH, odd, Sample.WIDENED, length, Sample.PRODUCTS);
        sums[0] = Sample.PRODUCTS[0];
      }
      default -> throw new IllegalArgumentException("no such method: " + method);
    }
    return sums[0];
  }

  @Override
  public void addWeighted(
      byte[] codes, int offset, int coordinates, float[] weights, int weightOffset, float[] sums) {
    CodeBounds.check(codes.length, offset, coordinates, weights, weightOffset, sums);
    for (int i = 0; i < BLOCK; i += STRIP) {
      var s0 = FloatVector.fromArray(FLOATS, sums, i);
      var s1 = FloatVector.fromArray(FLOATS, sums, i + LANES);
      var s2 = FloatVector.fromArray(FLOATS, sums, i + 2 * LANES);
      var s3 = FloatVector.fromArray(FLOATS, sums, i + 3 * LANES);
      int at = offset + i;
      int j = 0;
      // Two at a time: longer than what the compiler puts into every caller, where so many vectors
      // are more than JDK 17 keeps in registers.
      for (; j < coordinates - 1; j += 2) {
        var weight = FloatVector.broadcast(FLOATS, weights[weightOffset + j]);
        var next = FloatVector.broadcast(FLOATS, weights[weightOffset + j + 1]);
        s0 = weight.fma(ByteVector.fromArray(BYTES, codes, at).convertShape(B2F, FLOATS, 0), s0);
        s1 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + LANES).convertShape(B2F, FLOATS, 0), s1);
        s2 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 2 * LANES).convertShape(B2F, FLOATS, 0),
                s2);
        s3 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 3 * LANES).convertShape(B2F, FLOATS, 0),
                s3);
        s0 =
            next.fma(
                ByteVector.fromArray(BYTES, codes, at + BLOCK).convertShape(B2F, FLOATS, 0), s0);
        s1 =
            next.fma(
                ByteVector.fromArray(BYTES, codes, at + BLOCK + LANES).convertShape(B2F, FLOATS, 0),
                s1);
        s2 =
            next.fma(
                ByteVector.fromArray(BYTES, codes, at + BLOCK + 2 * LANES)
                    .convertShape(B2F, FLOATS, 0),
                s2);
        s3 =
            next.fma(
                ByteVector.fromArray(BYTES, codes, at + BLOCK + 3 * LANES)
                    .convertShape(B2F, FLOATS, 0),
                s3);
        at += 2 * BLOCK;
      }
      if (j < coordinates) {
        var weight = FloatVector.broadcast(FLOATS, weights[weightOffset + j]);
        s0 = weight.fma(ByteVector.fromArray(BYTES, codes, at).convertShape(B2F, FLOATS, 0), s0);
        s1 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + LANES).convertShape(B2F, FLOATS, 0), s1);
        s2 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 2 * LANES).convertShape(B2F, FLOATS, 0),
                s2);
        s3 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 3 * LANES).convertShape(B2F, FLOATS, 0),
                s3);
      }
      s0.intoArray(sums, i);
      s1.intoArray(sums, i + LANES);
      s2.intoArray(sums, i + 2 * LANES);
      s3.intoArray(sums, i + 3 * LANES);
    }
  }

  @Override
  public void addWeighted(
      byte[] codes, int offset, float[] weights, int[] which, int count, float[] sums) {
    CodeBounds.check(codes.length, offset, weights, which, count, sums);
    if (SOME.isDone()) {
      addSome(codes, offset, weights, which, count, sums);
    } else {
      Lanes.addWeighted(codes, offset, weights, which, count, sums);
    }
  }

  static void addSome(
      byte[] codes, int offset, float[] weights, int[] which, int count, float[] sums) {
    for (int i = 0; i < BLOCK; i += STRIP) {
      var s0 = FloatVector.fromArray(FLOATS, sums, i);
      var s1 = FloatVector.fromArray(FLOATS, sums, i + LANES);
      var s2 = FloatVector.fromArray(FLOATS, sums, i + 2 * LANES);
      var s3 = FloatVector.fromArray(FLOATS, sums, i + 3 * LANES);
      int strip = offset + i;
      int n = 0;
      for (; n < count - 1; n += 2) { // two at a time: see above
        var weight = FloatVector.broadcast(FLOATS, weights[which[n]]);
        int at = strip + which[n] * BLOCK;
        s0 = weight.fma(ByteVector.fromArray(BYTES, codes, at).convertShape(B2F, FLOATS, 0), s0);
        s1 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + LANES).convertShape(B2F, FLOATS, 0), s1);
        s2 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 2 * LANES).convertShape(B2F, FLOATS, 0),
                s2);
        s3 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 3 * LANES).convertShape(B2F, FLOATS, 0),
                s3);
        weight = FloatVector.broadcast(FLOATS, weights[which[n + 1]]);
        at = strip + which[n + 1] * BLOCK;
        s0 = weight.fma(ByteVector.fromArray(BYTES, codes, at).convertShape(B2F, FLOATS, 0), s0);
        s1 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + LANES).convertShape(B2F, FLOATS, 0), s1);
        s2 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 2 * LANES).convertShape(B2F, FLOATS, 0),
                s2);
        s3 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 3 * LANES).convertShape(B2F, FLOATS, 0),
                s3);
      }
      if (n < count) {
        var weight = FloatVector.broadcast(FLOATS, weights[which[n]]);
        int at = strip + which[n] * BLOCK;
        s0 = weight.fma(ByteVector.fromArray(BYTES, codes, at).convertShape(B2F, FLOATS, 0), s0);
        s1 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + LANES).convertShape(B2F, FLOATS, 0), s1);
        s2 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 2 * LANES).convertShape(B2F, FLOATS, 0),
                s2);
        s3 =
            weight.fma(
                ByteVector.fromArray(BYTES, codes, at + 3 * LANES).convertShape(B2F, FLOATS, 0),
                s3);
      }
      s0.intoArray(sums, i);
      s1.intoArray(sums, i + LANES);
      s2.intoArray(sums, i + 2 * LANES);
      s3.intoArray(sums, i + 3 * LANES);
    }
  }

  @Override
  public void addWeighted(
      float[] values,
      int offset,
      int coordinates,
      float[] weights,
      int weightOffset,
      float[] sums) {
    CodeBounds.check(values.length, offset, coordinates, weights, weightOffset, sums);
    for (int i = 0; i < BLOCK; i += LANES) {
      var sum = FloatVector.fromArray(FLOATS, sums, i);
      int at = offset + i;
      for (int j = 0; j < coordinates; j++) {
        var weight = FloatVector.broadcast(FLOATS, weights[weightOffset + j]);
        sum = FloatVector.fromArray(FLOATS, values, at).fma(weight, sum);
        at += BLOCK;
      }
      sum.intoArray(sums, i);
    }
  }

  @Override
  public long atLeast(float[] sums, float factor, float[] values, int offset, float bar) {
    Objects.checkFromIndexSize(offset, BLOCK, values.length);
    var times = FloatVector.broadcast(FLOATS, factor);
    long reached = 0;
    for (int i = 0; i < BLOCK; i += LANES) {
      var bound =
          FloatVector.fromArray(FLOATS, values, offset + i)
              .fma(times, FloatVector.fromArray(FLOATS, sums, i));
      var mask = bound.compare(GE, bar);
      if (mask.anyTrue()) { // the rare case; toLong() is slow on JDK 17
        reached |= mask.toLong() << i;
      }
    }
    return reached;
  }

  @Override
  public float dot(byte[] codes, int offset, float[] weights, int weightOffset, int length) {
    Objects.checkFromIndexSize(offset, length, codes.length);
    Objects.checkFromIndexSize(weightOffset, length, weights.length);
    var s0 = FloatVector.zero(FLOATS);
    var s1 = s0;
    var s2 = s0;
    var s3 = s0;
    int i = 0;
    // Four chains of additions hide the latency of each.
    for (int end = length - length % (4 * LANES); i < end; i += 4 * LANES) {
      int c = offset + i;
      int w = weightOffset + i;
      s0 =
          FloatVector.fromArray(FLOATS, weights, w)
              .fma(ByteVector.fromArray(BYTES, codes, c).convertShape(B2F, FLOATS, 0), s0);
      s1 =
          FloatVector.fromArray(FLOATS, weights, w + LANES)
              .fma(ByteVector.fromArray(BYTES, codes, c + LANES).convertShape(B2F, FLOATS, 0), s1);
      s2 =
          FloatVector.fromArray(FLOATS, weights, w + 2 * LANES)
              .fma(
                  ByteVector.fromArray(BYTES, codes, c + 2 * LANES).convertShape(B2F, FLOATS, 0),
                  s2);
      s3 =
          FloatVector.fromArray(FLOATS, weights, w + 3 * LANES)
              .fma(
                  ByteVector.fromArray(BYTES, codes, c + 3 * LANES).convertShape(B2F, FLOATS, 0),
                  s3);
    }
    for (; i <= length - LANES; i += LANES) {
      s0 =
          FloatVector.fromArray(FLOATS, weights, weightOffset + i)
              .fma(ByteVector.fromArray(BYTES, codes, offset + i).convertShape(B2F, FLOATS, 0), s0);
    }
    float sum = SimdVectorMath.sum(s0.add(s1).add(s2.add(s3)));
    for (; i < length; i++) {
      sum += codes[offset + i] * weights[weightOffset + i];
    }
    return sum;
  }

  @Override
  public int dot(byte[] codes, int offset, short[] widened, int length) {
    Objects.checkFromIndexSize(offset, length, codes.length);
    Objects.checkFromIndexSize(0, length, widened.length);
    return DOT.isDone()
        ? dotOf(codes, offset, widened, length)
        : PLAIN.dot(codes, offset, widened, length);
  }

  static int dotOf(byte[] codes, int offset, short[] widened, int length) {
    var sums = ShortVector.zero(SHORTS);
    int whole = length - length % SHORT_LANES;
    for (int i = 0; i < whole; i += SHORT_LANES) {
      sums =
          ShortVector.fromArray(SHORTS, widened, i)
              .mul(ByteVector.fromArray(HALF, codes, offset + i).convertShape(B2S, SHORTS, 0))
              .add(sums);
    }
    // What 16 bits hold in parts they hold in all.
    return sums.reduceLanes(ADD) + rest(codes, offset, widened, whole, length);
  }

  @Override
  public void dots(
      byte[] codes,
      int offset,
      int[] rows,
      int count,
      short[] widened,
      int length,
      int[] products) {
    Objects.checkFromIndexSize(0, length, widened.length);
    Objects.checkFromIndexSize(0, count, products.length);
    if (DOTS.isDone()) {
      dotsOf(codes, offset, rows, count, widened, length, products);
    } else {
      PLAIN.dots(codes, offset, rows, count, widened, length, products);
    }
  }

  static void dotsOf(
      byte[] codes,
      int offset,
      int[] rows,
      int count,
      short[] widened,
      int length,
      int[] products) {
    int n = 0;
    for (; n < count - 3; n += 4) {
      fourDots(codes, offset, rows, n, widened, length, products);
    }
    for (; n < count; n++) {
      int at = offset + rows[n] * length;
      Objects.checkFromIndexSize(at, length, codes.length);
      products[n] = dotOf(codes, at, widened, length);
    }
  }

  /** While one row's product is summed up the processor multiplies the others. */
  private static void fourDots(
      byte[] codes,
      int offset,
      int[] rows,
      int first,
      short[] widened,
      int length,
      int[] products) {
    int at0 = offset + rows[first] * length;
    int at1 = offset + rows[first + 1] * length;
    int at2 = offset + rows[first + 2] * length;
    int at3 = offset + rows[first + 3] * length;
    Objects.checkFromIndexSize(at0, length, codes.length);
    Objects.checkFromIndexSize(at1, length, codes.length);
    Objects.checkFromIndexSize(at2, length, codes.length);
    Objects.checkFromIndexSize(at3, length, codes.length);
    var s0 = ShortVector.zero(SHORTS);
    var s1 = s0;
    var s2 = s0;
    var s3 = s0;
    int whole = length - length % SHORT_LANES;
    for (int i = 0; i < whole; i += SHORT_LANES) {
      var other = ShortVector.fromArray(SHORTS, widened, i);
      s0 =
          other
              .mul(ByteVector.fromArray(HALF, codes, at0 + i).convertShape(B2S, SHORTS, 0))
              .add(s0);
      s1 =
          other
              .mul(ByteVector.fromArray(HALF, codes, at1 + i).convertShape(B2S, SHORTS, 0))
              .add(s1);
      s2 =
          other
              .mul(ByteVector.fromArray(HALF, codes, at2 + i).convertShape(B2S, SHORTS, 0))
              .add(s2);
      s3 =
          other
              .mul(ByteVector.fromArray(HALF, codes, at3 + i).convertShape(B2S, SHORTS, 0))
              .add(s3);
    }
    products[first] = s0.reduceLanes(ADD) + rest(codes, at0, widened, whole, length);
    products[first + 1] = s1.reduceLanes(ADD) + rest(codes, at1, widened, whole, length);
    products[first + 2] = s2.reduceLanes(ADD) + rest(codes, at2, widened, whole, length);
    products[first + 3] = s3.reduceLanes(ADD) + rest(codes, at3, widened, whole, length);
  }

  private static int rest(byte[] codes, int offset, short[] widened, int from, int length) {
    int sum = 0;
    for (int i = from; i < length; i++) {
      sum += codes[offset + i] * widened[i];
    }
    return sum;
  }
}
