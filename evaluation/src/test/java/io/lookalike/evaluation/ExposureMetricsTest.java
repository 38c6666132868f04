package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.math.UnitVector;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ExposureMetricsTest {

  private static final Offset<Double> CLOSE = within(1e-12);

  @Test
  void coverageAndGiniWorkedByHand() {
    // ascending 0, 1, 3; (2 x 1 - 4) 0 + (2 x 2 - 4) 1 + (2 x 3 - 4) 3 = 6; 6 / (3 x 4)
    assertThat(ExposureMetrics.gini(new long[] {3, 0, 1})).isCloseTo(0.5, CLOSE);
    assertThat(ExposureMetrics.gini(new long[] {5, 5, 5, 5})).isEqualTo(0);
    assertThat(ExposureMetrics.gini(new long[] {0, 0, 0, 9})).isCloseTo(0.75, CLOSE);
    assertThat(ExposureMetrics.gini(new long[] {0, 0})).isEqualTo(0);
    assertThat(ExposureMetrics.coverage(new long[] {3, 0, 1, 0})).isEqualTo(0.5);
  }

  /** By its other definition, half the mean absolute difference relative to the mean. */
  @Test
  void giniIsHalfTheRelativeMeanDifference() {
    long[] shown = {4, 0, 7, 7, 1, 0, 12, 3};
    double sum = 0;
    for (long a : shown) {
      for (long b : shown) {
        sum += Math.abs(a - b);
      }
    }
    double mean = LongStream.of(shown).average().orElseThrow();
    assertThat(ExposureMetrics.gini(shown)).isCloseTo(sum / (2.0 * 64 * mean), CLOSE);
  }

  @Test
  void popularityAndNoveltyWorkedByHand() {
    assertThat(ExposureMetrics.averagePopularity(new long[] {3, 0, 9})).isEqualTo(4);
    assertThat(ExposureMetrics.averagePopularity(new long[0])).isNaN();
    // 12 pieces and 4 products: one of 3 pieces has p = 4/16, one of 0 has 1/16; 2 and 4 bits
    assertThat(ExposureMetrics.novelty(new long[] {3, 0}, 12, 4)).isCloseTo(3, CLOSE);
    assertThat(ExposureMetrics.popularityLift(3, 2)).isEqualTo(0.5);
    assertThat(ExposureMetrics.popularityLift(1, 2)).isEqualTo(-0.5);
    assertThat(ExposureMetrics.popularityLift(1, 0)).isNaN();
  }

  @Test
  void serendipityCountsWhatTheBestSellersLack() {
    assertThat(
            ExposureMetrics.serendipity(
                List.of("a", "b", "c", "d"), Set.of("a", "b", "x"), Set.of("a", "z")))
        .isEqualTo(0.25);
    assertThat(ExposureMetrics.serendipity(List.of(), Set.of("a"), Set.of())).isNaN();
  }

  @Test
  void intraListSimilarityIsTheMeanOfAllPairs() {
    UnitVector east = UnitVector.of(new float[] {1, 0});
    UnitVector north = UnitVector.of(new float[] {0, 1});
    assertThat(ExposureMetrics.intraListSimilarity(List.of(east, east, north)))
        .isCloseTo(1 / 3.0, within(1e-6));
    assertThat(ExposureMetrics.intraListSimilarity(List.of(east))).isNaN();
  }

  @Test
  void sharesAndPercentiles() {
    assertThat(ExposureMetrics.share(1, 4)).isEqualTo(0.25);
    assertThat(ExposureMetrics.share(0, 0)).isNaN();
    long[] values = LongStream.rangeClosed(1, 200).map(i -> 201 - i).toArray();
    assertThat(ExposureMetrics.percentile(values, 0.5)).isEqualTo(100);
    assertThat(ExposureMetrics.percentile(values, 0.99)).isEqualTo(198);
    assertThat(ExposureMetrics.percentile(new long[] {7}, 0.01)).isEqualTo(7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExposureMetrics.percentile(values, 0))
        .withMessage("share is 0.0, expected more than 0 and at most 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExposureMetrics.gini(new long[] {1, -1}))
        .withMessage("shown -1 times, expected 0 or more");
  }
}
