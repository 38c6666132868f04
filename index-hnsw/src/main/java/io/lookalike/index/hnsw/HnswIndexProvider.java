package io.lookalike.index.hnsw;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.NeighborIndex;

/**
 * Lets {@link IndexFactory#named} find the index as {@code hnsw}. In code, {@link
 * HnswIndex#factory()} says the same.
 */
public final class HnswIndexProvider implements IndexFactory {

  static final String NAME = "hnsw";

  private final IndexFactory factory = HnswIndex.factory();

  /** Called by {@link java.util.ServiceLoader}. */
  public HnswIndexProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public NeighborIndex create(int dimension) {
    return factory.create(dimension);
  }
}
