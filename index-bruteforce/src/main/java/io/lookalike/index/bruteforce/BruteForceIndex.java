package io.lookalike.index.bruteforce;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exact search: compares the query with every product. The reference for every other index, and the
 * right choice up to some tens of thousands of products or for filters that few products match.
 *
 * <p>A search reads all vectors once, as fast as memory delivers them; {@link #searchAll} reads
 * them once for many queries. A large scan is divided among several threads of the {@linkplain
 * java.util.concurrent.ForkJoinPool#commonPool() common pool}, see {@link Builder#threads}. The
 * answers do not depend on the number of threads.
 *
 * <p>Safe for use by several threads. A search works on a snapshot: it sees all of an {@link
 * #upsertAll} or nothing of it, and never waits.
 *
 * <pre>{@code
 * NeighborIndex index = BruteForceIndex.factory().create(1280);
 * IndexFactory single = BruteForceIndex.builder().threads(1).factory();
 * }</pre>
 */
public final class BruteForceIndex implements NeighborIndex {

  private static final Logger LOG = LoggerFactory.getLogger(BruteForceIndex.class);

  /** Below so many products or dimensions a plain scan is as fast as bounds. */
  private static final int LEAST_PRUNED = 2048;

  private static final int LEAST_DIMENSION = 64;

  /** One for all indexes: computing bounds is work for spare time. */
  private static final Executor BUILDER = builderThread();

  private final int dimension;
  private final int threads;
  private final boolean pruning;
  private final int rowsPerSegment;

  /** What readers see; null once closed. Written under this object's lock. */
  private volatile @Nullable Snapshot current;

  /** Where every product is, if only about to be: an id is here before it is in a snapshot. */
  private final Map<String, Integer> slots = new ConcurrentHashMap<>();

  /** Held while it is seen whether bounds are stale, and while they are computed if so. */
  private final ReentrantLock bounding = new ReentrantLock();

  /** For which of the snapshots' writes bounds were computed last; under that lock. */
  private int boundedAt = -1;

  // Under this object's lock:

  /** Slots that no reader can see any more. */
  private final IntStack free = new IntStack();

  /** Snapshots that readers may still hold, oldest first, with the slots that became free after. */
  private final ArrayDeque<Retired> retired = new ArrayDeque<>();

  /** Slots ever used. */
  private int slotCount;

  /** Whether a pruner is being built, or the products' last number for which none was worth it. */
  private boolean building;

  private int notWorthwhileAt;

  private record Retired(Snapshot snapshot, int[] freed) {}

  BruteForceIndex(int dimension, int threads, boolean pruning) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected at least 1");
    }
    this.dimension = dimension;
    this.threads = threads;
    this.pruning = pruning;
    this.rowsPerSegment = Segment.rows(dimension);
    this.current = new Snapshot(new Segment[0], 0, 0, null);
  }

  /**
   * Makes indexes with the default settings.
   *
   * @return the same as {@code builder().factory()}
   */
  public static IndexFactory factory() {
    return builder().factory();
  }

  /**
   * Begins with the default settings.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public int size() {
    return snapshot().size();
  }

  /**
   * The memory that the vectors take, free room included; ids and attributes come on top.
   *
   * @return bytes
   * @throws IllegalStateException if the index has been closed
   */
  public long memoryBytes() {
    Snapshot snapshot = snapshot();
    Pruner pruner = snapshot.pruner();
    return (long) snapshot.segments().length * rowsPerSegment * dimension * Float.BYTES
        + (pruner == null ? 0 : pruner.memoryBytes());
  }

  @Override
  public List<Neighbor> search(Query query) {
    return searchAll(List.of(query)).get(0);
  }

  @Override
  public List<List<Neighbor>> searchAll(List<Query> queries) {
    for (Query query : queries) {
      checkDimension("the query", query.vector());
    }
    Snapshot snapshot = pin();
    try {
      Pruner pruner = snapshot.pruner();
      return pruner == null
          ? new ExactSearch(snapshot.segments(), dimension, threads).answer(queries)
          : new PrunedBatch(snapshot, pruner, rowsPerSegment, dimension, threads).answer(queries);
    } finally {
      snapshot.unpin();
    }
  }

  @Override
  public @Nullable IndexItem item(String id) {
    Snapshot snapshot = pin();
    try {
      Integer slot = slots.get(id);
      if (slot == null) {
        snapshot(); // throws if it is not there because the index has just been closed
        return null;
      }
      if (!snapshot.holds(id, segment(slot), row(slot))) {
        // A writer is just moving this product; look where this snapshot has it.
        slot = snapshot.find(id, rowsPerSegment);
        if (slot == null) {
          return null;
        }
      }
      var values = new float[dimension];
      Segment segment = snapshot.segments()[segment(slot)];
      System.arraycopy(segment.vectors(), row(slot) * dimension, values, 0, dimension);
      Entry entry = Objects.requireNonNull(segment.entries()[row(slot)]);
      return new IndexItem(id, UnitVector.ofNormalized(values), entry.attributes());
    } finally {
      snapshot.unpin();
    }
  }

  @Override
  public List<String> ids() {
    return snapshot().ids();
  }

  @Override
  public void upsertAll(List<IndexItem> items) {
    var last = new LinkedHashMap<String, IndexItem>();
    for (IndexItem item : items) {
      checkDimension("\"" + item.id() + "\"", item.vector());
      last.put(item.id(), item);
    }
    synchronized (this) {
      Snapshot before = snapshot();
      if (last.isEmpty()) {
        return;
      }
      reclaim();
      var edit = new Edit(before, dimension, rowsPerSegment);
      var moved = new LinkedHashMap<String, Integer>();
      var freed = new IntStack();
      int reused = 0;
      int used = slotCount;
      for (IndexItem item : last.values()) {
        // Never the slot where the product is: a reader may be looking at it.
        int slot = reused < free.size() ? free.fromTop(reused++) : used++;
        edit.put(segment(slot), row(slot), item);
        moved.put(item.id(), slot);
        Integer old = slots.get(item.id());
        if (old != null) {
          edit.clear(segment(old), row(old));
          freed.push(old);
        }
      }
      // From here on nothing fails.
      free.pop(reused);
      slotCount = used;
      slots.putAll(moved);
      publish(before, edit.done(), freed.toArray());
    }
  }

  @Override
  public synchronized boolean setAttributes(String id, Attributes attributes) {
    Snapshot before = snapshot();
    Integer slot = slots.get(id);
    if (slot == null) {
      return false;
    }
    reclaim();
    var edit = new Edit(before, dimension, rowsPerSegment);
    edit.set(segment(slot), row(slot), new Entry(id, attributes));
    publish(before, edit.done(), new int[0]);
    return true;
  }

  @Override
  public synchronized boolean remove(String id) {
    Snapshot before = snapshot();
    Integer slot = slots.get(id);
    if (slot == null) {
      return false;
    }
    reclaim();
    var edit = new Edit(before, dimension, rowsPerSegment);
    edit.clear(segment(slot), row(slot));
    publish(before, edit.done(), new int[] {slot});
    slots.remove(id);
    return true;
  }

  @Override
  public synchronized void close() {
    current = null;
    slots.clear();
    retired.clear();
  }

  private void publish(Snapshot before, Snapshot after, int[] freed) {
    current = after;
    retired.add(new Retired(before, freed));
    buildIfStale(after);
  }

  private void buildIfStale(Snapshot snapshot) {
    if (pruning && !building && isStale(snapshot)) {
      building = true;
      BUILDER.execute(this::buildPruner);
    }
  }

  /** Whether a pruner would serve, or serve better than the one there is. */
  private boolean isStale(Snapshot snapshot) {
    Pruner pruner = snapshot.pruner();
    if (snapshot.size() < LEAST_PRUNED || dimension < LEAST_DIMENSION) {
      return false;
    }
    if (pruner == null) {
      return snapshot.size() >= 2L * notWorthwhileAt;
    }
    int fresh = snapshot.fresh();
    return fresh > pruner.count / 8 || snapshot.size() - fresh < pruner.count / 4 * 3;
  }

  /** A thread that ends when there has been nothing to compute for a while. */
  private static Executor builderThread() {
    var pool =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              var thread = new Thread(work, "lookalike-index-bounds");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private void buildPruner() {
    boolean built = false;
    try {
      prepareBounds();
      built = true;
    } catch (IllegalStateException e) {
      LOG.debug("Closed while bounds were computed", e);
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.warn("No bounds could be computed; searches compare every product", e);
    } finally {
      synchronized (this) {
        building = false;
        Snapshot now = current;
        if (built && now != null) {
          // Much may have come meanwhile, and no write may follow that would notice.
          buildIfStale(now);
        }
      }
    }
  }

  /** Computes the bounds unless they are as good as new; waits if that is going on already. */
  void prepareBounds() {
    takeTurn();
    try {
      if (pruning && isStale(snapshot())) {
        computeBounds();
      }
    } finally {
      bounding.unlock();
    }
  }

  /**
   * Computes the bounds for all products that are in the index now and waits until searches use
   * them. This goes on by itself in the background as products come; call it after a bulk load to
   * have it done before the first search. Searches and writers go on meanwhile. Nothing is computed
   * a second time where nothing has been written since.
   *
   * @return true if searches now use bounds; false if there are too few products or dimensions, or
   *     if bounds would rule out too little to be of use
   * @throws IllegalStateException if the index has been closed
   * @throws CancellationException if the thread was interrupted, which it then is again; searches
   *     go on as before
   */
  @Override
  public boolean optimize() {
    takeTurn();
    try {
      return computeBounds();
    } finally {
      bounding.unlock();
    }
  }

  /** One computation at a time, so that none is done twice and no older one comes last. */
  private void takeTurn() {
    try {
      bounding.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private boolean computeBounds() {
    Snapshot snapshot = pin();
    int size = snapshot.size();
    Pruner pruner;
    try {
      if (snapshot.write() == boundedAt) {
        return snapshot.pruner() != null;
      }
      if (!pruning || size < LEAST_PRUNED || dimension < LEAST_DIMENSION) {
        return false;
      }
      pruner = Pruner.of(new Rows(snapshot, rowsPerSegment, dimension, threads), snapshot.write());
    } finally {
      snapshot.unpin();
    }
    boundedAt = snapshot.write();
    synchronized (this) {
      Snapshot before = snapshot();
      if (pruner == null) {
        notWorthwhileAt = size;
        if (before.pruner() != null) {
          // What served once is stale, and would be found so for ever.
          current = new Snapshot(before.segments(), before.size(), before.write(), null);
          retired.add(new Retired(before, new int[0]));
        }
        return false;
      }
      Segment[] segments = before.segments().clone();
      Arrays.setAll(segments, s -> segments[s].since(pruner.builtAt));
      current = new Snapshot(segments, before.size(), before.write(), pruner);
      retired.add(new Retired(before, new int[0]));
      return true;
    }
  }

  /**
   * Frees the slots that were given up in snapshots that no reader holds any more. In their order,
   * for a slot that one snapshot gave up is in all that came before it.
   */
  private void reclaim() {
    for (Retired oldest = retired.peek();
        oldest != null && !oldest.snapshot.pinned();
        oldest = retired.peek()) {
      for (int slot : oldest.freed) {
        free.push(slot);
      }
      retired.remove();
    }
  }

  /** The current snapshot, whose vectors must not be read. */
  private Snapshot snapshot() {
    Snapshot snapshot = current;
    if (snapshot == null) {
      throw new IllegalStateException("this index has been closed");
    }
    return snapshot;
  }

  /**
   * The current snapshot, whose vectors stay as they are until it is unpinned. Tries again only
   * where a writer has published a new one in between, hence never waits for one.
   */
  Snapshot pin() {
    while (true) {
      Snapshot snapshot = snapshot();
      snapshot.pin();
      if (current == snapshot) {
        // Still current after it was pinned: who retires it from now on sees the pin.
        return snapshot;
      }
      snapshot.unpin();
    }
  }

  /** The products of a snapshot that stays pinned meanwhile. */
  SortedRows sorted(Snapshot pinned) {
    return new SortedRows(pinned, rowsPerSegment, dimension);
  }

  private int segment(int slot) {
    return slot / rowsPerSegment;
  }

  private int row(int slot) {
    return slot % rowsPerSegment;
  }

  private void checkDimension(String what, UnitVector vector) {
    if (vector.dimension() != dimension) {
      throw new IllegalArgumentException(
          what + " has " + vector.dimension() + " dimensions, expected " + dimension);
    }
  }

  /** Settings of indexes to be made. Not safe for use by several threads. */
  public static final class Builder {
    private @Nullable Integer threads;
    private @Nullable Boolean pruning;

    private Builder() {}

    /**
     * Whether products are ruled out by bounds instead of being compared one and all; the answers
     * are the same. On by default. Off saves the codes' memory, about a tenth of the vectors', and
     * is the plain scan that others are measured against.
     *
     * @param pruning true for bounds
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder pruning(boolean pruning) {
      if (this.pruning != null) {
        throw new IllegalStateException("pruning was already set to " + this.pruning);
      }
      this.pruning = pruning;
      return this;
    }

    /**
     * How many threads one large search may use, the calling one included; the default is the
     * number of processors. A scan of less than 16 MiB uses one in any case. Many searches at a
     * time keep all processors busy by themselves and are best served by 1.
     *
     * @param threads at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it was already set
     */
    public Builder threads(int threads) {
      if (this.threads != null) {
        throw new IllegalStateException("threads was already set to " + this.threads);
      }
      if (threads < 1) {
        throw new IllegalArgumentException("threads is " + threads + ", expected at least 1");
      }
      this.threads = threads;
      return this;
    }

    /**
     * Makes indexes with these settings.
     *
     * @return a factory, which later changes of this builder do not touch
     */
    public IndexFactory factory() {
      int chosen = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
      boolean pruned = pruning == null || pruning;
      return dimension -> new BruteForceIndex(dimension, chosen, pruned);
    }
  }
}
