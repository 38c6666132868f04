package io.lookalike.index.hnswlib;

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
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import io.lookalike.testkit.NeighborIndexConformance;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HnswlibIndexTest extends NeighborIndexConformance {

  private static final int DIMENSION = 24;

  @Override
  protected IndexFactory factory() {
    return HnswlibIndex.factory();
  }

  /** Levels are drawn at random, so there is some room; most answers are complete. */
  @Override
  protected double minimumRecall() {
    return .95;
  }

  /** A minute's worth otherwise, of a peer that is here to be compared with. */
  @Override
  protected double shareOfWrites() {
    return .25;
  }

  @Test
  void theKernelsAreThoseThatTheBuildExpects() {
    String expected = System.getProperty("lookalike.test.math");
    assumeThat(expected).as("system property lookalike.test.math, set by the build").isNotNull();
    assertThat(VectorMath.active().name()).startsWith(expected);
  }

  @Test
  void isFoundByName() {
    try (NeighborIndex index = IndexProvider.named("hnswlib").create(7)) {
      assertThat(index).isInstanceOf(HnswlibIndex.class);
      assertThat(index.dimension()).isEqualTo(7);
    }
  }

  @Test
  void whatFailsInAThreadThatInsertsIsThrownAsItIs() {
    var graph = new Graph(3, new Settings(16, 200, 100));
    Node tooLong = new Node(UnitVector.of(new float[] {1, 2, 3, 4}));
    assertThatThrownBy(() -> graph.addAll(List.of(tooLong)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dimension");
  }

  @Test
  void findsNearlyAllOfTheNearest() {
    List<IndexItem> items = items(3000, 1);
    try (NeighborIndex index = factory().create(DIMENSION)) {
      index.upsertAll(items);
      assertRecall(index, items, Filter.ALL, .95);
      assertRecall(index, items, Filter.lessThan("n", 50), .95);
      assertRecall(index, items, Filter.lessThan("n", 10), .95);
      assertRecall(index, items, Filter.equal("n", 3), .95);
    }
  }

  @Test
  void aSearchOfMoreFindsMore() {
    List<IndexItem> items = items(3000, 2);
    try (NeighborIndex hasty =
            HnswlibIndex.builder().m(4).efConstruction(8).efSearch(1).factory().create(DIMENSION);
        NeighborIndex thorough =
            HnswlibIndex.builder()
                .m(32)
                .efConstruction(200)
                .efSearch(300)
                .factory()
                .create(DIMENSION)) {
      hasty.upsertAll(items);
      thorough.upsertAll(items);
      double few = recall(hasty, items, Filter.ALL);
      double most = recall(thorough, items, Filter.ALL);
      assertThat(few).isPositive().isLessThan(.9);
      assertThat(most).isGreaterThan(.99);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 128})
  void worksAtTheEndsOfTheRangeOfM(int m) {
    List<IndexItem> items = items(1500, 3);
    try (NeighborIndex index =
        HnswlibIndex.builder().m(m).efConstruction(1).efSearch(1).factory().create(DIMENSION)) {
      index.upsertAll(items);
      for (IndexItem item : items.subList(0, 50)) {
        assertThat(index.search(Query.of(item.vector(), 10))).hasSize(10);
      }
    }
  }

  @Test
  void replacingEveryProductManyTimesKeepsRecallAndRoom() {
    try (NeighborIndex index = factory().create(DIMENSION)) {
      List<IndexItem> items = List.of();
      for (int round = 0; round < 4; round++) {
        items = items(1100, 10 + round); // the third and fourth time the graph is built anew
        index.upsertAll(items);
        assertThat(index.size()).isEqualTo(1100);
        assertRecall(index, items, Filter.ALL, .95);
      }
      // Down to a few, one by one.
      for (IndexItem item : items.subList(100, 1100)) {
        assertThat(index.remove(item.id())).isTrue();
      }
      assertRecall(index, items.subList(0, 100), Filter.ALL, 1);
    }
  }

  @Test
  void growsWhileManyMoreThreadsSearchThanThereAreProcessors() throws Exception {
    int threads = 4 * Runtime.getRuntime().availableProcessors() + 4;
    List<IndexItem> items = items(3000, 4);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (NeighborIndex index = factory().create(DIMENSION)) {
      index.upsertAll(items.subList(0, 900));
      var done = new AtomicBoolean();
      var searches = new ArrayList<Future<Integer>>();
      for (int t = 0; t < threads; t++) {
        int from = t;
        Callable<Integer> searching =
            () -> {
              int count = 0;
              for (int i = from; !done.get() || count < 20; i++, count++) {
                IndexItem item = items.get(i % 900);
                List<Neighbor> found = index.search(Query.of(item.vector(), 10));
                assertThat(found).hasSize(10).doesNotHaveDuplicates();
                assertThat(found).isSortedAccordingTo(Neighbor.CLOSEST_FIRST);
              }
              return count;
            };
        searches.add(pool.submit(searching));
      }
      for (int i = 900; i < 1500; i++) {
        index.upsert(items.get(i)); // beyond the first capacity one by one,
      }
      index.upsertAll(items.subList(1500, 3000)); // beyond the next together
      done.set(true);
      for (Future<Integer> search : searches) {
        assertThat(search.get(60, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(20);
      }
      assertThat(index.size()).isEqualTo(3000);
      assertRecall(index, items, Filter.ALL, .95);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void anInterruptedThreadIsServedAndStaysInterrupted() {
    List<IndexItem> items = items(1600, 5);
    try (NeighborIndex index = factory().create(DIMENSION)) {
      index.upsertAll(items.subList(0, 1000));
      for (IndexItem item : items.subList(1000, 1600)) {
        Thread.currentThread().interrupt();
        index.upsert(item);
        assertThat(Thread.interrupted()).isTrue();
      }
      Thread.currentThread().interrupt();
      List<Neighbor> found = index.search(Query.of(items.get(1).vector(), 10));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(found).hasSize(10);
      assertRecall(index, items, Filter.ALL, .95);
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void interruptsDuringInsertionsLoseNothing() throws Exception {
    List<IndexItem> items = items(1600, 6);
    try (NeighborIndex index = factory().create(DIMENSION)) {
      var failure = new ArrayList<Throwable>();
      var writer =
          new Thread(
              () -> {
                try {
                  items.forEach(index::upsert);
                } catch (Throwable e) {
                  failure.add(e);
                }
              });
      writer.start();
      while (writer.isAlive()) {
        writer.interrupt();
        writer.join(1);
      }
      assertThat(failure).isEmpty();
      assertThat(index.size()).isEqualTo(1600);
      assertRecall(index, items, Filter.ALL, .95);
    }
  }

  @Test
  void manyProductsWithOneVectorAreAllFoundAndHideNone() {
    var random = new Random(7);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < 2000; i++) {
      // More of each than a node has links: linked to one another alone, they would be an island.
      Random of20 = new Random(i % 20);
      items.add(new IndexItem("p" + i, vector(of20), Attributes.none().with("n", i % 100)));
    }
    try (NeighborIndex index = factory().create(DIMENSION)) {
      index.upsertAll(items);
      assertRecall(index, items, Filter.ALL, 1);
      assertRecall(index, items, Filter.lessThan("n", 50), 1);
      for (int i = 0; i < 1900; i++) {
        if (random.nextBoolean()) {
          index.remove("p" + i);
        } else {
          index.upsert(new IndexItem("p" + i, items.get(i + 1).vector(), Attributes.none()));
        }
      }
      for (int twin = 0; twin < 20; twin++) {
        List<Neighbor> all = index.search(Query.of(vector(new Random(twin)), 5));
        assertThat(all).hasSize(5).allMatch(n -> n.similarity() > .99999f);
      }
    }
  }

  @Test
  void theBuilderChecksItsSettings() {
    assertThatThrownBy(() -> HnswlibIndex.builder().m(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("m is 1, expected 2 to 128");
    assertThatThrownBy(() -> HnswlibIndex.builder().m(129))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HnswlibIndex.builder().efConstruction(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("efConstruction is 0, expected 1 to 4096");
    assertThatThrownBy(() -> HnswlibIndex.builder().efSearch(-3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("efSearch is -3, expected 1 to 4096");
    assertThatThrownBy(() -> HnswlibIndex.builder().m(8).m(8))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("m was already set to 8, then came 8");
  }

  private static void assertRecall(
      NeighborIndex index, List<IndexItem> items, Filter filter, double least) {
    assertThat(recall(index, items, filter)).as("recall").isGreaterThanOrEqualTo(least);
  }

  /** The share of the true ten nearest of 100 queries. */
  private static double recall(NeighborIndex index, List<IndexItem> items, Filter filter) {
    try (NeighborIndex exact = BruteForceIndex.factory().create(DIMENSION)) {
      exact.upsertAll(items);
      var random = new Random(99);
      int found = 0;
      int sought = 0;
      for (int i = 0; i < 100; i++) {
        Query query = Query.of(vector(random), 10).where(filter);
        List<Neighbor> truth = exact.search(query);
        List<Neighbor> answer = index.search(query);
        assertThat(answer).hasSameSizeAs(truth);
        sought += truth.size();
        found += truth.size();
        for (Neighbor neighbor : truth) {
          if (!answer.contains(neighbor)) {
            found--;
          }
        }
      }
      return (double) found / sought;
    }
  }

  private static List<IndexItem> items(int count, long seed) {
    var random = new Random(seed);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < count; i++) {
      Attributes attributes = Attributes.none().with("n", random.nextInt(100));
      items.add(new IndexItem("p" + i, vector(random), attributes));
    }
    return items;
  }

  private static UnitVector vector(Random random) {
    var values = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      // As a real catalogue's, the vectors do not fill all directions alike.
      values[i] = (float) (random.nextGaussian() / (1 + i / 4.0));
    }
    return UnitVector.of(values);
  }
}
