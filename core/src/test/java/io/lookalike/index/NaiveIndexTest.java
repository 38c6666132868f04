package io.lookalike.index;

/**
 * The tests' own index passes, which also shows that the conformance kit asks nothing impossible.
 */
class NaiveIndexTest extends NeighborIndexConformance {

  @Override
  protected IndexFactory factory() {
    return NaiveIndex.factory();
  }
}
