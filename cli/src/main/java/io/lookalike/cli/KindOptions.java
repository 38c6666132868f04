package io.lookalike.cli;

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
}
