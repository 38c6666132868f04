package io.lookalike.cli;

import io.lookalike.catalog.Product;
import io.lookalike.datasets.Catalogue;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** By which attributes products belong together, for the commands that measure. */
final class KindOptions {

  /** What variants of one design have in common, unless something else is named. */
  static final String VARIANTS = "product_code";

  @Option(
      names = "--category-by",
      paramLabel = "ATTRIBUTE",
      description = "What products of a kind have in common. Default: " + Facts.CATEGORY + ".")
  @Nullable String categoryBy;

  @Option(
      names = "--variants-by",
      paramLabel = "ATTRIBUTE",
      description = "What variants have in common. Default: " + VARIANTS + ".")
  @Nullable String variantsBy;

  /** The attribute, as its text where it is also a number; it must be there if it was named. */
  static String attribute(@Nullable String named, String usual, List<Product> products) {
    if (named != null) {
      FilterCheck.checkAttribute(named, products.stream());
    }
    return textOf(named == null ? usual : named, products.stream());
  }

  /**
   * The attribute that keeps the texts of codes which are also numbers; or the attribute itself.
   */
  static String textOf(String attribute, Stream<Product> products) {
    String text = attribute + Catalogue.TEXT_SUFFIX;
    return products.anyMatch(product -> product.attributes().get(text) != null) ? text : attribute;
  }
}
