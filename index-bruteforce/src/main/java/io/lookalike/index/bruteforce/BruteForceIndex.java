package io.lookalike.index.bruteforce;

import static io.lookalike.internal.Once.once;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Ids;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Collection;
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
import java.util.function.Consumer;
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
 * <p>Safe for use by several threads. A search works on one version: it sees all of an {@link
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

  /** Above it, a sample of the vectors for bounds would not fit into an array. */
  private static final int MOST_PRUNED_DIMENSION = 1 << 17;

  /** Tiles of 64 vectors have to fit into an array. */
  private static final int MOST_DIMENSION = 1 << 24;

  /** How many products are copied at a time for who visits all. */
  private static final int VISITED_AT_ONCE = 64;

  /** One for all indexes: computing bounds is work for spare time. */
  private static final Executor BUILDER = builderThread();

  private final int dimension;
  private final int threads;
  private final boolean pruning;
  private final int rowsPerSegment;

  private final Versions versions;

  /** The slot of each product; see {@link Versions}. Changed under this object's lock. */
  private final Map<String, Integer> slots = new ConcurrentHashMap<>();

  /** Held while it is seen whether bounds are stale, and while they are computed if so. */
  private final ReentrantLock bounding = new ReentrantLock();

  /** For which write's version bounds were computed last; under that lock. */
  private int boundedAt = -1;

  // Under this object's lock:

  /** Whether a pruner is being built, or the products' last number for which none was worth it. */
  private boolean building;

  private int notWorthwhileAt;

  BruteForceIndex(int dimension, int threads, boolean pruning) {
    if (dimension < 1 || dimension > MOST_DIMENSION) {
      throw new IllegalArgumentException(
          "dimension is " + dimension + ", expected 1 to " + MOST_DIMENSION);
    }
    this.dimension = dimension;
    this.threads = threads;
    this.pruning = pruning;
    this.rowsPerSegment = Segment.rows(dimension);
    this.versions = new Versions(rowsPerSegment, new Version(new Segment[0], 0, 0, null));
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
    return versions.current().size();
  }

  /**
   * The memory that the vectors take, free room included; ids and attributes come on top.
   *
   * @return bytes
   * @throws IllegalStateException if the index has been closed
   */
  public long memoryBytes() {
    Version version = versions.current();
    Pruner pruner = version.pruner();
    return (long) version.segments().length * rowsPerSegment * dimension * Float.BYTES
        + (pruner == null ? 0 : pruner.memoryBytes());
  }

  @Override
  public List<Neighbor> search(Query query) {
    return searchAll(List.of(query)).get(0);
  }

  @Override
  public List<List<Neighbor>> searchAll(List<Query> queries) {
    checkDimensions(queries);
    Version version = versions.pin();
    try {
      var answers = new ArrayList<List<Neighbor>>(queries.size());
      for (List<Found> answer : answer(version, queries)) {
        answers.add(answer.stream().map(Found::neighbor).toList());
      }
      return answers;
    } finally {
      version.unpin();
    }
  }

  @Override
  public List<Hit> hits(Query query, boolean vectors) {
    checkDimensions(List.of(query));
    Version version = versions.pin();
    try {
      var hits = new ArrayList<Hit>();
      for (Found found : answer(version, List.of(query)).get(0)) {
        hits.add(
            new Hit(
                found.id(),
                found.similarity(),
                entry(version, found.slot()).attributes(),
                vectors ? vector(version, found.slot()) : null));
      }
      return hits;
    } finally {
      version.unpin();
    }
  }

  private void checkDimensions(List<Query> queries) {
    for (Query query : queries) {
      checkDimension("the query", query.vector());
    }
  }

  private List<List<Found>> answer(Version version, List<Query> queries) {
    return answer(version, queries, threads);
  }

  /** Answers queries over a version that stays pinned meanwhile. */
  List<List<Found>> answer(Version version, List<Query> queries, int threads) {
    var few = new AmongSearch(version, slots, rowsPerSegment);
    var answers = new ArrayList<List<Found>>(queries.size());
    var scanned = new ArrayList<Query>();
    var places = new IntStack();
    for (int i = 0; i < queries.size(); i++) {
      List<Found> answer = few.answer(queries.get(i));
      answers.add(answer == null ? List.of() : answer);
      if (answer == null) {
        scanned.add(queries.get(i));
        places.push(i);
      }
    }
    if (!scanned.isEmpty()) {
      Pruner pruner = version.pruner();
      List<List<Found>> found =
          pruner == null
              ? new ExactSearch(version.segments(), dimension, threads).answer(scanned)
              : new PrunedBatch(version, pruner, rowsPerSegment, dimension, threads)
                  .answer(scanned);
      for (int i = 0; i < found.size(); i++) {
        answers.set(places.fromTop(found.size() - 1 - i), found.get(i));
      }
    }
    return answers;
  }

  @Override
  public @Nullable IndexItem item(String id) {
    Version version = versions.pin();
    try {
      return item(version, id);
    } finally {
      version.unpin();
    }
  }

  @Override
  public Map<String, IndexItem> items(Collection<String> ids) {
    Version version = versions.pin();
    try {
      var items = new LinkedHashMap<String, IndexItem>();
      for (String id : ids) {
        IndexItem item = item(version, id);
        if (item != null) {
          items.put(id, item);
        }
      }
      return items;
    } finally {
      version.unpin();
    }
  }

  private @Nullable IndexItem item(Version version, String id) {
    Integer slot = slots.get(Ids.given(id, "a product's id"));
    if (slot == null) {
      versions.current(); // throws if it is not there because the index has just been closed
      return null;
    }
    if (!version.holds(id, segment(slot), row(slot))) {
      // A writer is just moving this product; look where this version has it.
      slot = version.find(id, rowsPerSegment);
    }
    return slot == null ? null : item(version, slot);
  }

  private IndexItem item(Version version, int slot) {
    Entry entry = entry(version, slot);
    return new IndexItem(entry.id(), vector(version, slot), entry.attributes());
  }

  private Entry entry(Version version, int slot) {
    return Objects.requireNonNull(version.segments()[segment(slot)].entries()[row(slot)]);
  }

  private UnitVector vector(Version version, int slot) {
    var values = new float[dimension];
    float[] vectors = version.segments()[segment(slot)].vectors();
    System.arraycopy(vectors, row(slot) * dimension, values, 0, dimension);
    return UnitVector.ofNormalized(values);
  }

  @Override
  public List<String> ids() {
    return versions.current().ids();
  }

  @Override
  public void forEach(Consumer<? super IndexItem> action) {
    Version begin = versions.current();
    int write = begin.write();
    int segments = begin.segments().length;
    var some = new ArrayList<IndexItem>(VISITED_AT_ONCE);
    for (int segment = 0; segment < segments; segment++) {
      for (int from = 0; from < rowsPerSegment; from += VISITED_AT_ONCE) {
        copyOlder(segment, from, write, some);
        some.forEach(action);
        some.clear();
      }
    }
  }

  /**
   * Copies some products, but none whose vector came after a write: it may have been visited where
   * it was before. Nothing stays pinned while they are visited, which may take its time.
   */
  private void copyOlder(int segment, int from, int write, List<IndexItem> target) {
    Version version = versions.pin();
    try {
      Segment rows = version.segments()[segment];
      for (int row = from; row < Math.min(rowsPerSegment, from + VISITED_AT_ONCE); row++) {
        if (rows.entries()[row] != null && rows.written()[row] - write <= 0) {
          target.add(item(version, segment * rowsPerSegment + row));
        }
      }
    } finally {
      version.unpin();
    }
  }

  /** Fills an index that nobody has yet, without holding all items beside their copies. */
  private synchronized void fill(Iterable<IndexItem> items) {
    Version before = versions.current();
    var edit = new Edit(before, dimension, rowsPerSegment);
    Versions.Slots taken = versions.new Slots();
    for (IndexItem item : items) {
      checkDimension("\"" + item.id() + "\"", item.vector());
      Integer slot = slots.get(item.id());
      if (slot == null) {
        slot = taken.next();
        slots.put(item.id(), slot);
      } else {
        edit.clear(segment(slot), row(slot)); // the last one counts
      }
      edit.put(segment(slot), row(slot), item);
    }
    Version after = edit.done();
    versions.publish(versions.retiring(before, new IntStack()), after, taken);
    buildIfStale(after);
  }

  @Override
  public void upsertAll(List<IndexItem> items) {
    var last = new LinkedHashMap<String, IndexItem>();
    for (IndexItem item : items) {
      checkDimension("\"" + item.id() + "\"", item.vector());
      last.put(item.id(), item);
    }
    synchronized (this) {
      Version before = versions.current();
      if (last.isEmpty()) {
        return;
      }
      versions.reclaim();
      var edit = new Edit(before, dimension, rowsPerSegment);
      Versions.Slots taken = versions.new Slots();
      var moves = new Moves(last.size());
      var freed = new IntStack();
      for (IndexItem item : last.values()) {
        // Never the slot where the product is: a reader may be looking at it.
        int slot = taken.next();
        edit.put(segment(slot), row(slot), item);
        Integer old = slots.get(item.id());
        moves.add(item.id(), old, slot);
        if (old != null) {
          edit.clear(segment(old), row(old));
          freed.push(old);
        }
      }
      Versions.Retired retired = versions.retiring(before, freed);
      Version after = edit.done();
      moves.apply();
      // From here on nothing fails.
      versions.publish(retired, after, taken);
      buildIfStale(after);
    }
  }

  /** Where products go, and where they are until then. */
  private final class Moves {
    private final String[] ids;
    private final @Nullable Integer[] from;
    private final Integer[] to;
    private int count;

    Moves(int room) {
      this.ids = new String[room];
      this.from = new @Nullable Integer[room];
      this.to = new Integer[room];
    }

    void add(String id, @Nullable Integer before, int after) {
      ids[count] = id;
      from[count] = before;
      to[count++] = after;
    }

    /** All or none: taking back needs no memory, should that be what there is too little of. */
    void apply() {
      int i = 0;
      try {
        for (; i < count; i++) {
          slots.put(ids[i], to[i]);
        }
      } catch (RuntimeException | Error e) {
        for (; i >= 0; i--) {
          Integer before = from[i];
          if (before == null) {
            slots.remove(ids[i]);
          } else {
            slots.put(ids[i], before);
          }
        }
        throw e;
      }
    }
  }

  @Override
  public synchronized boolean setAttributes(String id, Attributes attributes) {
    Ids.given(id, "a product's id");
    Version before = versions.current();
    Integer slot = slots.get(id);
    if (slot == null) {
      return false;
    }
    versions.reclaim();
    var edit = new Edit(before, dimension, rowsPerSegment);
    edit.set(segment(slot), row(slot), new Entry(id, attributes));
    Versions.Retired retired = versions.retiring(before, new IntStack());
    versions.publish(retired, edit.done(), versions.new Slots());
    return true;
  }

  @Override
  public synchronized boolean remove(String id) {
    Ids.given(id, "a product's id");
    Version before = versions.current();
    Integer slot = slots.get(id);
    if (slot == null) {
      return false;
    }
    versions.reclaim();
    var edit = new Edit(before, dimension, rowsPerSegment);
    edit.clear(segment(slot), row(slot));
    var freed = new IntStack();
    freed.push(slot);
    Versions.Retired retired = versions.retiring(before, freed);
    Version after = edit.done();
    versions.publish(retired, after, versions.new Slots());
    slots.remove(id);
    buildIfStale(after);
    return true;
  }

  @Override
  public synchronized void close() {
    versions.close();
    slots.clear();
  }

  private void buildIfStale(Version version) {
    if (!building && isStale(version)) {
      building = true;
      try {
        BUILDER.execute(this::buildPruner);
      } catch (OutOfMemoryError e) {
        building = false; // The write that led here is done; a later one tries again.
      }
    }
  }

  /** Whether a pruner would serve, or serve better than the one there is. */
  private boolean isStale(Version version) {
    Pruner pruner = version.pruner();
    if (!mayBePruned(version)) {
      return false;
    }
    if (pruner == null) {
      return version.size() >= 2L * notWorthwhileAt;
    }
    int fresh = version.fresh();
    return fresh > pruner.count / 8 || version.size() - fresh < pruner.count / 4 * 3;
  }

  private boolean mayBePruned(Version version) {
    return pruning
        && version.size() >= LEAST_PRUNED
        && dimension >= LEAST_DIMENSION
        && dimension <= MOST_PRUNED_DIMENSION;
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
        Version now = versions.currentOrNull();
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
      if (isStale(versions.current())) {
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

  /** {@inheritDoc} None: every search compares all. */
  @Override
  public List<String> unaudited() {
    return List.of();
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
    Version version = versions.pin();
    int size = version.size();
    int write = version.write();
    Pruner pruner;
    try {
      if (write == boundedAt) {
        return version.pruner() != null;
      }
      if (!mayBePruned(version)) {
        return false;
      }
      pruner = Pruner.of(new Rows(version, rowsPerSegment, dimension, threads), write);
    } finally {
      version.unpin();
    }
    boundedAt = write;
    synchronized (this) {
      Version before = versions.current();
      if (pruner == null) {
        notWorthwhileAt = size;
        if (before.pruner() == null) {
          return false;
        }
        // What served once is stale, and would be found so for ever.
      }
      Segment[] segments = before.segments();
      if (pruner != null) {
        segments = segments.clone();
        for (int s = 0; s < segments.length; s++) {
          segments[s] = segments[s].since(pruner.builtAt);
        }
      }
      var after = new Version(segments, before.size(), before.write(), pruner);
      versions.publish(versions.retiring(before, new IntStack()), after, versions.new Slots());
      return pruner != null;
    }
  }

  /** The current version, whose vectors stay as they are until it is unpinned. */
  Version pin() {
    return versions.pin();
  }

  /** The products of a version that stays pinned meanwhile. */
  SortedRows sorted(Version pinned) {
    return new SortedRows(pinned, rowsPerSegment, dimension);
  }

  /** Number of slots kept with each version of which anything is kept, for tests. */
  synchronized List<Integer> kept() {
    return versions.kept();
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
      this.pruning = once("pruning", this.pruning, pruning);
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
      if (threads < 1) {
        throw new IllegalArgumentException("threads is " + threads + ", expected at least 1");
      }
      this.threads = once("threads", this.threads, threads);
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
      return new Factory(chosen, pruned);
    }
  }

  private record Factory(int threads, boolean pruning) implements IndexFactory {
    @Override
    public NeighborIndex create(int dimension) {
      return new BruteForceIndex(dimension, threads, pruning);
    }

    @Override
    public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
      var index = new BruteForceIndex(dimension, threads, pruning);
      index.fill(items);
      return index;
    }
  }
}
