package io.lookalike.index.bruteforce;

import io.lookalike.Attributes;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

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

  private final int dimension;
  private final int threads;
  private final int rowsPerSegment;

  /** What readers see; null once closed. Written under this object's lock. */
  private volatile @Nullable Snapshot current;

  /** Where every product is, if only about to be: an id is here before it is in a snapshot. */
  private final Map<String, Integer> slots = new ConcurrentHashMap<>();

  // Under this object's lock:

  /** Slots that no reader can see any more. */
  private final IntStack free = new IntStack();

  /** Snapshots that readers may still hold, oldest first, with the slots that became free after. */
  private final ArrayDeque<Retired> retired = new ArrayDeque<>();

  /** Slots ever used. */
  private int slotCount;

  private record Retired(Snapshot snapshot, int[] freed) {}

  BruteForceIndex(int dimension, int threads) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected at least 1");
    }
    this.dimension = dimension;
    this.threads = threads;
    this.rowsPerSegment = Segment.rows(dimension);
    this.current = new Snapshot(new Segment[0], 0);
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
    return (long) snapshot().segments().length * rowsPerSegment * dimension * Float.BYTES;
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
      return new ExactSearch(snapshot.segments(), dimension, threads).answer(queries);
    } finally {
      snapshot.unpin();
    }
  }

  @Override
  public @Nullable UnitVector vector(String id) {
    Snapshot snapshot = pin();
    try {
      Integer slot = slots.get(id);
      if (slot == null) {
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
      float[] vectors = snapshot.segments()[segment(slot)].vectors();
      System.arraycopy(vectors, row(slot) * dimension, values, 0, dimension);
      return UnitVector.ofNormalized(values);
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
  private Snapshot pin() {
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

    private Builder() {}

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
      return new IndexFactory() {
        @Override
        public String name() {
          return BruteForceIndexProvider.NAME;
        }

        @Override
        public BruteForceIndex create(int dimension) {
          return new BruteForceIndex(dimension, chosen);
        }
      };
    }
  }
}
