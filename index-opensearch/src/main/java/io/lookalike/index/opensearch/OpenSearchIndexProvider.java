package io.lookalike.index.opensearch;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexProvider;

/** Makes {@link OpenSearchIndex} known as {@code opensearch:URL}. */
public final class OpenSearchIndexProvider implements IndexProvider {

  /** For {@link java.util.ServiceLoader}. */
  public OpenSearchIndexProvider() {}

  @Override
  public String name() {
    return "opensearch";
  }

  @Override
  public IndexFactory factory() {
    throw new IllegalArgumentException(
        "opensearch is a cluster; say where, as in opensearch:https://localhost:9200");
  }

  /**
   * The factory of indexes in a cluster, as {@link OpenSearchIndex.Builder#address} and {@link
   * OpenSearchIndex.Builder#environment} have it.
   */
  @Override
  public IndexFactory at(String address) {
    return OpenSearchIndex.builder().address(address).environment(System.getenv()).factory();
  }
}
