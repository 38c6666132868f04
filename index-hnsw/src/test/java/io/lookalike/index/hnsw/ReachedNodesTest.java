package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a walk that never stops comes upon every product of a graph with few links. */
@Tag("once")
class ReachedNodesTest {

  private static final int DIMENSION = 16;
  private static final int PRODUCTS = 3_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyProductIsReached(long seed) {
    var random = new Random(seed);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < PRODUCTS; i++) {
      var vector = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] = (float) random.nextGaussian() + (i % 3 == 0 ? 2 : 0);
      }
      items.add(IndexItem.of("p" + i, vector));
    }
    var factory = HnswIndex.builder().m(3).efConstruction(6).efSearch(4096).threads(1).factory();
    try (var built = factory.build(DIMENSION, items)) {
      assertThat(lost(built, items)).as("seed %s", seed).isEmpty();
    }
    // Here the graph is made anew, and its arrays grow.
    try (var grown = factory.create(DIMENSION)) {
      for (int i = 0; i < PRODUCTS; i += 500) {
        grown.upsertAll(items.subList(i, i + 500));
      }
      grown.optimize();
      assertThat(lost(grown, items)).as("seed %s, made anew", seed).isEmpty();
    }
  }

  private static List<String> lost(NeighborIndex index, List<IndexItem> items) {
    return items.stream()
        .filter(item -> !index.search(Query.of(item.vector(), 1)).get(0).id().equals(item.id()))
        .map(IndexItem::id)
        .toList();
  }
}
