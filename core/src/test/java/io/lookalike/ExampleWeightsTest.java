package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ExampleWeightsTest {

  private static final Offset<Double> ROUNDING = Offset.offset(1e-12);

  @Test
  void averagesByHand() {
    double[] factors =
        ExampleWeights.factors(Combination.AVERAGE, new double[] {1, 3}, new double[] {2, 2, 4});
    assertThat(factors).containsExactly(new double[] {.25, .75, -.125, -.125, -.25}, ROUNDING);
  }

  @Test
  void sumsByHand() {
    double[] factors =
        ExampleWeights.factors(Combination.SUM, new double[] {1, 3}, new double[] {2, 4});
    assertThat(factors).containsExactly(new double[] {.25, .75, -.5, -1}, ROUNDING);
    assertThat(ExampleWeights.factors(Combination.SUM, new double[] {7}, new double[0]))
        .containsExactly(1);
  }

  /** From the least number above 0 to the largest one, on either side. */
  @Test
  void anyWeightsGiveFactorsThatCanBeAdded() {
    double[] extremes = {
      Double.MIN_VALUE, 1e-300, 1e-46, 1e-30, 1, 1e30, 3.5e38, 1e40, 1e200, 1e308, Double.MAX_VALUE
    };
    for (Combination combination : new Combination[] {Combination.AVERAGE, Combination.SUM}) {
      for (long seed = 0; seed < 2000; seed++) {
        var random = new Random(seed);
        double[] liked = some(extremes, 1 + random.nextInt(4), random);
        double[] disliked = some(extremes, random.nextInt(4), random);
        double[] factors = ExampleWeights.factors(combination, liked, disliked);
        String as = combination + ", seed " + seed;
        assertThat(factors).as(as).hasSize(liked.length + disliked.length);
        for (int i = 0; i < factors.length; i++) {
          assertThat(i < liked.length ? factors[i] : -factors[i]).as(as).isBetween(0.0, 1.0);
        }
        assertThat(Arrays.stream(factors).map(Math::abs).max().orElse(0))
            .as(as)
            .isGreaterThanOrEqualTo(.125);
      }
    }
  }

  private static double[] some(double[] values, int n, Random random) {
    return random.ints(n, 0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** Only the weights' proportions matter. */
  @Test
  void aCommonFactorChangesNothing() {
    for (Combination combination : new Combination[] {Combination.AVERAGE, Combination.SUM}) {
      double[] plain =
          ExampleWeights.factors(combination, new double[] {1, 2}, new double[] {3, 1});
      for (double by : new double[] {0x1p-1000, 0x1p-100, 0x1p100, 0x1p1000}) {
        assertThat(
                ExampleWeights.factors(
                    combination, new double[] {by, 2 * by}, new double[] {3 * by, by}))
            .containsExactly(plain);
      }
    }
  }
}
