package io.lookalike.index.hnsw;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.NeighborIndex;
import io.lookalike.testkit.NeighborIndexConformance;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;

/** Everything that an index must do, with a graph from the eighth product on. */
@Tag("once")
class SmallGraphTest extends NeighborIndexConformance {

  @Override
  protected IndexFactory factory() {
    return HnswIndex.builder().leastNodes(8).factory();
  }

  @Override
  protected double minimumRecall() {
    return .95;
  }

  @Override
  protected Optional<Snapshots> snapshots() {
    return Optional.of(HnswIndexTest.SNAPSHOTS);
  }

  @Override
  protected OptionalLong memoryBytes(NeighborIndex index) {
    return OptionalLong.of(((HnswIndex) index).memoryBytes());
  }
}
