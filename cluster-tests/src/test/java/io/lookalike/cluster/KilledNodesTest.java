package io.lookalike.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.opensearch.OpenSearchException;
import io.lookalike.math.UnitVector;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pages stay right, and come, while nodes are killed and stopped under readers and a writer. */
@Tag("opensearch")
@Timeout(600)
class KilledNodesTest {

  private static final Logger LOG = LoggerFactory.getLogger(KilledNodesTest.class);

  private static final long SEED = 71;
  private static final int DIMENSION = 64;
  private static final int STAYING = 3_000;
  private static final int PRESENT = 100;
  private static final int READERS = 2;
  private static final int K = 10;

  private static TestCluster cluster;
  private static NeighborIndex index;
  private static final List<IndexItem> staying = new ArrayList<>();

  @BeforeAll
  static void fill() throws Exception {
    cluster = TestCluster.of(3);
    for (int i = 0; i < STAYING; i++) {
      staying.add(product("s" + i, i));
    }
    index = cluster.builder().shards(3).replicas(1).factory().build(DIMENSION, staying);
    cluster.await("wait_for_status=green");
  }

  @AfterAll
  static void stop() {
    if (index != null) {
      index.close();
    }
    cluster.close();
  }

  private static IndexItem product(String id, int number) {
    Attributes attributes = Attributes.none().with("part", number % 10);
    return new IndexItem(id, vector(new Random(SEED + id.hashCode())), attributes);
  }

  private static UnitVector vector(Random random) {
    var values = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return UnitVector.of(values);
  }

  /** Readers that check every page, and a writer whose products come and go. */
  private static final class Load {
    final AtomicInteger pages = new AtomicInteger();
    final AtomicInteger writes = new AtomicInteger();
    final AtomicLong longest = new AtomicLong();
    final AtomicInteger found = new AtomicInteger();
    final AtomicInteger sought = new AtomicInteger();
    final ConcurrentLinkedQueue<OpenSearchException> errors = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Throwable> wrong = new ConcurrentLinkedQueue<>();
    private static int next;

    private final AtomicInteger added = new AtomicInteger(next);
    private final AtomicInteger removed = new AtomicInteger(next);
    private final AtomicBoolean done = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();

    Load() {
      threads.add(new Thread(() -> repeat(new Random(SEED), this::write)));
      for (int i = 0; i < READERS; i++) {
        var random = new Random(SEED + 1 + i);
        threads.add(new Thread(() -> repeat(random, this::read)));
      }
      threads.forEach(Thread::start);
    }

    private interface Step {
      void take(Random random);
    }

    private void repeat(Random random, Step step) {
      while (!done.get()) {
        try {
          step.take(random);
        } catch (UncheckedIOException e) {
          errors.add((OpenSearchException) e.getCause());
        } catch (RuntimeException | AssertionError e) {
          wrong.add(e);
          return;
        }
      }
    }

    private void write(Random random) {
      int n = added.get();
      index.upsert(product("c" + n, n));
      added.set(n + 1);
      if (n - removed.get() >= PRESENT) {
        index.remove("c" + removed.get());
        removed.incrementAndGet();
      }
      writes.incrementAndGet();
    }

    private void read(Random random) {
      Query query = Query.of(vector(random), K);
      int part = random.nextInt(20);
      boolean filtered = part < 10;
      int gone = removed.get();
      long start = System.nanoTime();
      List<Neighbor> page =
          index.search(filtered ? query.where(Filter.equal("part", part)) : query);
      longest.accumulateAndGet(System.nanoTime() - start, Math::max);
      int come = added.get() + 1;
      pages.incrementAndGet();

      assertThat(page).hasSize(K).isSortedAccordingTo(Neighbor.CLOSEST_FIRST);
      var ids = new HashSet<String>();
      for (Neighbor neighbor : page) {
        assertThat(ids.add(neighbor.id())).as("once").isTrue();
        int number = Integer.parseInt(neighbor.id().substring(1));
        if (neighbor.id().startsWith("c")) {
          assertThat(number).as("is there").isBetween(gone, come);
        }
        assertThat(!filtered || number % 10 == part).as("matches").isTrue();
        float truth = product(neighbor.id(), number).vector().cosine(query.vector());
        assertThat(Math.abs(neighbor.similarity() - truth)).as("similarity").isLessThan(1e-5f);
      }
      float last = page.get(K - 1).similarity();
      staying.stream()
          .filter(item -> !filtered || item.attributes().get("part").equals((double) part))
          .map(item -> new Neighbor(item.id(), item.vector().cosine(query.vector())))
          .sorted(Comparator.comparingDouble(n -> -n.similarity()))
          .limit(K)
          .filter(n -> n.similarity() > last + 1e-5)
          .forEach(
              n -> {
                sought.incrementAndGet();
                found.addAndGet(ids.contains(n.id()) ? 1 : 0);
              });
    }

    /** Ends it, and checks that no page was wrong. */
    void end(String what) throws InterruptedException {
      done.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      next = added.get();
      for (int n = removed.get(); n < added.get(); n++) {
        index.remove("c" + n);
      }
      LOG.info(
          "{}: {} pages, {} errors, longest {} ms, {} writes, recall {} of {}",
          what,
          pages,
          errors.size(),
          longest.get() / 1_000_000,
          writes,
          found,
          sought);
      assertThat(wrong).as("seed %d: %s, wrong pages", SEED, what).isEmpty();
      assertThat(found.get()).isGreaterThanOrEqualTo((int) (.98 * sought.get()));
      assertThat(pages).hasPositiveValue();
    }
  }

  private void killUnderLoad(String what, int node) throws Exception {
    var load = new Load();
    Thread.sleep(1_500);
    cluster.kill(node);
    Thread.sleep(6_000);
    cluster.restart(node);
    Thread.sleep(3_000);
    load.end(what);
    assertThat(load.errors).as("a copy of each shard is left").isEmpty();
    cluster.await("wait_for_status=green&wait_for_nodes=3");
    assertThat(index.size()).isEqualTo(STAYING);
  }

  @Test
  void aDataNodeIsKilled() throws Exception {
    killUnderLoad("a data node is killed", (cluster.manager() + 1) % 3);
  }

  @Test
  void theManagerIsKilled() throws Exception {
    killUnderLoad("the manager is killed", cluster.manager());
  }

  /** What was asked of it goes on when it does, and must not undo what was written meanwhile. */
  @Test
  void aNodeStandsStill() throws Exception {
    var load = new Load();
    Thread.sleep(1_500);
    cluster.freeze((cluster.manager() + 1) % 3, 20).waitFor();
    Thread.sleep(4_000);
    load.end("a node stands still for 20 s");
    assertThat(load.errors).allMatch(OpenSearchException::isUnavailable);
    cluster.await("wait_for_status=green&wait_for_nodes=3");
    assertThat(index.size()).isEqualTo(STAYING);
  }
}
