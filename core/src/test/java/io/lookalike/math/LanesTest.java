package io.lookalike.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers before the SIMD kernels are compiled has the same bits as they. */
class LanesTest {

  private static final int BLOCK = CodeMath.BLOCK;

  private final Random random = new Random(1);

  @BeforeEach
  void whereThereIsSimd() {
    assumeTrue(!VectorMath.active().name().equals("scalar"), "SIMD is off");
  }

  private float[] floats(int n) {
    var floats = new float[n];
    for (int i = 0; i < n; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }

  private byte[] codes(int n) {
    var codes = new byte[n];
    random.nextBytes(codes);
    return codes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 15, 16, 17, 31, 32, 63, 64, 65, 207, 784, 1283})
  void dotsOfVectors(int length) {
    Lanes plain = SimdVectorMath.PLAIN;
    for (int count = 1; count <= 9; count++) {
      var rows = new float[count][];
      for (int r = 0; r < count; r++) {
        rows[r] = floats(length);
      }
      float[] query = floats(length);
      var expected = new float[count];
      SimdVectorMath.dotsOf(query, rows, count, expected);
      var products = new float[count];
      plain.dots(query, rows, count, products);
      assertThat(products).as("%d rows", count).isEqualTo(expected);
      float[] moved = floats(length + 3);
      System.arraycopy(query, 0, moved, 3, length);
      assertThat(plain.dot(moved, 3, rows[0], 0, length))
          .isEqualTo(SimdVectorMath.dotOf(query, 0, rows[0], 0, length))
          .isEqualTo(expected[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 8, 33, 207, 784})
  void sumsOfBlocks(int coordinates) {
    assumeTrue(SimdCodeMath.AVAILABLE, "vectors are too short for codes");
    int[] which = random.ints(0, coordinates + 1).limit(coordinates).sorted().toArray();
    byte[] codes = codes(3 + (coordinates + 1) * BLOCK);
    float[] weights = floats(coordinates + 1);
    float[] sums = floats(BLOCK);
    float[] expected = sums.clone();
    SimdCodeMath.addSome(codes, 3, weights, which, which.length, expected);
    Lanes.addWeighted(codes, 3, weights, which, which.length, sums);
    assertThat(sums).isEqualTo(expected);
  }

  /** Often enough for the compilers to come in: then bits are the same, too. */
  @Test
  void onceTheyAreCompiled() {
    int length = 6 * 64 + 32 + 5;
    var rows = new float[6][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = floats(length);
    }
    float[] weights = floats(33);
    byte[] codes = codes(34 * BLOCK);
    int[] which = random.ints(0, 33).limit(20).sorted().toArray();
    for (int round = 0; round < 20_000; round++) {
      float[] query = rows[random.nextInt(rows.length)];
      query[random.nextInt(length)] = (float) random.nextGaussian();
      var expected = new float[rows.length];
      SimdVectorMath.dotsOf(query, rows, rows.length, expected);
      var products = new float[rows.length];
      SimdVectorMath.PLAIN.dots(query, rows, rows.length, products);
      float one = SimdVectorMath.dotOf(query, 0, rows[1], 0, length);
      float[] sums = floats(BLOCK);
      float[] expectedSums = sums.clone();
      if (SimdCodeMath.AVAILABLE) {
        SimdCodeMath.addSome(codes, 3, weights, which, which.length - round % 2, expectedSums);
        Lanes.addWeighted(codes, 3, weights, which, which.length - round % 2, sums);
      }
      if (!Arrays.equals(products, expected)
          || one != expected[1]
          || !Arrays.equals(sums, expectedSums)) {
        throw new AssertionError("round " + round);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 16, 31, 32, 33, 64, 160, 207, 512})
  void dotsOfCodes(int length) {
    assumeTrue(SimdCodeMath.AVAILABLE, "vectors are too short for codes");
    byte[] codes = codes(3 + 9 * length);
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (codes[i] / 32);
    }
    var widened = new short[length];
    for (int i = 0; i < length; i++) {
      widened[i] = (short) (random.nextInt(15) - 7);
    }
    for (int count = 1; count <= 9; count++) {
      int[] rows = random.ints(0, 9).limit(count).toArray();
      var expected = new int[count];
      SimdCodeMath.dotsOf(codes, 3, rows, count, widened, length, expected);
      var products = new int[count];
      SimdCodeMath.PLAIN.dots(codes, 3, rows, count, widened, length, products);
      assertThat(products).as("%d rows", count).isEqualTo(expected);
      assertThat(SimdCodeMath.PLAIN.dot(codes, 3 + rows[0] * length, widened, length))
          .isEqualTo(SimdCodeMath.dotOf(codes, 3 + rows[0] * length, widened, length));
    }
    for (int outside : new int[] {-1 - 3, 10}) {
      int[] rows = {0, outside};
      assertThatThrownBy(
              () ->
                  SimdCodeMath.PLAIN.dots(
                      codes, 3, rows, 2, widened, Math.max(1, length), new int[2]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
