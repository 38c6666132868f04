package io.lookalike.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every implementation at hand against sums in double. */
class VectorMathTest {

  /** The scalar kernels, and the active ones where they are others. */
  static List<VectorMath> implementations() {
    var all = new ArrayList<VectorMath>(List.of(new ScalarVectorMath()));
    if (!VectorMath.active().name().equals("scalar")) {
      all.add(VectorMath.active());
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 13, 15, 16, 17, 31, 64, 207, 784, 1280, 4096, 4098})
  void dotIsTheSumOfProducts(int length) {
    var random = new Random(length);
    for (int round = 0; round < 20; round++) {
      int aOffset = random.nextInt(20);
      int bOffset = random.nextInt(20);
      float[] a = gaussians(random, aOffset + length + random.nextInt(3));
      float[] b = gaussians(random, bOffset + length + random.nextInt(3));
      for (VectorMath math : implementations()) {
        float dot = math.dot(a, aOffset, b, bOffset, length);
        assertThat((double) dot)
            .as("%s, length %d, round %d", math.name(), length, round)
            .isCloseTo(
                dot(a, aOffset, b, bOffset, length), tolerance(a, aOffset, b, bOffset, length));
        assertThat(math.dot(b, bOffset, a, aOffset, length)).isEqualTo(dot);
        float[] moved = new float[length + 7];
        System.arraycopy(a, aOffset, moved, 7, length);
        assertThat(math.dot(moved, 7, b, bOffset, length)).isEqualTo(dot);
        assertThat((double) math.norm(a, aOffset, length))
            .as("norm by %s, length %d, round %d", math.name(), length, round)
            .isCloseTo(Math.sqrt(dot(a, aOffset, a, aOffset, length)), within(1e-5 * (1 + length)));
      }
    }
  }

  /** So that a product has the same bits before and after the method has been compiled. */
  @ParameterizedTest
  @ValueSource(ints = {15, 16, 64, 207, 784})
  void simdAddsInOneOrder(int length) {
    VectorMath math = VectorMath.active();
    if (math.name().equals("scalar")) {
      return;
    }
    int lanes = Integer.parseInt(math.name().substring("simd-".length())) / Float.SIZE;
    var random = new Random(length);
    float[] numbers = gaussians(random, 3 * length);
    // Enough for the compilers to come in.
    for (int round = 0; round < 20_000; round++) {
      int a = random.nextInt(numbers.length - length);
      int b = random.nextInt(numbers.length - length);
      if (SimdVectorMath.dotOf(numbers, a, numbers, b, length)
          != inOrder(numbers, a, b, length, lanes)) {
        throw new AssertionError("length " + length + ", round " + round);
      }
    }
  }

