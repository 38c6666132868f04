package io.lookalike.index.hnsw;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexProvider;

/**
 * Lets {@link IndexProvider#named} find the index as {@code hnsw}. In code, {@link
 * HnswIndex#factory()} says the same.
 */
public final class HnswIndexProvider implements IndexProvider {

  static final String NAME = "hnsw";

  /** Called by {@link java.util.ServiceLoader}. */
  public HnswIndexProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public IndexFactory factory() {
    return HnswIndex.factory();
  }
}
