package io.lookalike.index.bruteforce;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.NeighborIndex;

/**
 * Lets {@link IndexFactory#named} find the index as {@code bruteforce}. In code, {@link
 * BruteForceIndex#factory()} says the same.
 */
public final class BruteForceIndexProvider implements IndexFactory {

  static final String NAME = "bruteforce";

  private final IndexFactory factory = BruteForceIndex.factory();

  /** Called by {@link java.util.ServiceLoader}. */
  public BruteForceIndexProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public NeighborIndex create(int dimension) {
    return factory.create(dimension);
  }
}
