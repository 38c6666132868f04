package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SignificanceTest {

  private static final long SEED = 7;

  @Test
  void holmWorkedByHand() {
    // .01 x 4, .02 x 3, .03 x 2, .04 x 1, and none less than the one before it
    assertThat(Significance.holm(0.04, 0.01, 0.03, 0.02)).containsExactly(0.06, 0.04, 0.06, 0.06);
    assertThat(Significance.holm(0.5, 0.9)).containsExactly(1, 1);
    assertThat(Significance.holm()).isEmpty();
  }

  /** With five customers there are 32 ways to change places, of which these are as extreme. */
  @Test
  void thePValueIsThatOfAllPermutations() {
    double[] one = {5, 4, 3, 6, 1};
    double[] other = {3, 1, 2, 2, 2};
    int[] customers = {0, 1, 2, 3, 4};
    double[] difference = {2, 3, 1, 4, -1};
    long asExtreme =
        IntStream.range(0, 32)
            .filter(
                bits -> {
                  double sum = 0;
                  for (int i = 0; i < 5; i++) {
                    sum += (bits >> i & 1) == 0 ? difference[i] : -difference[i];
                  }
                  return Math.abs(sum) >= 9;
                })
            .count();
    assertThat(asExtreme).isEqualTo(6);
    double p = Significance.seeded(SEED).draws(100, 200_000).pValue(one, other, customers);
    assertThat(p).isCloseTo(asExtreme / 32.0, within(0.004));
  }

  @Test
  void aCustomersQuestionsChangePlacesTogether() {
    // One customer with a hundred questions is one customer: p is 1, whatever the difference.
    double[] one = new double[100];
    Arrays.fill(one, 1);
    assertThat(Significance.seeded(SEED).pValue(one, new double[100], new int[100])).isEqualTo(1);
    int[] each = IntStream.range(0, 100).toArray();
    assertThat(Significance.seeded(SEED).pValue(one, new double[100], each)).isLessThan(0.001);
  }

  @Test
  void equalSettingsDoNotDiffer() {
    double[] one = {1, 0, Double.NaN, 1};
    assertThat(Significance.seeded(SEED).pValue(one, one.clone(), new int[] {0, 1, 2, 3}))
        .isEqualTo(1);
  }

  @Test
  void theIntervalOfIndependentQuestionsIsThatOfTheNormalTheory() {
    var random = new Random(SEED);
    double[] values = random.doubles(4_000).toArray();
    int[] customers = IntStream.range(0, values.length).toArray();
    Interval interval = Significance.seeded(SEED).mean(values, customers);
    double error = Math.sqrt(1 / 12.0 / values.length);
    assertThat(interval.value()).isCloseTo(0.5, within(4 * error));
    assertThat(interval.low()).isCloseTo(interval.value() - 1.96 * error, within(0.3 * error));
    assertThat(interval.high()).isCloseTo(interval.value() + 1.96 * error, within(0.3 * error));
  }

  @Test
  void whoAsksOftenWidensTheInterval() {
    var random = new Random(SEED);
    int[] customers = IntStream.range(0, 4_000).map(q -> q / 40).toArray();
    double[] tastes = random.doubles(100).toArray();
    double[] values = IntStream.of(customers).mapToDouble(c -> tastes[c]).toArray();
    Interval clustered = Significance.seeded(SEED).mean(values, customers);
    Interval naive =
        Significance.seeded(SEED).mean(values, IntStream.range(0, values.length).toArray());
    assertThat(clustered.high() - clustered.low()).isGreaterThan(4 * (naive.high() - naive.low()));
  }

  /** Over 200 shops of which the truth is known, 95 % of the intervals hold it. */
  @Test
  void intervalsCoverAtTheNominalRate() {
    int held = 0;
    for (int run = 0; run < 200; run++) {
      var random = new Random(SEED * 1_000 + run);
      int[] customers = new int[600];
      double[] values = new double[600];
      int question = 0;
      for (int customer = 0; question < values.length; customer++) {
        double taste = random.nextGaussian() * 0.2;
        int asked = 1 + random.nextInt(8);
        for (int i = 0; i < asked && question < values.length; i++, question++) {
          customers[question] = customer;
          values[question] = 0.3 + taste + 0.1 * random.nextGaussian();
        }
      }
      held += Significance.seeded(run).mean(values, customers).contains(0.3) ? 1 : 0;
    }
    // 190 +- 3 standard deviations of a binomial of 200 draws at .95
    assertThat(held).as("seed " + SEED).isBetween(180, 199);
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    double[] one = new Random(SEED).doubles(500).toArray();
    double[] other = new Random(SEED + 1).doubles(500).toArray();
    int[] customers = IntStream.range(0, 500).map(q -> q / 3).toArray();
    Significance alone = Significance.seeded(SEED);
    Significance many = alone.threads(3);
    assertThat(many.mean(one, customers)).isEqualTo(alone.mean(one, customers));
    assertThat(many.pValue(one, other, customers)).isEqualTo(alone.pValue(one, other, customers));
    assertThat(Significance.seeded(SEED + 1).mean(one, customers))
        .isNotEqualTo(alone.mean(one, customers));
  }

  @Test
  void whatIsNotThereIsLeftOut() {
    Interval interval =
        Significance.seeded(SEED).mean(new double[] {1, Double.NaN, 3}, new int[] {0, 0, 5});
    assertThat(interval.value()).isEqualTo(2);
    assertThat(Significance.seeded(SEED).mean(new double[0], new int[0]).value()).isNaN();
  }

  @Test
  void saysWhatItExpects() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Significance.seeded(1).mean(new double[2], new int[3]))
        .withMessage("there are 2 values and 3 customers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Significance.seeded(1).draws(99, 1000))
        .withMessage("draws are 99 and 1000, expected 100 or more of each");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Significance.seeded(1).level(1))
        .withMessage("level is 1.0, expected between 0 and 1");
  }
}
