package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationReportTest {

  private static final long SEED = 9;
  private static EvaluationResult result;

  @BeforeAll
  static void replay() throws IOException {
    ReplayCatalogue catalogue = Shops.catalogue(160, SEED);
    PurchaseHistory history =
        new SimulatedShoppers(0.7, 0.1, 0.1, SEED).shop(catalogue, 600, Shops.FIRST, Shops.DAYS);
    result =
        Replay.of(history, catalogue)
            .cuts(Shops.CUT)
            .run(
                List.of(
                    Baselines.random(1),
                    RecommenderSetting.named("looks <b>", BruteForceIndex.factory()),
                    Baselines.popular(7)));
  }

  @Test
  void allThreeFilesTellTheSameAndThePageNeedsNothingElse(@TempDir Path folder) throws IOException {
    Path page =
        EvaluationReport.of(result)
            .title("A & B")
            .notice("Simulated.")
            .facts(Map.of("data", "made up"))
            .products(product -> "name of " + product.id(), product -> new byte[] {1, 2})
            .write(folder.resolve("report"));
    String html = Files.readString(page);
    assertThat(html)
        .startsWith("<!DOCTYPE html>")
        .contains("A &amp; B", "Simulated.", "made up", "looks &lt;b&gt;", "name of p0")
        .contains("data:image/jpeg;base64,AQI=")
        .doesNotContain("looks <b>")
        .doesNotContainPattern("(src|href)=\"?https?:");
    String figure = ReportPage.number(result.figure("random", Task.ITEM, Measure.NDCG).value());
    assertThat(html).contains(figure);
    String markdown = Files.readString(folder.resolve("report/evaluation.md"));
    assertThat(markdown).startsWith("# A & B").contains("**Simulated.**", figure);
    Map<String, Object> json =
        JSON.std.mapFrom(Files.readString(folder.resolve("report/evaluation.json")));
    assertThat(json).containsEntry("notice", "Simulated.");
    assertThat((List<?>) json.get("tasks")).hasSize(3);
    assertThat((List<?>) json.get("settings")).hasSize(3);
  }

  @Test
  void figuresHaveAsManyDigitsAsTellThemApart() {
    assertThat(ReportPage.number(0.12345)).isEqualTo("0.1235");
    assertThat(ReportPage.number(12.345)).isEqualTo("12.35");
    assertThat(ReportPage.number(123_456.7)).isEqualTo("123,457");
    assertThat(ReportPage.number(Double.NaN)).isEqualTo("–");
    assertThat(ReportPage.range(new Interval(1, Double.NaN, 2))).isEmpty();
  }

  @Test
  void aBuildFailsWhereAChangeMakesItWorse() {
    EvaluationAssert checked = EvaluationAssert.assertThat(result).in(Task.ITEM);
    assertThatCode(
            () ->
                checked
                    .isNotWorse("looks <b>", "random", Measure.NDCG)
                    .isBetter("looks <b>", "random", Measure.NDCG)
                    .isAtLeast("looks <b>", Measure.NDCG, 0.05))
        .doesNotThrowAnyException();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isNotWorse("random", "looks <b>", Measure.NDCG))
        .withMessageStartingWith("NDCG of random is 0.0")
        .withMessageContaining("expected not less than that of looks <b>")
        .withMessageContaining("p = 0.0001");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isBetter("random", "random", Measure.NDCG))
        .withMessageContaining("p = 1.0000");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isAtLeast("random", Measure.NDCG, 0.9))
        .withMessageContaining("expected 0.9 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> checked.isNotWorse("other", "random", Measure.NDCG))
        .withMessage("there is no setting other, only random, looks <b>, popular");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> result.pValue("random", "popular", Task.ITEM, Measure.LIFT))
        .withMessageStartingWith("popularity lift is of all pages together");
  }
}
