package io.lookalike.index.hnswlib;

import static io.lookalike.internal.Once.once;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Ids;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.internal.TopK;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Approximate search in a hierarchical navigable small-world graph (Malkov and Yashunin, <a
 * href="https://arxiv.org/abs/1603.09320">arXiv:1603.09320</a>): looks at a few hundred products
 * instead of all, and finds nearly all of the nearest. For catalogues from some tens of thousands
 * of products on.
 *
 * <p>Where the graph cannot deliver as many products as are there, because few match the filter or
 * nearly all are wanted, the matching products are compared one by one, so that {@code k} is
 * guaranteed and small catalogues are searched exactly.
 *
 * <p>Safe for use by several threads. <b>A search waits for steps of a write:</b> as many searches
 * and insertions run at a time as there are processors, and more take turns; a search that comes
 * upon a product whose links are just being made waits for these, about a millisecond; and where
 * the graph grows all searches wait until its arrays are copied. Where that matters, take {@code
 * HnswIndex}. Products added together are inserted by all processors.
 *
 * <p>A removed or replaced product is hidden at once, but stays a stepping stone in the graph. When
 * there are more of those than products, the write that notices builds the graph anew, which takes
 * as long as adding all products did; searches go on in the old graph meanwhile.
 *
 * <pre>{@code
 * NeighborIndex index = HnswlibIndex.factory().create(1280);
 * IndexFactory thorough = HnswlibIndex.builder().m(24).efConstruction(400).efSearch(200).factory();
 * }</pre>
 */
public final class HnswlibIndex implements NeighborIndex {

  /** A filtered search asks the graph for so many times more than are wanted, at first. */
  private static final int OVER_FETCH = 4;

  /**
   * To find n nearest the graph compares more than this times n products, so beyond a share of 1 /
   * n of all, comparing every match is quicker.
   */
  private static final int COMPARISONS = 16;

  /** The library's list of results takes quadratic time. */
  private static final int MOST_FETCHED = 4096;

  private static final int FEWEST_REMOVED = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(HnswlibIndex.class);

  private final int dimension;

  /** Changes under this object's lock. */
  private volatile Settings settings;

  /** Null once closed; changes under this object's lock. */
  private volatile @Nullable State state;

  /** The node of every vector that a product has; used under this object's lock. */
  private final Map<UnitVector, Node> nodes = new HashMap<>();

  /** Of how many removed nodes a new graph was too large; used under this object's lock. */
  private int notRebuiltBelow;

  /**
   * Every product's entry, and the graph. The map has the last word on what is in the index: of
   * what the graph finds, an entry that is not in the map does not count. There is no graph after
   * an insertion has failed in it; the next write makes one, until then products are compared one
   * by one.
   */
  private record State(ConcurrentHashMap<String, Entry> entries, @Nullable Graph graph) {}