  private static float inOrder(float[] numbers, int a, int b, int length, int lanes) {
    float[][] parts = new float[4][lanes];
    int i = 0;
    for (int end = length - length % (4 * lanes); i < end; i++) {
      float[] part = parts[i / lanes % 4];
      part[i % lanes] = Math.fma(numbers[a + i], numbers[b + i], part[i % lanes]);
    }
    for (int end = length - length % lanes; i < end; i++) {
      parts[0][i % lanes] = Math.fma(numbers[a + i], numbers[b + i], parts[0][i % lanes]);
    }
    float[] sums = new float[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      sums[lane] = (parts[0][lane] + parts[1][lane]) + (parts[2][lane] + parts[3][lane]);
    }
    for (int half = lanes / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        sums[lane] += sums[lane + half];
      }
    }
    float rest = 0;
    for (; i < length; i++) {
      rest += numbers[a + i] * numbers[b + i];
    }
    return sums[0] + rest;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 13, 16, 33, 207, 784, 1280, 4096, 4098})
  void dotsAreAllPairs(int length) {
    var random = new Random(length);
    for (int queryCount = 0; queryCount <= 9; queryCount++) {
      for (int rowCount = 0; rowCount <= 9; rowCount++) {
        // Rows overlap, repeat and come in any order: a caller may pick them as it likes.
        float[] queries = gaussians(random, length + 11);
        float[] rows = gaussians(random, length + 23);
        int[] queryOffsets = random.ints(queryCount + 2, 0, 12).toArray();
        int[] rowOffsets = random.ints(rowCount + 1, 0, 24).toArray();
        for (VectorMath math : implementations()) {
          float[] target = new float[queryCount * rowCount + 1];
          Arrays.fill(target, 12345);
          math.dots(queries, queryOffsets, queryCount, rows, rowOffsets, rowCount, length, target);
          for (int q = 0; q < queryCount; q++) {
            for (int r = 0; r < rowCount; r++) {
              assertThat((double) target[q * rowCount + r])
                  .as("%s, query %d of %d, row %d of %d", math.name(), q, queryCount, r, rowCount)
                  .isCloseTo(
                      dot(queries, queryOffsets[q], rows, rowOffsets[r], length),
                      tolerance(queries, queryOffsets[q], rows, rowOffsets[r], length));
            }
          }
          assertThat(target[queryCount * rowCount]).as("beyond the products").isEqualTo(12345);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void stretchesThatLeaveTheirArrayAreRefused(VectorMath math) {
    float[] ten = new float[10];
    int[][] bad = {{-1, 0, 5}, {0, -1, 5}, {6, 0, 5}, {0, 6, 5}, {0, 0, -1}, {0, 0, 11}};
    for (int[] b : bad) {
      assertThatThrownBy(() -> math.dot(ten, b[0], ten, b[1], b[2]))
          .as(Arrays.toString(b))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> math.norm(ten, 6, 5)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void blocksThatLeaveTheirArrayAreRefusedAndWriteNothing(VectorMath math) {
    float[] ones = new float[40];
    Arrays.fill(ones, 1);
    int[] zeros = new int[4];
    float[] target = new float[16];
    int[] late = {0, 0, 0, 38};
    int[] negative = {0, 0, 0, -1};
    List<Runnable> bad =
        List.of(
            () -> math.dots(ones, late, 4, ones, zeros, 4, 3, target),
            () -> math.dots(ones, zeros, 4, ones, late, 4, 3, target),
            () -> math.dots(ones, negative, 4, ones, zeros, 4, 3, target),
            () -> math.dots(ones, zeros, 4, ones, negative, 4, 3, target),
            () -> math.dots(ones, zeros, 5, ones, zeros, 1, 3, target),
            () -> math.dots(ones, zeros, 1, ones, zeros, 5, 3, target),
            () -> math.dots(ones, zeros, -1, ones, zeros, 4, 3, target),
            () -> math.dots(ones, zeros, 4, ones, zeros, 4, -1, target),
            () -> math.dots(ones, zeros, 4, ones, zeros, 4, 3, new float[15]));
    for (int i = 0; i < bad.size(); i++) {
      assertThatThrownBy(bad.get(i)::run)
          .as("call %d", i)
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(target).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 15, 16, 64, 207, 784, 1280})
  void rowsOfTheirOwnHaveTheBitsOfDot(int length) {
    var random = new Random(length);
    float[] query = gaussians(random, length);
    var rows = new float[11][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = gaussians(random, length + random.nextInt(3));
    }
    for (VectorMath math : implementations()) {
      for (int count = 0; count <= rows.length; count++) {
        var products = new float[rows.length];
        Arrays.fill(products, 7);
        math.dots(query, rows, count, products);
        for (int r = 0; r < rows.length; r++) {
          assertThat(products[r])
              .as("%s, row %d of %d", math.name(), r, count)
              .isEqualTo(r < count ? math.dot(query, 0, rows[r], 0, length) : 7);
        }
      }
      assertThatThrownBy(() -> math.dots(query, new float[][] {new float[length - 1]}, 1, query))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> math.dots(query, rows, 12, new float[20]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> math.dots(query, rows, 4, new float[3]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void theActiveImplementationIsAlwaysTheSame() {
    assertThat(VectorMath.active()).isSameAs(VectorMath.active());
  }

  private static float[] gaussians(Random random, int length) {
    var values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (double) a[aOffset + i] * b[bOffset + i];
    }
    return sum;
  }

  /** What {@link VectorMath} promises of its rounding. */
  private static org.assertj.core.data.Offset<Double> tolerance(
      float[] a, int aOffset, float[] b, int bOffset, int length) {
    double magnitude = 0;
    for (int i = 0; i < length; i++) {
      magnitude += Math.abs((double) a[aOffset + i] * b[bOffset + i]);
    }
    return within((length / 4 + 32) * 0x1p-24 * magnitude + Double.MIN_VALUE);
  }
}
