package io.lookalike.cli;

import io.lookalike.Explanation;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code similar} finds, as a page to look at. */
final class SimilarPage {

  private final Recommender shop;
  private final String order;
  private final @Nullable Explanation explanation;
  private final Set<String> whyNot;

  /**
   * Pages about a store.
   *
   * @param order by what it is ranked, in words
   * @param explanation told on demand, or null
   * @param whyNot products to be told about even if they were no candidates
   */
  SimilarPage(
      Recommender shop, String order, @Nullable Explanation explanation, Set<String> whyNot) {
    this.shop = shop;
    this.order = order;
    this.explanation = explanation;
    this.whyNot = whyNot;
  }

  /** The page about a product of the store. */
  ResultPage about(String id, List<Recommendation> ranked, List<Explanation.Step> nearest) {
    Product consulted = shop.product(id).orElseThrow();
    return page(
        new ResultPage.Consulted(
            Facts.name(consulted), Facts.line(consulted), Facts.photo(consulted)),
        ranked,
        nearest);
  }

  /** The page about a picture. */
  ResultPage about(ImageSource photo, List<Recommendation> ranked, List<Explanation.Step> nearest) {
    Path file = Path.of(photo.name()).getFileName();
    return page(new ResultPage.Consulted(String.valueOf(file), "", photo), ranked, nearest);
  }

  private ResultPage page(
      ResultPage.Consulted consulted, List<Recommendation> ranked, List<Explanation.Step> nearest) {
    var row =
        new ResultPage.Row(
            "Products that look like it",
            order,
            ranked.stream().map(r -> tile(r.id(), r.similarity(), r.sales())).toList());
    var strip =
        new ResultPage.Row(
            "By looks alone",
            "the nearest first, sold or not",
            nearest.stream().map(c -> tile(c.id(), c.similarity(), c.sales())).toList());
    var section =
        new ResultPage.Section(
            consulted, row, nearest.isEmpty() ? List.of() : List.of(strip), why());
    return ResultPage.of("What looks like " + consulted.name(), List.of(section));
  }

  private @Nullable List<ResultPage.Step> why() {
    if (explanation == null) {
      return null;
    }
    var steps = new ArrayList<ResultPage.Step>();
    var told = new HashSet<String>();
    for (Explanation.Step step : explanation.candidates()) {
      told.add(step.id());
      steps.add(
          new ResultPage.Step(
              step.id(),
              "" + step.visualRank(),
              String.format(Locale.ROOT, "%.3f", step.similarity()),
              "" + step.sales(),
              ExplanationTable.number(step.popularity()),
              ExplanationTable.number(step.score()),
              step.rank() == 0 ? "-" : "" + step.rank(),
              ExplanationTable.outcome(step.verdict())));
    }
    for (String id : whyNot) {
      if (told.add(id)) {
        String outcome = ExplanationTable.outcome(explanation.whyNot(id));
        steps.add(new ResultPage.Step(id, "-", "-", "-", "-", "-", "-", outcome));
      }
    }
    return steps;
  }

  private ResultPage.Tile tile(String id, float similarity, long sales) {
    Product product = shop.product(id).orElseGet(() -> Product.of(id));
    return new ResultPage.Tile(
        Facts.name(product), Facts.line(product), Facts.photo(product), similarity, sales, "");
  }
}
