package io.lookalike.index.hnsw;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.NeighborIndexConformance;

/** Everything that an index must do, with a graph from the eighth product on. */
class SmallGraphTest extends NeighborIndexConformance {

  @Override
  protected IndexFactory factory() {
    return HnswIndex.builder().leastNodes(8).factory();
  }

  @Override
  protected double minimumRecall() {
    return .95;
  }
}
