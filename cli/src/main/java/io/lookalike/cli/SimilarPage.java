package io.lookalike.cli;

import io.lookalike.Candidate;
import io.lookalike.ImageSource;
import io.lookalike.Product;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code similar} finds, as a page to look at. */
final class SimilarPage {

  /** The attribute under which {@code index} keeps where a product's picture is. */
  static final String IMAGE = "image";

  /** The attribute that a folder of photos gives its products. */
  static final String CATEGORY = "category";

  private static final String NAME = "name";

  private final Recommender shop;
  private final boolean bySales;

  /**
   * Pages about a store.
   *
   * @param bySales whether what was found is ranked by sales, else by looks
   */
  SimilarPage(Recommender shop, boolean bySales) {
    this.shop = shop;
    this.bySales = bySales;
  }

  /** The page about a product of the store. */
  ResultPage about(Product consulted, List<Recommendation> ranked, List<Candidate> nearest) {
    return page(
        new ResultPage.Consulted(name(consulted), facts(consulted), photo(consulted)),
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
            bySales ? "those that sold, the most sold first" : "the nearest first",
            ranked.stream().map(r -> tile(r.id(), r.similarity(), r.sales())).toList());
    var strip =
        new ResultPage.Row(
            "By looks alone",
            "the nearest first, sold or not",
            nearest.stream().map(c -> tile(c.product().id(), c.similarity(), c.sales())).toList());
    var section = new ResultPage.Section(consulted, row, bySales ? strip : null);
    return ResultPage.of("What looks like " + consulted.name(), List.of(section));
  }

  private ResultPage.Tile tile(String id, float similarity, long sales) {
    Product product = shop.product(id).orElseGet(() -> Product.of(id));
    return new ResultPage.Tile(
        name(product), facts(product), photo(product), similarity, sales, "");
  }

  private static String name(Product product) {
    return product.attributes().get(NAME) instanceof String name ? name : product.id();
  }

  private static String facts(Product product) {
    var facts = new ArrayList<String>();
    if (!name(product).equals(product.id())) {
      facts.add(product.id());
    }
    for (Map.Entry<String, Object> entry : product.attributes().asMap().entrySet()) {
      String attribute = entry.getKey();
      if (attribute.equals(CATEGORY)) {
        facts.add(text(entry.getValue()));
      } else if (!attribute.equals(NAME) && !attribute.equals(IMAGE)) {
        facts.add(attribute + " " + text(entry.getValue()));
      }
    }
    return String.join(" · ", facts);
  }

  /** A product's attributes in a line, but not where its picture is. */
  static String attributes(Product product) {
    var texts = new ArrayList<String>();
    for (Map.Entry<String, Object> entry : product.attributes().asMap().entrySet()) {
      if (!entry.getKey().equals(IMAGE)) {
        texts.add(entry.getKey() + "=" + text(entry.getValue()));
      }
    }
    return String.join(", ", texts);
  }

  /** An attribute's value for people. */
  static String text(Object value) {
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return Long.toString(number.longValue());
    }
    if (value instanceof Set<?> members) {
      return members.stream().map(String::valueOf).sorted().collect(Collectors.joining("|"));
    }
    return value.toString();
  }

  private static @Nullable ImageSource photo(Product product) {
    return product.attributes().get(IMAGE) instanceof String path
        ? ImageSource.of(Path.of(path))
        : null;
  }
}
