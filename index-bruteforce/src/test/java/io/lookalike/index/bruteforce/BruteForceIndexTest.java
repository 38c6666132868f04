package io.lookalike.index.bruteforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.IndexProvider;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import io.lookalike.testkit.NeighborIndexConformance;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class BruteForceIndexTest extends NeighborIndexConformance {

  @Override
  protected IndexFactory factory() {
    return BruteForceIndex.factory();
  }

  @Test
  void theKernelsAreThoseThatTheBuildExpects() {
    String expected = System.getProperty("lookalike.test.math");
    assumeThat(expected).as("system property lookalike.test.math, set by the build").isNotNull();
    assertThat(VectorMath.active().name()).startsWith(expected);
  }

  @Test
  @Tag("once")
  void isFoundByName() {
    try (NeighborIndex index = IndexProvider.named("bruteforce").create(7)) {
      assertThat(index).isInstanceOf(BruteForceIndex.class);
      assertThat(index.dimension()).isEqualTo(7);
    }
  }

  @Test
  void answersDoNotDependOnThreadsOrOnCompany() {
    int dimension = 2048;
    int size = 4600; // 36 MiB, enough for four threads
    var random = new Random(1);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < size; i++) {
      items.add(
          new IndexItem("p" + i, vector(random, dimension), Attributes.none().with("n", i % 10)));
    }
    // Some twins on either side of every boundary between threads.
    for (int i = 0; i < size; i += 100) {
      items.set(i, new IndexItem("p" + i, items.get(50).vector(), items.get(i).attributes()));
    }
    var queries = new ArrayList<Query>();
    for (int i = 0; i < 23; i++) {
      Query query = Query.of(i == 0 ? items.get(50).vector() : vector(random, dimension), 20);
      query = i % 3 == 1 ? query.where(Filter.lessThan("n", 3)) : query;
      queries.add(i % 4 == 2 ? query.excluding(Set.of("p50", "p100")) : query);
    }
    List<List<Neighbor>> expected = new ArrayList<>();
    for (Query query : queries) {
      expected.add(
          items.stream()
              .filter(item -> query.filter().matches(item.attributes()))
              .filter(item -> !query.excluded().contains(item.id()))
              .map(item -> new Neighbor(item.id(), item.vector().cosine(query.vector())))
              .sorted(Neighbor.CLOSEST_FIRST)
              .limit(query.k())
              .toList());
    }
    for (int threads : new int[] {1, 2, 3, 4}) {
      try (NeighborIndex index =
          BruteForceIndex.builder().threads(threads).factory().create(dimension)) {
        index.upsertAll(items);
        // Bit by bit: the similarity is UnitVector.cosine's wherever it was found.
        assertThat(index.searchAll(queries)).as("%d threads", threads).isEqualTo(expected);
        for (int i = 0; i < queries.size(); i++) {
          assertThat(index.search(queries.get(i))).as("query %d", i).isEqualTo(expected.get(i));
        }
      }
    }
  }

  @Test
  @Tag("once")
  void slotsAreUsedAgain() {
    try (var index = (BruteForceIndex) factory().create(512)) {
      var random = new Random(2);
      for (int round = 0; round < 30; round++) {
        var batch = new ArrayList<IndexItem>();
        for (int i = 0; i < 1000; i++) {
          batch.add(new IndexItem("p" + i, vector(random, 512), Attributes.none()));
        }
        index.upsertAll(batch);
        for (int i = 0; i < 1000; i += 2) {
          index.remove("p" + i);
        }
      }
      // A thousand rows are 2 MiB; while they are replaced there are two of each.
      assertThat(index.memoryBytes()).isPositive().isLessThanOrEqualTo(3L << 21);
    }
  }

  @Test
  @Tag("once")
  void memoryIsThatOfTheVectors() {
    try (var index = (BruteForceIndex) factory().create(100)) {
      assertThat(index.memoryBytes()).isZero();
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < 10_000; i++) {
        items.add(new IndexItem("p" + i, vector(new Random(i), 100), Attributes.none()));
      }
      index.upsertAll(items);
      assertThat(index.memoryBytes()).isBetween(4_000_000L, 4_500_000L);
    }
  }

  @Test
  @Tag("once")
  void nothingIsLostWhereRowsOutgrowASegment() {
    int dimension = (1 << 20) + 5;
    var random = new Random(3);
    try (NeighborIndex index = factory().create(dimension)) {
      var items = new ArrayList<IndexItem>();
      for (String id : List.of("a", "b", "c")) {
        items.add(new IndexItem(id, vector(random, dimension), Attributes.none()));
      }
      index.upsertAll(items);
      UnitVector query = vector(random, dimension);
      assertThat(index.search(Query.of(query, 5)))
          .isEqualTo(
              items.stream()
                  .map(item -> new Neighbor(item.id(), item.vector().cosine(query)))
                  .sorted(Neighbor.CLOSEST_FIRST)
                  .toList());
    }
  }

  /** Who reads while the index is closed is told so, not that the product is unknown. */
  @Test
  @Tag("once")
  void noProductGoesMissingWhileClosing() throws Exception {
    for (int round = 0; round < 2000; round++) {
      NeighborIndex index = factory().create(2);
      index.upsert(IndexItem.of("a", new float[] {1, 2}));
      var reading = new CountDownLatch(1);
      var reader =
          CompletableFuture.runAsync(
              () -> {
                try {
                  while (true) {
                    assertThat(index.vector("a")).isNotNull();
                    reading.countDown();
                  }
                } catch (IllegalStateException e) {
                  assertThat(e).hasMessageContaining("closed");
                }
              });
      reading.await();
      index.close();
      reader.get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  @Tag("once")
  void theBuilderChecksItsSettings() {
    assertThatThrownBy(() -> BruteForceIndex.builder().threads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threads is 0, expected at least 1");
    assertThatThrownBy(() -> BruteForceIndex.builder().threads(3).threads(4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("already set to 3");
  }

  private static UnitVector vector(Random random, int dimension) {
    var values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return UnitVector.of(values);
  }
}
