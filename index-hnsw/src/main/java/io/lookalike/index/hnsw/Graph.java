package io.lookalike.index.hnsw;

import com.github.jelmerk.hnswlib.core.SearchResult;
import io.lookalike.math.UnitVector;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * hnswlib-core's graph with a guard in front of it. Safe for use by several threads.
 *
 * <p>The library takes a set of visited nodes from a pool of as many as there are processors for
 * each search, an insertion's own included, and waits where there is none. An insertion waits while
 * it holds the lock of its node; searches that hold sets and wait for that node would then stop
 * everything. So every search and every insertion takes one of as many permits first. To grow, for
 * which nothing else may run, takes all of them.
 */
final class Graph {
  private static final int FIRST_CAPACITY = 1024;

  private final com.github.jelmerk.hnswlib.core.hnsw.HnswIndex<Node, UnitVector, Node, Float> graph;
  private final int permitCount;
  private final Semaphore permits;

  /** Nodes ever added. */
  private final AtomicInteger used = new AtomicInteger();

  private final AtomicInteger removed = new AtomicInteger();

  /** How many nodes there is room for; changes while all permits are held, read with one. */
  private int capacity = FIRST_CAPACITY;

  Graph(int dimension, Settings settings) {
    // Asked before and after: the number may change, and the pool's must not be the smaller one.
    int before = Runtime.getRuntime().availableProcessors();
    graph =
        com.github.jelmerk.hnswlib.core.hnsw.HnswIndex.newBuilder(
                // Negative, as near is small here; the similarity comes back to the bit.
                dimension,
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

  /**
   * Adds a node.
   *
   * @return the node that is now in the graph: the given one, or if this thread was interrupted
   *     maybe a copy
   */
  Node add(Node node) {
    boolean interrupted = Thread.interrupted();
    try {
      for (Node next = node; ; next = new Node(next)) {
        takePermitAndSlot();
        try {
          graph.add(next);
          return next;
        } catch (RuntimeException e) {
          if (!wasInterrupted(e)) {
            throw e;
          }
          // It is half linked. Leave it behind as removed.
          interrupted = true;
          remove(next);
        } finally {
          permits.release();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void remove(Node node) {
    if (graph.remove(node, node.version())) {
      removed.incrementAndGet();
    }
  }

  /** How many removed nodes still take room and time. */
  int removed() {
    return removed.get();
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
          if (!wasInterrupted(e)) {
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

  private void takePermitAndSlot() {
    while (true) {
      permits.acquireUninterruptibly();
      if (used.getAndIncrement() < capacity) {
        return;
      }
      used.decrementAndGet();
      permits.release();
      grow();
    }
  }

  private void grow() {
    permits.acquireUninterruptibly(permitCount);
    try {
      if (used.get() >= capacity) {
        capacity = Math.multiplyExact(capacity, 2);
        graph.resize(capacity);
      }
    } finally {
      permits.release(permitCount);
    }
  }

  /** The library's wait for a set of visited nodes ends with this, even where one is there. */
  private static boolean wasInterrupted(RuntimeException e) {
    return e.getCause() instanceof InterruptedException;
  }
}
