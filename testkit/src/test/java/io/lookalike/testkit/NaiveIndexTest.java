package io.lookalike.testkit;

import io.lookalike.index.IndexFactory;

/**
 * The tests' own index passes, which also shows that the conformance kit asks nothing impossible.
 */
class NaiveIndexTest extends NeighborIndexConformance {

  @Override
  protected IndexFactory factory() {
    return NaiveIndex.factory();
  }
}
