package io.lookalike.index.bruteforce;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexProvider;

/**
 * Lets {@link IndexProvider#named} find the index as {@code bruteforce}. In code, {@link
 * BruteForceIndex#factory()} says the same.
 */
public final class BruteForceIndexProvider implements IndexProvider {

  static final String NAME = "bruteforce";

  /** Called by {@link java.util.ServiceLoader}. */
  public BruteForceIndexProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public IndexFactory factory() {
    return BruteForceIndex.factory();
  }
}
