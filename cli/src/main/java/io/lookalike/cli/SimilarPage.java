package io.lookalike.cli;

import io.lookalike.Candidate;
import io.lookalike.ImageSource;
import io.lookalike.Product;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code similar} finds, as a page to look at. */
final class SimilarPage {

  private final Recommender shop;
  private final SimilarCommand.Rank rank;

  /**
   * Pages about a store.
   *
   * @param rank by what it is ranked
   */
  SimilarPage(Recommender shop, SimilarCommand.Rank rank) {
    this.shop = shop;
    this.rank = rank;
  }

  /** The page about a product of the store. */
  ResultPage about(Product consulted, List<Recommendation> ranked, List<Candidate> nearest) {
    return page(
        new ResultPage.Consulted(Facts.name(consulted), Facts.line(consulted), photo(consulted)),
        ranked,
        nearest);
  }

  /** The page about a picture. */
  ResultPage about(Path photo, List<Recommendation> ranked, List<Candidate> nearest) {
    String name = photo.getFileName().toString();
    return page(new ResultPage.Consulted(name, "", ImageSource.of(photo)), ranked, nearest);
  }

  private ResultPage page(
      ResultPage.Consulted consulted, List<Recommendation> ranked, List<Candidate> nearest) {
    var row =
        new ResultPage.Row(
            "Products that look like it",
            rank.remark,
            ranked.stream().map(r -> tile(r.id(), r.similarity(), r.sales())).toList());
    var strip =
        new ResultPage.Row(
            "By looks alone",
            "the nearest first, sold or not",
            nearest.stream().map(c -> tile(c.product().id(), c.similarity(), c.sales())).toList());
    var section =
        new ResultPage.Section(
            consulted, row, rank == SimilarCommand.Rank.SIMILARITY ? null : strip);
    return ResultPage.of("What looks like " + consulted.name(), List.of(section));
  }

  private ResultPage.Tile tile(String id, float similarity, long sales) {
    Product product = shop.product(id).orElseGet(() -> Product.of(id));
    return new ResultPage.Tile(
        Facts.name(product), Facts.line(product), photo(product), similarity, sales, "");
  }

  private static @Nullable ImageSource photo(Product product) {
    return product.attributes().get(Facts.IMAGE) instanceof String path
        ? ImageSource.of(Path.of(path))
        : null;
  }
}
