package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RankingMetricsTest {

  private static final Offset<Double> CLOSE = within(1e-12);

  /** Worked by hand: the second and the fourth of five places hold what was bought, of three. */
  private static final boolean[] HITS = {false, true, false, true, false};

  @Test
  void aCaseWorkedByHand() {
    assertThat(RankingMetrics.precision(HITS, 3, 5)).isEqualTo(2 / 5.0);
    assertThat(RankingMetrics.recall(HITS, 3, 5)).isEqualTo(2 / 3.0);
    assertThat(RankingMetrics.hitRate(HITS, 3, 5)).isEqualTo(1);
    assertThat(RankingMetrics.hitRate(HITS, 3, 1)).isEqualTo(0);
    assertThat(RankingMetrics.reciprocalRank(HITS, 3, 5)).isEqualTo(1 / 2.0);
    // precisions at the hits: 1/2 and 2/4
    assertThat(RankingMetrics.averagePrecision(HITS, 3, 5)).isCloseTo(1 / 3.0, CLOSE);
    // (1 / log2 3 + 1 / log2 5) / (1 + 1 / log2 3 + 1 / 2)
    assertThat(RankingMetrics.ndcg(HITS, 3, 5))
        .isCloseTo((0.6309297535714575 + 0.43067655807339306) / 2.1309297535714578, CLOSE);
    // .2 x (.8 + .8^3)
    assertThat(RankingMetrics.rankBiasedPrecision(HITS, 3, 5, 0.8)).isCloseTo(0.2624, CLOSE);
  }

  @Test
  void kaggleDividesByWhatAPageCanHold() {
    var perfect = new boolean[12];
    Arrays.fill(perfect, true);
    assertThat(RankingMetrics.kaggleAveragePrecision(perfect, 20, 12)).isEqualTo(1);
    assertThat(RankingMetrics.averagePrecision(perfect, 20, 12)).isEqualTo(12 / 20.0);
    // bought 3, hits at 2 and 4: (1/2 + 2/4) / 3
    assertThat(RankingMetrics.kaggleAveragePrecision(HITS, 3, 12)).isCloseTo(1 / 3.0, CLOSE);
    // only the first 2 places count, and a page of 2 can hold 2: (1/2) / 2
    assertThat(RankingMetrics.kaggleAveragePrecision(HITS, 3, 2)).isCloseTo(1 / 4.0, CLOSE);
  }

  @Test
  void agreesWithTrecEvalAndRanx() throws IOException {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("metrics.csv")),
                StandardCharsets.UTF_8))) {
      lines.readLine();
      int cases = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine(), cases++) {
        String[] cells = line.split(",", -1);
        var hits = new boolean[cells[0].length()];
        for (int i = 0; i < hits.length; i++) {
          hits[i] = cells[0].charAt(i) == '1';
        }
        int relevant = Integer.parseInt(cells[1]);
        int k = Integer.parseInt(cells[2]);
        double[] ours = {
          RankingMetrics.precision(hits, relevant, k),
          RankingMetrics.recall(hits, relevant, k),
          RankingMetrics.hitRate(hits, relevant, k),
          RankingMetrics.reciprocalRank(hits, relevant, k),
          RankingMetrics.averagePrecision(hits, relevant, k),
          RankingMetrics.ndcg(hits, relevant, k)
        };
        for (int i = 0; i < ours.length; i++) {
          assertThat(ours[i])
              .as(line + ": trec_eval's " + i)
              .isCloseTo(number(cells[3 + i]), CLOSE);
          assertThat(ours[i]).as(line + ": ranx's " + i).isCloseTo(number(cells[9 + i]), CLOSE);
        }
        assertThat(RankingMetrics.rankBiasedPrecision(hits, relevant, k, 0.8))
            .as(line)
            .isCloseTo(number(cells[15]), CLOSE);
      }
      assertThat(cases).isEqualTo(60);
    }
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }

  @Test
  void saysWhatIsNoQuestion() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RankingMetrics.recall(HITS, 0, 5))
        .withMessage("relevant is 0, expected 1 or more: without one there is no question");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RankingMetrics.ndcg(HITS, 1, 5))
        .withMessage("there are 2 hits, expected at most 1, as many as relevant");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RankingMetrics.precision(HITS, 3, 0))
        .withMessage("k is 0, expected 1 or more");
  }
}
