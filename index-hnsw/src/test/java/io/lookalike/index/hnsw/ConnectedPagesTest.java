package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of a graph that misses much, after it was told what they miss. */
@Tag("once")
class ConnectedPagesTest {

  private static final int DIMENSION = 24;
  private static final int PRODUCTS = 1_200;
  private static final int K = 11;

  @TempDir private Path folder;

  private static HnswIndex graph() {
    return (HnswIndex)
        HnswIndex.builder()
            .m(4)
            .efConstruction(12)
            .efSearch(17)
            .threads(1)
            .factory()
            .create(DIMENSION);
  }

  private static void fill(NeighborIndex index, NeighborIndex exact, long seed, int from, int to) {
    var random = new Random(seed);
    var items = new ArrayList<IndexItem>();
    for (int i = from; i < to; i++) {
      var vector = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] = (float) random.nextGaussian();
      }
      items.add(IndexItem.of("p" + i, vector));
    }
    index.upsertAll(items);
    exact.upsertAll(items);
  }

  /** Which of a page's products are missing. */
  private static List<String> missed(NeighborIndex index, IndexItem item, NeighborIndex exact) {
    Query page = Query.of(item.vector(), K);
    List<String> wanted = new ArrayList<>(exact.search(page).stream().map(Neighbor::id).toList());
    index.search(page).forEach(neighbor -> wanted.remove(neighbor.id()));
    return wanted;
  }

  private static int wrong(NeighborIndex index, NeighborIndex exact) {
    var wrong = new ArrayList<String>();
    exact.forEach(
        item -> {
          if (!missed(index, item, exact).isEmpty()) {
            wrong.add(item.id());
          }
        });
    return wrong.size();
  }

  /**
   * Tells the index of every page what it misses: first of the product itself, as an audit does.
   */
  private static void connect(NeighborIndex index, NeighborIndex exact) {
    exact.forEach(
        item -> {
          if (missed(index, item, exact).contains(item.id())) {
            index
                .search(Query.of(item.vector(), 3))
                .forEach(end -> index.connect(end.id(), List.of(item.id())));
          }
          index.connect(item.id(), missed(index, item, exact));
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void everyPageIsRightAfterwards(long seed) throws Exception {
    Path file = folder.resolve("graph");
    try (HnswIndex index = graph();
        NeighborIndex exact = BruteForceIndex.factory().create(DIMENSION)) {
      fill(index, exact, seed, 0, PRODUCTS);
      assertThat(wrong(index, exact)).as("seed %s", seed).isGreaterThan(PRODUCTS / 10);
      connect(index, exact);
      assertThat(wrong(index, exact)).as("seed %s", seed).isZero();
      index.save(file);
      try (HnswIndex opened = HnswIndex.open(file)) {
        assertThat(wrong(opened, exact)).as("seed %s, opened", seed).isZero();
      }

      var random = new Random(seed);
      for (int i = 0; i < PRODUCTS / 5; i++) {
        String id = "p" + random.nextInt(PRODUCTS);
        index.remove(id);
        exact.remove(id);
      }
      fill(index, exact, -seed, PRODUCTS, PRODUCTS + PRODUCTS / 5);
      connect(index, exact);
      assertThat(wrong(index, exact)).as("seed %s, written to", seed).isZero();
      index.optimize();
      connect(index, exact);
      assertThat(wrong(index, exact)).as("seed %s, made anew", seed).isZero();
      index.save(file);
      try (HnswIndex opened = HnswIndex.open(file)) {
        assertThat(wrong(opened, exact)).as("seed %s, opened again", seed).isZero();
      }
    }
  }

  @Test
  void otherSearchesFindWhatTheyFoundAndMore() {
    long seed = 3;
    try (HnswIndex index = graph();
        NeighborIndex exact = BruteForceIndex.factory().create(DIMENSION)) {
      fill(index, exact, seed, 0, PRODUCTS);
      var queries = new ArrayList<IndexItem>();
      try (NeighborIndex others = BruteForceIndex.factory().create(DIMENSION)) {
        fill(others, others, 4, 0, 200);
        others.forEach(queries::add);
      }
      var before = queries.stream().map(query -> missed(index, query, exact)).toList();
      connect(index, exact);
      int fewer = 0;
      for (int i = 0; i < queries.size(); i++) {
        List<String> missed = missed(index, queries.get(i), exact);
        assertThat(before.get(i)).as("seed %s, query %s", seed, i).containsAll(missed);
        fewer += before.get(i).size() - missed.size();
      }
      assertThat(fewer).as("seed %s", seed).isPositive();
    }
  }

  @Test
  void whatIsGoneIsForgotten() {
    try (HnswIndex index = graph();
        NeighborIndex exact = BruteForceIndex.factory().create(DIMENSION)) {
      fill(index, exact, 5, 0, PRODUCTS);
      index.setEfSearch(200);
      IndexItem item = exact.item("p0");
      List<String> farthest =
          exact.search(Query.of(item.vector(), PRODUCTS)).stream()
              .skip(PRODUCTS - 100)
              .map(Neighbor::id)
              .toList();
      index.connect("p0", farthest);
      farthest.forEach(exact::remove);
      farthest.forEach(index::remove);
      assertThat(index.search(Query.of(item.vector(), K)))
          .extracting(Neighbor::id)
          .doesNotContainAnyElementsOf(farthest)
          .contains("p0")
          .hasSize(K);
    }
  }
}
