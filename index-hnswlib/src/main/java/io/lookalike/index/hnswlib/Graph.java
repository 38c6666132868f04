package io.lookalike.index.hnswlib;

import com.github.jelmerk.hnswlib.core.SearchResult;
import io.lookalike.math.UnitVector;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * hnswlib-core's graph with a guard in front of it. Searches may come from any number of threads,
 * changes from one at a time.
 *
 * <p>The library takes a set of visited nodes from a pool of as many as there are processors for
 * each search, an insertion's own included, and waits where there is none. An insertion waits while
 * it holds the lock of its node; searches that hold sets and wait for that node would then stop
 * everything. So every search and every insertion takes one of as many permits first. To grow, for
 * which nothing else may run, takes all of them.
 *
 * <p>That wait also ends with an exception where the thread has been interrupted. A search then
 * tries again. An insertion would leave a node without links behind, so nodes are inserted by
 * threads that nobody else knows.
 */
final class Graph {
  private static final int FIRST_CAPACITY = 1024;
  private static final int NODES_WORTH_A_THREAD = 16;

  private static final AtomicInteger THREAD_COUNT = new AtomicInteger();
  private static final ExecutorService INSERTERS = inserters();

  private final com.github.jelmerk.hnswlib.core.hnsw.HnswIndex<Node, UnitVector, Node, Float> graph;
  private final int permitCount;
  private final Semaphore permits;

  private int capacity = FIRST_CAPACITY;
  private int used;
  private int removed;

  Graph(int dimension, Settings settings) {
    // Asked before and after, as it may change: there must not be more permits than sets.
    int before = Runtime.getRuntime().availableProcessors();
    graph =
        com.github.jelmerk.hnswlib.core.hnsw.HnswIndex.newBuilder(
                dimension,
                // Negative, for what is near is small here.
                (UnitVector a, UnitVector b) -> -a.cosine(b),
                Comparator.<Float>naturalOrder(),
                capacity)
            .withM(settings.m())
            .withEfConstruction(settings.efConstruction())
            .withEf(settings.efSearch())
            .withRemoveEnabled()
            .build();
    permitCount = Math.min(before, Runtime.getRuntime().availableProcessors());
    permits = new Semaphore(permitCount, true);
  }

  void setEfSearch(int efSearch) {
    graph.setEf(efSearch);
  }

  /**
   * Adds nodes, by several threads where they are many, all of which have ended when this returns.
   * A graph of which an insertion has failed is not to be used any more.
   */
  void addAll(List<Node> nodes) {
    reserve(nodes.size());
    int threads = Math.min(permitCount, 1 + nodes.size() / NODES_WORTH_A_THREAD);
    // What fails may fail for want of memory: what is needed to tell and to end is made before.
    var next = new AtomicInteger();
    var failure = new AtomicReference<@Nullable Throwable>();
    var running = new CountDownLatch(threads);
    Runnable insert =
        () -> {
          try {
            for (int i = next.getAndIncrement(); i < nodes.size(); i = next.getAndIncrement()) {
              permits.acquireUninterruptibly();
              try {
                if (failure.get() != null) {
                  break;
                }
                graph.add(nodes.get(i));
              } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e); // before anyone has this permit
                throw e;
              } finally {
                permits.release();
              }
            }
          } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
          } finally {
            running.countDown();
          }
        };
    for (int i = 0; i < threads; i++) {
      try {
        INSERTERS.execute(insert);
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        running.countDown();
      }
    }
    awaitUninterruptibly(running);
    Throwable failed = failure.get();
    if (failed instanceof RuntimeException e) {
      throw e;
    }
    if (failed instanceof Error e) {
      throw e;
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void remove(Node node) {
    if (graph.remove(node, node.version())) {
      removed++;
    }
  }

  /** How many removed nodes still take room and time. */
  int removed() {
    return removed;
  }

  /** Up to {@code k}, at least 1, of the nodes nearest to a vector, nearest first. */
  List<Node> nearest(UnitVector vector, int k) {
    boolean interrupted = Thread.interrupted();
    permits.acquireUninterruptibly();
    try {
      while (true) {
        try {
          return graph.findNearest(vector, k).stream().map(SearchResult::item).toList();
        } catch (RuntimeException e) {
          if (!(e.getCause() instanceof InterruptedException)) {
            throw e;
          }
          interrupted = true;
        }
      }
    } finally {
      permits.release();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Makes room, as removed nodes keep theirs. */
  private void reserve(int count) {
    used = Math.addExact(used, count);
    if (used > capacity) {
      capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(used, 2L * capacity));
      permits.acquireUninterruptibly(permitCount);
      try {
        graph.resize(capacity);
      } finally {
        permits.release(permitCount);
      }
    }
  }

  /** Threads that end when there has been nothing to insert for a while. */
  private static ExecutorService inserters() {
    int threads = Runtime.getRuntime().availableProcessors();
    var pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              var thread = new Thread(task, "lookalike-hnsw-" + THREAD_COUNT.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
