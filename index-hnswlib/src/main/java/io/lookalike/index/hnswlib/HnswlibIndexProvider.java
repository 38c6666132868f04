package io.lookalike.index.hnswlib;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexProvider;

/**
 * Lets {@link IndexProvider#named} find the index as {@code hnswlib}. In code, {@link
 * HnswlibIndex#factory()} says the same.
 */
public final class HnswlibIndexProvider implements IndexProvider {

  static final String NAME = "hnswlib";

  /** Called by {@link java.util.ServiceLoader}. */
  public HnswlibIndexProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public IndexFactory factory() {
    return HnswlibIndex.factory();
  }
}
