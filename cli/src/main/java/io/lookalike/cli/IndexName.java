package io.lookalike.cli;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexProvider;
import io.lookalike.index.opensearch.OpenSearchIndex;
import picocli.CommandLine.TypeConversionException;

/** What searches, as {@code --index} names it. */
final class IndexName {

  /** What help says of an option that takes one. */
  static final String LABEL = "NAME";

  /** What is quick to build, and so is right for one question. */
  static final String DEFAULT = "bruteforce";

  static final String DESCRIPTION =
      "What searches: bruteforce, hnsw, hnswlib, or a cluster in which the products then are:"
          + " opensearch:URL[,URL][/INDEX][?shards=N&replicas=N&quantized]. Default: ${DEFAULT-VALUE}.";

  /** What a cluster's name begins with. */
  private static final String CLUSTER = "opensearch:";

  private IndexName() {}

  /** Whether an index outlives the process, beside its store or in a cluster. */
  static boolean isKept(String text) {
    return text.equals("hnsw") || text.startsWith(CLUSTER);
  }

  /** Reads an option's value. */
  static IndexFactory of(String text) {
    try {
      return IndexProvider.named(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /**
   * The settings of a cluster.
   *
   * @throws UserErrorException if it is none
   */
  static OpenSearchIndex.Builder cluster(String name) {
    if (!name.startsWith(CLUSTER)) {
      throw new UserErrorException(
          "--index is " + name + ", expected a cluster such as opensearch:https://localhost:9200");
    }
    try {
      return OpenSearchIndex.builder()
          .address(name.substring(CLUSTER.length()))
          .environment(System.getenv());
    } catch (IllegalArgumentException e) {
      throw new UserErrorException("--index: " + e.getMessage(), e);
    }
  }
}
