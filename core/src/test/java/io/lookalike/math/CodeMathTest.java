package io.lookalike.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodeMathTest {

  private static final int BLOCK = CodeMath.BLOCK;

  static Stream<CodeMath> both() {
    return Stream.of(new ScalarCodeMath(), CodeMath.active());
  }

  private final Random random = new Random(1);

  private byte[] codes(int n) {
    var codes = new byte[n];
    for (int i = 0; i < n; i++) {
      codes[i] = (byte) (random.nextInt(255) - 127);
    }
    return codes;
  }

  private float[] floats(int n) {
    var floats = new float[n];
    for (int i = 0; i < n; i++) {
      floats[i] = random.nextFloat() - .5f;
    }
    return floats;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 13, 48, 207, 784})
  void sumsAndProductsAgreeWithDouble(int length) {
    byte[] codes = codes(3 + length * BLOCK);
    float[] values = floats(3 + length * BLOCK);
    float[] weights = floats(2 + length);
    float[] before = floats(BLOCK);
    both()
        .forEach(
            math -> {
              float[] coded = before.clone();
              math.addWeighted(codes, 3, length, weights, 2, coded);
              float[] plain = before.clone();
              math.addWeighted(values, 3, length, weights, 2, plain);
              for (int i = 0; i < BLOCK; i++) {
                double expectedCoded = before[i];
                double expectedPlain = before[i];
                for (int j = 0; j < length; j++) {
                  expectedCoded += (double) weights[2 + j] * codes[3 + j * BLOCK + i];
                  expectedPlain += (double) weights[2 + j] * values[3 + j * BLOCK + i];
                }
                assertThat((double) coded[i])
                    .as("%s, %s", math.getClass().getSimpleName(), i)
                    .isCloseTo(expectedCoded, within((length + 1) * 64 * 1e-6));
                assertThat((double) plain[i]).isCloseTo(expectedPlain, within((length + 1) * 1e-6));
              }
              double product = 0;
              for (int j = 0; j < length; j++) {
                product += (double) weights[2 + j] * codes[3 + j];
              }
              assertThat((double) math.dot(codes, 3, weights, 2, length))
                  .isCloseTo(product, within((length + 1) * 64 * 1e-6));
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 13, 16, 32, 33, 192, 207, 784})
  void productsOfCodesAreExactWhileTheNormsAllow(int length) {
    for (int round = 0; round < 50; round++) {
      byte[] codes = codes(3 + length);
      var widened = new short[length + 1];
      // At the limit: the same direction, and all of it in few elements.
      int places = 1 + random.nextInt(Math.max(1, length));
      double squares = 0;
      for (int i = 0; i < length; i++) {
        codes[3 + i] = i % places == 0 ? codes[3 + i] : 0;
        squares += codes[3 + i] * codes[3 + i];
      }
      for (int i = 0; i < length; i++) {
        widened[i] = (short) (codes[3 + i] * (squares == 0 ? 0 : 32_767 / squares));
      }
      long expected = 0;
      for (int i = 0; i < length; i++) {
        expected += codes[3 + i] * widened[i];
      }
      for (CodeMath math : both().toList()) {
        assertThat((long) math.dot(codes, 3, widened, length))
            .as("%s, length %d, round %d", math.getClass().getSimpleName(), length, round)
            .isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 13, 32, 33, 192, 207})
  void severalProductsAreThoseOfEach(int length) {
    var codes = new byte[3 + 20 * length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (random.nextInt(11) - 5);
    }
    var widened = new short[length];
    for (int i = 0; i < length; i++) {
      widened[i] = (short) (random.nextInt(11) - 5);
    }
    for (int count = 0; count <= 9; count++) {
      int[] rows = random.ints(count + 1, 0, 20).toArray();
      for (CodeMath math : both().toList()) {
        var products = new int[count + 1];
        products[count] = 77;
        math.dots(codes, 3, rows, count, widened, length, products);
        for (int i = 0; i < count; i++) {
          assertThat(products[i])
              .as("%s, %d of %d", math.getClass().getSimpleName(), i, count)
              .isEqualTo(new ScalarCodeMath().dot(codes, 3 + rows[i] * length, widened, length));
        }
        assertThat(products[count]).as("beyond the last").isEqualTo(77);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 13, 207})
  void coordinatesWithoutWeightMayBeLeftOut(int length) {
    byte[] codes = codes(3 + length * BLOCK);
    float[] weights = floats(length);
    var others = new int[length];
    int count = 0;
    for (int j = 0; j < length; j++) {
      if (random.nextInt(3) == 0) {
        weights[j] = 0;
      } else {
        others[count++] = j;
      }
    }
    float[] before = floats(BLOCK);
    for (CodeMath math : both().toList()) {
      float[] all = before.clone();
      math.addWeighted(codes, 3, length, weights, 0, all);
      float[] some = before.clone();
      math.addWeighted(codes, 3, weights, others, count, some);
      assertThat(some).as(math.getClass().getSimpleName()).isEqualTo(all);
    }
  }

  @ParameterizedTest
  @MethodSource("both")
  void bitsTellWhoReachesTheBar(CodeMath math) {
    float[] sums = floats(BLOCK);
    float[] values = floats(BLOCK + 5);
    values[5 + 7] = Float.NEGATIVE_INFINITY;
    long reached = math.atLeast(sums, 2, values, 5, .25f);
    for (int i = 0; i < BLOCK; i++) {
      assertThat((reached & 1L << i) != 0)
          .as("product %s", i)
          .isEqualTo(sums[i] + 2 * values[5 + i] >= .25f);
    }
    assertThat(math.atLeast(sums, 2, values, 5, Float.NEGATIVE_INFINITY)).isEqualTo(-1L);
    assertThat(math.atLeast(sums, 2, values, 5, Float.POSITIVE_INFINITY)).isZero();
  }

  @ParameterizedTest
  @MethodSource("both")
  void whatLeavesAnArrayIsRefused(CodeMath math) {
    assertThatThrownBy(
            () -> math.addWeighted(new byte[BLOCK], 1, 1, new float[1], 0, new float[BLOCK]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(
            () -> math.addWeighted(new float[BLOCK], 0, 1, new float[0], 0, new float[BLOCK]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    for (int outside : new int[] {-1, 1}) {
      assertThatThrownBy(
              () ->
                  math.addWeighted(
                      new byte[BLOCK], 0, new float[2], new int[] {outside}, 1, new float[BLOCK]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> math.atLeast(new float[BLOCK], 1, new float[BLOCK], 1, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> math.dot(new byte[4], 0, new float[3], 0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> math.dot(new byte[4], 1, new short[4], 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    for (int outside : new int[] {-1, 5}) {
      var rows = new int[] {0, 1, outside, 2, 3};
      assertThatThrownBy(() -> math.dots(new byte[160], 0, rows, 5, new short[32], 32, new int[5]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(
            () -> math.dots(new byte[160], 0, new int[5], 5, new short[32], 32, new int[4]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> math.dot(new byte[4], 0, new short[3], 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
