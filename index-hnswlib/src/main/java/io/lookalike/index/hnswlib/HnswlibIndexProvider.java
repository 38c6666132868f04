package io.lookalike.index.hnswlib;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.NeighborIndex;

/**
 * Lets {@link IndexFactory#named} find the index as {@code hnswlib}. In code, {@link
 * HnswlibIndex#factory()} says the same.
 */
public final class HnswlibIndexProvider implements IndexFactory {

  static final String NAME = "hnswlib";

  private final IndexFactory factory = HnswlibIndex.factory();

  /** Called by {@link java.util.ServiceLoader}. */
  public HnswlibIndexProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public NeighborIndex create(int dimension) {
    return factory.create(dimension);
  }
}