  private HnswlibIndex(int dimension, Settings settings) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected at least 1");
    }
    this.dimension = dimension;
    this.settings = settings;
    this.state = new State(new ConcurrentHashMap<>(), new Graph(dimension, settings));
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
    return state().entries.size();
  }

  /**
   * Changes how thorough searches are from now on; the graph stays as it is. Searches that other
   * threads have begun may not see it.
   *
   * @param efSearch as in {@link Builder#efSearch}
   * @throws IllegalArgumentException if it is outside that range
   * @throws IllegalStateException if the index has been closed
   */
  public synchronized void setEfSearch(int efSearch) {
    Graph graph = state().graph;
    settings = settings.withEfSearch(once("efSearch", null, efSearch, 1, 4096));
    if (graph != null) {
      graph.setEfSearch(efSearch);
    }
  }

  @Override
  public List<Neighbor> search(Query query) {
    checkDimension("the query", query.vector());
    State now = state();
    if (query.k() == 0) {
      return List.of();
    }
    boolean filtered = !query.filter().equals(Filter.ALL) || query.among() != null;
    int most = Math.min(MOST_FETCHED, now.entries.size() / COMPARISONS);
    long fetch = (long) query.k() + query.excluded().size();
    if (filtered) {
      fetch = Math.max(OVER_FETCH * fetch, settings.efSearch());
    }
    Graph graph = now.graph;
    while (graph != null && fetch <= most) {
      List<Neighbor> found = inGraph(query, now, graph, (int) fetch);
      if (found.size() >= query.k()) {
        return List.copyOf(found.subList(0, query.k()));
      }
      // As many as should do if further away the share of matches is the same.
      fetch = found.isEmpty() ? Long.MAX_VALUE : fetch * 2 * query.k() / found.size();
    }
    return oneByOne(query, now.entries.values());
  }

  /** What the graph finds and the query wants, closest first. */
  private static List<Neighbor> inGraph(Query query, State now, Graph graph, int fetch) {
    var found = new ArrayList<Neighbor>();
    var seen = new HashSet<String>();
    for (Node node : graph.nearest(query.vector(), fetch)) {
      for (Entry entry : node.entries()) {
        // Not the entry itself: the product may have been replaced since, and found twice.
        Entry valid = now.entries.get(entry.id());
        if (valid != null && matches(query, valid) && seen.add(valid.id())) {
          found.add(neighbor(query, valid));
        }
      }
    }
    found.sort(Neighbor.CLOSEST_FIRST);
    return found;
  }

  private static List<Neighbor> oneByOne(Query query, Collection<Entry> entries) {
    var nearest = new TopK<Neighbor>(query.k(), Neighbor.CLOSEST_FIRST);
    // The map can show a product twice that is removed and added again meanwhile.
    var kept = new HashSet<String>();
    for (Entry entry : entries) {
      if (matches(query, entry)) {
        Neighbor neighbor = neighbor(query, entry);
        Neighbor bar = nearest.bar();
        boolean isNearer = bar == null || Neighbor.CLOSEST_FIRST.compare(neighbor, bar) < 0;
        if (isNearer && kept.add(entry.id())) {
          nearest.offer(neighbor);
        }
      }
    }
    return nearest.sorted();
  }

  private static boolean matches(Query query, Entry entry) {
    return query.accepts(entry.id(), entry.attributes());
  }

  private static Neighbor neighbor(Query query, Entry entry) {
    return new Neighbor(entry.id(), query.vector().cosine(entry.vector()));
  }

  @Override
  public @Nullable IndexItem item(String id) {
    Entry entry = state().entries.get(Ids.given(id, "a product's id"));
    return entry == null ? null : new IndexItem(id, entry.vector(), entry.attributes());
  }

  @Override
  public List<String> ids() {
    return List.copyOf(new HashSet<>(state().entries.keySet()));
  }

  @Override
  public void upsertAll(List<IndexItem> items) {
    var last = new LinkedHashMap<String, IndexItem>();
    for (IndexItem item : items) {
      checkDimension("\"" + item.id() + "\"", item.vector());
      last.put(item.id(), item);
    }
    synchronized (this) {
      State now = state();
      Graph graph = graph(now);
      State withoutGraph = new State(now.entries, null);
      var fresh = new LinkedHashMap<UnitVector, Node>();
      var entries = new ArrayList<Entry>();
      var replaced = new ArrayList<Entry>();
      var before = new IdentityHashMap<Node, List<Entry>>();
      for (IndexItem item : last.values()) {
        Node node = nodes.get(item.vector());
        if (node == null) {
          node = fresh.computeIfAbsent(item.vector(), Node::new);
        }
        entries.add(new Entry(item, node));
        before.put(node, node.entries());
        Entry old = now.entries.get(item.id());
        if (old != null) {
          replaced.add(old);
          before.put(old.node(), old.node().entries());
        }
      }
      try {
        graph.addAll(List.copyOf(fresh.values()));
        nodes.putAll(fresh);
        // First all new entries, then the old ones: a search finds at least one of each product,
        // and no vector that is still needed is forgotten.
        for (Entry entry : entries) {
          entry.node().setEntries(entry.node().with(entry));
          now.entries.put(entry.id(), entry);
        }
        for (Entry old : replaced) {
          old.node().setEntries(old.node().without(old));
        }
      } catch (RuntimeException | Error e) {
        // Memory has run out: leave all as it was, but for the graph, which nobody can mend.
        state = withoutGraph;
        for (Entry old : replaced) {
          now.entries.put(old.id(), old);
        }
        for (Entry entry : entries) {
          now.entries.remove(entry.id(), entry);
        }
        for (Map.Entry<Node, List<Entry>> each : before.entrySet()) {
          each.getKey().setEntries(each.getValue());
        }
        for (UnitVector vector : fresh.keySet()) {
          nodes.remove(vector);
        }
        throw e;
      }
      replaced.forEach(old -> forgetIfUnused(old.node(), graph));
      rebuildIfWorthwhile(now.entries, graph);
    }
  }

  @Override
  public synchronized boolean setAttributes(String id, Attributes attributes) {
    Entry entry = state().entries.get(Ids.given(id, "a product's id"));
    if (entry == null) {
      return false;
    }
    entry.setAttributes(attributes);
    return true;
  }

  @Override
  public synchronized boolean remove(String id) {
    State now = state();
    Entry entry = now.entries.get(Ids.given(id, "a product's id"));
    if (entry == null) {
      return false;
    }
    Graph graph = graph(now);
    List<Entry> others = entry.node().without(entry);
    now.entries.remove(id);
    entry.node().setEntries(others);
    forgetIfUnused(entry.node(), graph);
    rebuildIfWorthwhile(now.entries, graph);
    return true;
  }

  @Override
  public synchronized void close() {
    state = null;
    nodes.clear();
  }

  /** The graph that writes go into; a new one where an insertion has failed before. */
  private Graph graph(State now) {
    Graph graph = now.graph;
    return graph == null ? built(now.entries) : graph;
  }

  private Graph built(ConcurrentHashMap<String, Entry> entries) {
    var graph = new Graph(dimension, settings);
    graph.addAll(List.copyOf(nodes.values()));
    state = new State(entries, graph);
    return graph;
  }

  /** Takes a node without products from the graph. */
  private void forgetIfUnused(Node node, Graph graph) {
    if (node.entries().isEmpty()) {
      nodes.remove(node.vector(), node);
      graph.remove(node);
    }
  }

  /** The write has been made; that there is no memory for a second graph must not undo it. */
  private void rebuildIfWorthwhile(ConcurrentHashMap<String, Entry> entries, Graph graph) {
    int removed = graph.removed();
    if (removed > Math.max(FEWEST_REMOVED, nodes.size()) && removed >= notRebuiltBelow) {
      try {
        built(entries);
        notRebuiltBelow = 0;
      } catch (OutOfMemoryError e) {
        notRebuiltBelow = 2 * removed;
        LOG.warn(
            "There is no memory to build the graph of {} products anew, without {} that were"
                + " removed; searches go on in the old one, which is larger and slower; raise -Xmx",
            entries.size(),
            removed);
      }
    }
  }

  private State state() {
    State now = state;
    if (now == null) {
      throw new IllegalStateException("this index has been closed");
    }
    return now;
  }

  private void checkDimension(String what, UnitVector vector) {
    if (vector.dimension() != dimension) {
      throw new IllegalArgumentException(
          what + " has " + vector.dimension() + " dimensions, expected " + dimension);
    }
  }

  /**
   * Settings of indexes to be made; the paper's section 4.1 discusses them. Not safe for use by
   * several threads.
   */
  public static final class Builder {
    private @Nullable Integer m;
    private @Nullable Integer efConstruction;
    private @Nullable Integer efSearch;

    private Builder() {}

    /**
     * How many links a product gets in each layer, twice as many in the lowest. More find more and
     * take more memory and time.
     *
     * @param m from 2 to 128; the default is 16
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder m(int m) {
      this.m = once("m", this.m, m, 2, 128);
      return this;
    }

    /**
     * Among how many nearest a new product's links are chosen. More make a better graph and take
     * longer to insert.
     *
     * @param efConstruction from 1 to 4,096; the default is 200
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder efConstruction(int efConstruction) {
      this.efConstruction = once("efConstruction", this.efConstruction, efConstruction, 1, 4096);
      return this;
    }

    /**
     * How many nearest a search keeps track of, at least as many as are wanted. More find more and
     * take longer.
     *
     * @param efSearch from 1 to 4,096; the default is 100
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder efSearch(int efSearch) {
      this.efSearch = once("efSearch", this.efSearch, efSearch, 1, 4096);
      return this;
    }

    /**
     * Makes indexes with these settings.
     *
     * @return a factory, which later changes of this builder do not touch
     */
    public IndexFactory factory() {
      var settings =
          new Settings(
              m == null ? 16 : m,
              efConstruction == null ? 200 : efConstruction,
              efSearch == null ? 100 : efSearch);
      return dimension -> new HnswlibIndex(dimension, settings);
    }
  }
}
