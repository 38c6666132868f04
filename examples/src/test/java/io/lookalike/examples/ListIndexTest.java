package io.lookalike.examples;

import io.lookalike.index.IndexFactory;
import io.lookalike.testkit.NeighborIndexConformance;

// snippet: conformance
class ListIndexTest extends NeighborIndexConformance {
  @Override
  protected IndexFactory factory() {
    return ListIndex::new;
  }
}
// end
