package io.lookalike.cli;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexProvider;
import picocli.CommandLine.TypeConversionException;

/** What searches, as {@code --index} names it. */
final class IndexName {

  /** What help says of an option that takes one. */
  static final String LABEL = "NAME";

  /** What is quick to build, and so is right for one question. */
  static final String DEFAULT = "bruteforce";

  static final String DESCRIPTION =
      "What searches: bruteforce, hnsw, hnswlib, or a cluster in which the products then are:"
          + " opensearch:URL[,URL][/INDEX]. Default: ${DEFAULT-VALUE}.";

  private IndexName() {}

  /** Reads an option's value. */
  static IndexFactory of(String text) {
    try {
      return IndexProvider.named(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
