package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.catalog.Product;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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

  /** A setting that knows what each customer is to be shown. */
  private static Setting showing(String name, Function<Question, List<String>> pages) {
    return new Setting() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String description() {
        return name;
      }

      @Override
      public Answers open(Past past) {
        return pages::apply;
      }
    };
  }

  private static Replay shop(String... boughtFromTheCutOn) {
    ReplayCatalogue.Builder catalogue = ReplayCatalogue.builder();
    for (String id : List.of("best", "good", "x", "y")) {
      catalogue.add(Product.of(id), null);
    }
    PurchaseHistory.Builder history =
        PurchaseHistory.builder()
            .add("zoe", "best", Shops.CUT.minusSeconds(60), 9)
            .add("zoe", "good", Shops.CUT.minusSeconds(60), 9);
    int customer = 0;
    for (String bought : boughtFromTheCutOn) {
      history.add("c" + customer++, bought, Shops.CUT.plusSeconds(60), 1);
    }
    return Replay.of(history.build(), catalogue.build()).cuts(Shops.CUT).k(2);
  }

  /**
   * Customers who buy x are shown it by both, by one with something else beside it; of those who
   * buy y, one shows nothing, and the other nothing of use.
   */
  @Test
  void settingsAreComparedByWhatBothHaveAFigureOf() throws IOException {
    var bought = new String[40];
    Arrays.fill(bought, "y");
    Arrays.fill(bought, 0, 10, "x");
    EvaluationResult uneven =
        shop(bought)
            .tasks(Task.CUSTOMER)
            .run(
                List.of(
                    showing("before", q -> List.of("x")),
                    showing(
                        "after",
                        q ->
                            Integer.parseInt(String.valueOf(q.customer()).substring(1)) < 10
                                ? List.of("x", "best")
                                : List.of())));
    assertThat(uneven.figure("before", Task.CUSTOMER, Measure.SERENDIPITY).value()).isEqualTo(0.25);
    assertThat(uneven.figure("after", Task.CUSTOMER, Measure.SERENDIPITY).value()).isEqualTo(0.5);
    EvaluationAssert checked = EvaluationAssert.assertThat(uneven);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isBetter("after", "before", Measure.SERENDIPITY))
        .withMessageContaining("of the 10 questions that both have a figure of, it is -0.5000");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isNotWorse("after", "before", Measure.SERENDIPITY))
        .withMessageContaining("of the 10 questions that both have a figure of, it is -0.5000");
    checked.isBetter("before", "after", Measure.SERENDIPITY);
  }

  @Test
  void whereNothingWasAskedNothingIsNotWorse() throws IOException {
    EvaluationResult nothing =
        shop("best")
            .tasks(Task.NEW)
            .run(List.of(showing("one", q -> List.of()), showing("other", q -> List.of())));
    EvaluationAssert checked = EvaluationAssert.assertThat(nothing);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isNotWorse("one", "other", Measure.NDCG))
        .withMessage(
            "NDCG of one cannot be compared with that of other: there is no figure, over 0"
                + " questions");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isBetter("one", "other", Measure.NDCG))
        .withMessageContaining("there is no figure, over 0 questions");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> checked.isAtLeast("one", Measure.NDCG, 0));
  }

  @Test
  void namesAreTextInMarkdown(@TempDir Path folder) throws IOException {
    String name = "a | b <img src=x> \\ `c`\n# d";
    EvaluationReport.of(shop("best", "x").run(List.of(showing(name, q -> List.of("y")))))
        .title("T <i>\n# U")
        .facts(Map.of("command", "--boost 'a < b' |\r\n# V"))
        .write(folder);
    String markdown = Files.readString(folder.resolve("evaluation.md"));
    assertThat(markdown)
        .contains("| a \\| b \\<img src=x> \\\\ \\`c\\` # d |")
        .contains("- a \\| b \\<img")
        .contains("# T \\<i> # U\n", "--boost 'a \\< b' \\| # V\n")
        .doesNotContainPattern("(?m)^# [^T]")
        .doesNotContainPattern("(?<!\\\\)<");
    long columns =
        markdown
            .lines()
            .filter(line -> line.startsWith("| a "))
            .mapToLong(line -> line.replaceAll("\\\\\\|", "").chars().filter(c -> c == '|').count())
            .findFirst()
            .orElseThrow();
    assertThat(markdown.lines().filter(line -> line.startsWith("| setting")).findFirst())
        .hasValueSatisfying(
            line -> assertThat(line.chars().filter(c -> c == '|').count()).isEqualTo(columns));
  }
}
