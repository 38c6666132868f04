package io.lookalike.index.hnsw;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Approximate search in a graph of the project's own: looks at a few hundred products instead of
 * all, by short codes, compares the few best of these in full, and finds nearly all of the nearest.
 * For catalogues from some thousands of products on; below 1,000 every search compares all
 * products, and is exact.
 *
 * <p>The graph is that of Malkov and Yashunin (<a
 * href="https://arxiv.org/abs/1603.09320">arXiv:1603.09320</a>). The codes are learnt from the
 * first products and learnt anew, with a new graph, at every fourfold size up to 16,384 products;
 * so a catalogue is best added in few large calls. {@code docs/search.md} describes all of it.
 *
 * <p>Similarities are exact, only the choice of products is approximate. Where the graph cannot
 * deliver as many products as are there, because few match the filter or a large share is wanted,
 * the matching products are compared one by one, so that {@code k} is guaranteed.
 *
 * <p>Safe for use by several threads. Searches take no lock and never wait. Writers take turns;
 * products added together are inserted by several threads, see {@link Builder#threads}. With one
 * thread, the same calls make the same graph at every run. A removed or replaced product is hidden
 * at once, and its place in the graph is used again after at most a tenth more have been removed:
 * the write that notices repairs the links around them all, which takes as long as adding a few
 * hundredths of all products, while searches go on.
 *
 * <pre>{@code
 * NeighborIndex index = HnswIndex.factory().create(1280);
 * IndexFactory thorough = HnswIndex.builder().m(24).efConstruction(200).efSearch(200).factory();
 * }</pre>
 */
public final class HnswIndex implements NeighborIndex {

  private static final int LEAST_NODES = 1000;
  private static final int MOST_EF = 4096;

  /** From so many products learnt from, codes are as good as they get. */
  private static final int LEARNT_ENOUGH = 16_384;

  /** At most so many are looked at to learn. */
  private static final int MOST_SAMPLED = 3072;

  private static final int RELEARN_FACTOR = 4;

  /**
   * To find n nearest the graph looks at this times n products or more, so beyond a share of 1 / n
   * of all, comparing every one is quicker.
   */
  private static final int LOOKED_AT = 16;

  /** How many products are asked whether they match, to know the share that does. */
  private static final int PROBES = 128;

  /** To ask one product whether it matches takes as long as to score so many bytes of codes. */
  private static final double BYTES_PER_QUESTION = 800;

  /** Up to so many products the presets' efSearch is enough. */
  private static final double NOT_LARGE = 250_000;

  private final int dimension;
  private final Settings settings;

  /** As in {@link Settings}. */
  private volatile int efSearch;

  /** Null once closed; changes under this object's lock. */
  private volatile @Nullable State state;

  /**
   * Odd while products that are being replaced have both their entries; changes under this object's
   * lock.
   */
  private volatile int replacements;

  /** The node of every vector that a product has; used under this object's lock. */
  private final NodeTable nodes = new NodeTable();

  /** Where vectors are kept; null if on the heap. Used under this object's lock. */
  private @Nullable VectorFiles files;

  /** What is not yet in that table, since nothing has been written since the index was opened. */
  private List<Node> opened = List.of();

  /**
   * Every product's entry, and the graph if there are enough for one. Of what the graph finds,
   * retired entries do not count.
   */
  private record State(ConcurrentHashMap<String, Entry> entries, @Nullable Graph graph) {}

  private HnswIndex(int dimension, Settings settings, @Nullable Path folder) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected at least 1");
    }
    if (folder != null && dimension > VectorFiles.MOST_DIMENSIONS) {
      throw new IllegalArgumentException(
          "dimension is "
              + dimension
              + ", expected at most "
              + VectorFiles.MOST_DIMENSIONS
              + " where vectors are kept in files");
    }
    this.dimension = dimension;
    this.settings = settings;
    this.efSearch = settings.efSearch();
    this.files = folder == null ? null : new VectorFiles(folder, dimension);
    this.state = new State(new ConcurrentHashMap<>(), null);
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
   * About how much memory the vectors, the graph and the entries take; the texts of ids and the
   * attributes come on top. Vectors in files do not count.
   *
   * @return bytes
   * @throws IllegalStateException if the index has been closed
   */
  public synchronized long memoryBytes() {
    State now = state();
    // Objects of a vector: itself, its array's head, node, array of entries, place in the map.
    long perNode = 16 + 16 + 48 + 24 + 56;
    long vectors = 0;
    for (Node node : nodes().all()) {
      vectors += node.isInFile() ? 0 : 4L * dimension;
    }
    // Of a product: the entry, and its place in the map.
    long perEntry = 24 + 40;
    return vectors
        + nodes.size() * perNode
        + now.entries.size() * perEntry
        + (now.graph == null ? 0 : now.graph.memoryBytes());
  }

  /**
   * Changes how thorough searches are from now on, those of other threads included; the graph stays
   * as it is. {@link #save} keeps it.
   *
   * @param efSearch as in {@link Builder#efSearch}
   * @throws IllegalArgumentException if it is outside that range
   */
  public void setEfSearch(int efSearch) {
    this.efSearch = Builder.checked("efSearch", null, efSearch, 1, MOST_EF);
  }

  // ---- searches

  @Override
  public List<Neighbor> search(Query query) {
    checkDimension("the query", query.vector());
    State now = state();
    if (query.k() == 0) {
      return List.of();
    }
    if (query.among() != null && query.among().size() <= mostWanted(now)) {
      return oneByOne(query, entries(now, query.among()));
    }
    Graph graph = now.graph;
    long wanted = (long) query.k() + query.excluded().size();
    if (graph != null && wanted <= mostWanted(now)) {
      List<Neighbor> found =
          query.filter().equals(Filter.ALL) && query.among() == null
              ? inGraph(query, now, graph, (int) wanted)
              : amongMatches(query, now, graph);
      if (found != null) {
        return found;
      }
    }
    return oneByOne(query, now.entries.values());
  }

  private static List<Entry> entries(State now, Set<String> ids) {
    var entries = new ArrayList<Entry>();
    for (String id : ids) {
      Entry entry = now.entries.get(id);
      if (entry != null) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private int efSearch(State now) {
    return efSearch(efSearch, now.entries.size());
  }

  /** What a setting means for so many products. */
  static int efSearch(int setting, int products) {
    double growth = Math.sqrt(Math.max(1, products / NOT_LARGE));
    return setting > 0 ? setting : (int) Math.min(MOST_EF, Math.round(-setting * growth));
  }

  private static int mostWanted(State now) {
    return now.entries.size() / LOOKED_AT;
  }

  /** Searches among all; null if the graph has not enough to offer. */
  private @Nullable List<Neighbor> inGraph(Query query, State now, Graph graph, int wanted) {
    for (int enough = wanted; enough <= mostWanted(now); enough *= 4) {
      int ef = Math.max(efSearch(now), enough + enough / 2);
      List<Neighbor> found = valid(query, graph.nearest(query.vector(), ef, enough));
      if (found.size() == query.k()) {
        return found;
      }
    }
    return null;
  }

  /**
   * Searches among those that match, in the graph or by codes alone, whichever looks cheaper; null
   * if one by one does, or where too few have been found.
   */
  private @Nullable List<Neighbor> amongMatches(Query query, State now, Graph graph) {
    int ef = Math.max(efSearch(now), query.k() + query.k() / 2);
    int seen = 0;
    int matching = 0;
    for (Node node : graph.sample(PROBES)) {
      seen++;
      if (wanted(query, node)) {
        matching++;
      }
    }
    double share = (matching + .5) / (seen + 1);
    // Costs in units of one product that is asked whether it matches. To look at one in the graph
    // takes about twice that, to compare one in full as often as there are 200 dimensions.
    int all = now.entries.size();
    double oneByOne = all * (1 + share * (1 + dimension / 200.0));
    // Who goes through matches in any order comes upon one of the ef best so far this often.
    double best = ef * (1 + Math.log(Math.max(1, all * share / ef)));
    double byCodes = all * graph.codeLength() / BYTES_PER_QUESTION + Math.min(all, best / share);
    if (byCodes > oneByOne) {
      return null;
    }
    double met = LOOKED_AT / 2.0 * ef / share;
    Graph.Found found =
        graph.nearest(
            query.vector(),
            ef,
            query.k(),
            node -> wanted(query, node),
            (long) met,
            2 * met > byCodes ? 0 : (long) (byCodes / 2));
    List<Neighbor> valid = valid(query, found);
    return valid.size() == query.k() ? valid : null;
  }

  private static boolean wanted(Query query, Node node) {
    for (Entry entry = node.first(); entry != null; entry = entry.next()) {
      if (matches(query, entry)) {
        return true;
      }
    }
    return false;
  }

  /** The k closest of what was found, as far as they are in the index and wanted. */
  private List<Neighbor> valid(Query query, Graph.Found found) {
    int before = replacements;
    List<Neighbor> valid = valid(query, found, null);
    // A product can be there twice while it is being replaced. To look for that always would cost
    // as much as all else here.
    return (before & 1) == 0 && before == replacements
        ? valid
        : valid(query, found, new HashSet<>());
  }

  private static List<Neighbor> valid(
      Query query, Graph.Found found, @Nullable HashSet<String> seen) {
    List<Node> nodes = found.nodes();
    var order = new long[nodes.size()];
    for (int i = 0; i < order.length; i++) {
      // Floats of either sign in the order of integers, greatest first.
      int bits = Float.floatToIntBits(found.similarities()[i]);
      order[i] = (long) ~(bits ^ bits >> 31 & Integer.MAX_VALUE) << 32 | i;
    }
    Arrays.sort(order);
    var neighbors = new ArrayList<Neighbor>(query.k());
    float last = Float.NEGATIVE_INFINITY;
    for (long element : order) {
      float similarity = found.similarities()[(int) element];
      // Of equal ones all, for they are ordered by id.
      if (neighbors.size() >= query.k() && similarity < last) {
        break;
      }
      Entry entry = nodes.get((int) element).first();
      for (; entry != null; entry = entry.next()) {
        if (!entry.isRetired() && matches(query, entry) && (seen == null || seen.add(entry.id()))) {
          neighbors.add(new Neighbor(entry.id(), similarity));
          last = similarity;
        }
      }
    }
    neighbors.sort(Neighbor.CLOSEST_FIRST);
    if (neighbors.size() > query.k()) {
      neighbors.subList(query.k(), neighbors.size()).clear();
    }
    return neighbors;
  }

  private static List<Neighbor> oneByOne(Query query, Collection<Entry> entries) {
    var worstFirst = new PriorityQueue<Neighbor>(Neighbor.CLOSEST_FIRST.reversed());
    for (Entry entry : entries) {
      if (matches(query, entry)) {
        worstFirst.add(new Neighbor(entry.id(), query.vector().cosine(entry.vector())));
        if (worstFirst.size() > query.k()) {
          worstFirst.remove();
        }
      }
    }
    var neighbors = new ArrayList<Neighbor>(worstFirst);
    neighbors.sort(Neighbor.CLOSEST_FIRST);
    return neighbors;
  }

  private static boolean matches(Query query, Entry entry) {
    return query.accepts(entry.id(), entry.attributes());
  }

  @Override
  public @Nullable IndexItem item(String id) {
    Entry entry = state().entries.get(id);
    return entry == null ? null : new IndexItem(id, entry.vector(), entry.attributes());
  }

  @Override
  public @Nullable UnitVector vector(String id) {
    Entry entry = state().entries.get(id);
    return entry == null ? null : entry.vector();
  }

  @Override
  public List<String> ids() {
    return List.copyOf(state().entries.keySet());
  }

  // ---- changes

  @Override
  public void upsertAll(List<IndexItem> items) {
    var last = new LinkedHashMap<String, IndexItem>();
    for (IndexItem item : items) {
      checkDimension("\"" + item.id() + "\"", item.vector());
      last.put(item.id(), item);
    }
    synchronized (this) {
      State now = state();
      nodes();
      var fresh = new LinkedHashMap<UnitVector, Node>();
      var entries = new ArrayList<Entry>();
      Graph graph;
      try {
        for (IndexItem item : last.values()) {
          long fingerprint = NodeTable.fingerprint(item.vector());
          Node node = nodes.get(fingerprint, item.vector());
          if (node == null) {
            node = fresh.computeIfAbsent(item.vector(), vector -> node(vector, fingerprint));
          }
          entries.add(new Entry(item, node));
        }
        graph = withNodes(now.graph, List.copyOf(fresh.values()));
      } catch (RuntimeException | Error e) {
        fresh.values().forEach(this::discard);
        throw e;
      }
      fresh.values().forEach(nodes::add);
      state = new State(now.entries, graph);
      // First all new entries, then the old ones: a search finds at least one of each product, and
      // no vector that is still needed is forgotten.
      replacements++;
      try {
        var replaced = new ArrayList<Entry>();
        for (Entry entry : entries) {
          entry.node().add(entry);
          Entry old = now.entries.put(entry.id(), entry);
          if (old != null) {
            replaced.add(old);
          }
        }
        replaced.forEach(old -> forget(old, graph));
      } finally {
        replacements++;
      }
      if (graph != null) {
        graph.repairIfWorthwhile();
      }
    }
  }

  /** The graph with more nodes: the one there is, or a new one if codes are to be learnt. */
  private @Nullable Graph withNodes(@Nullable Graph graph, List<Node> fresh) {
    int count = nodes.size() + fresh.size();
    boolean learn =
        graph == null
            ? count >= settings.leastNodes()
            : graph.learntFrom() < LEARNT_ENOUGH
                && count >= RELEARN_FACTOR * (long) graph.learntFrom();
    if (!learn) {
      if (graph != null) {
        graph.addAll(fresh);
      }
      return graph;
    }
    var all = new ArrayList<Node>(count);
    all.addAll(nodes.all());
    all.addAll(fresh);
    int sampled = Math.min(count, MOST_SAMPLED);
    var sample = new ArrayList<UnitVector>(sampled);
    for (int i = 0; i < sampled; i++) {
      sample.add(all.get((int) ((long) i * count / sampled)).vector());
    }
    var renewed = new Graph(Quantizer.of(sample, dimension), count, settings);
    renewed.addAll(all);
    renewed.putNearTogether();
    return renewed;
  }

  @Override
  public synchronized boolean setAttributes(String id, Attributes attributes) {
    Entry entry = state().entries.get(id);
    if (entry == null) {
      return false;
    }
    entry.setAttributes(attributes);
    return true;
  }

  @Override
  public synchronized boolean remove(String id) {
    State now = state();
    Entry entry = now.entries.remove(id);
    if (entry == null) {
      return false;
    }
    nodes();
    forget(entry, now.graph);
    if (now.graph != null) {
      now.graph.repairIfWorthwhile();
    }
    return true;
  }

  // ---- files

  /**
   * Saves this index: vectors, codes, links, ids and attributes, in the format of {@code
   * docs/format.md}. The file is written beside the old one and takes its place when it is complete
   * and on disk. Searches go on meanwhile; writers wait.
   *
   * @param file replaced if it is there, even if this index was opened from it
   * @throws IOException if writing fails; what was there before is untouched
   * @throws IllegalArgumentException if an id or an attribute is no valid text
   * @throws IllegalStateException if the index has been closed
   */
  public synchronized void save(Path file) throws IOException {
    State now = state();
    List<Entry> products =
        now.entries.values().stream().sorted(Comparator.comparing(Entry::id)).toList();
    Graph.Compact graph = now.graph == null || products.isEmpty() ? null : now.graph.compact();
    var saved = new ArrayList<Node>(nodes().size());
    if (graph != null) {
      for (Node node : graph.arrays().nodes) {
        saved.add(Objects.requireNonNull(node));
      }
    } else {
      saved.addAll(products.stream().map(Entry::node).distinct().toList());
    }
    IndexFile.save(
        new IndexFile.Content(
            dimension,
            settings.withEfSearch(efSearch),
            saved,
            graph == null ? null : graph.arrays(),
            graph == null ? null : graph.quantizer(),
            graph == null ? 0 : Objects.requireNonNull(now.graph).learntFrom(),
            graph == null ? 0 : graph.entry(),
            products),
        file);
  }

  /**
   * Opens a saved index by mapping its file, ready at once: nothing is computed, and vectors are
   * read when a search compares them, each being checked the first time. Several processes may open
   * one file. The index can be changed like any other; the file stays as it is, and must stay there
   * in full, until it is replaced by another {@link #save}.
   *
   * @param file what {@link #save} has written
   * @return the index, with the settings it was saved with, and as many {@linkplain Builder#threads
   *     threads} as there are processors
   * @throws IOException if the file cannot be read, is none of this kind, of a newer version, or
   *     damaged, naming the section. A vector that is damaged is noticed when it is read: the
   *     search then throws an {@link java.io.UncheckedIOException} that names its row
   */
  public static HnswIndex open(Path file) throws IOException {
    return new HnswIndex(IndexFile.open(file));
  }

  private HnswIndex(IndexFile.Content saved) {
    this(saved.dimension(), saved.settings(), null);
    var entries = new ConcurrentHashMap<String, Entry>(2 * saved.products().size() + 16);
    saved.products().forEach(entry -> entries.put(entry.id(), entry));
    GraphArrays arrays = saved.arrays();
    Graph graph =
        arrays == null
            ? null
            : new Graph(
                Objects.requireNonNull(saved.quantizer()),
                saved.learntFrom(),
                settings,
                arrays,
                saved.entry());
    state = new State(entries, graph);
    opened = saved.nodes();
  }

  @Override
  public synchronized void close() {
    state = null;
    if (files != null) {
      files.close();
      files = null;
    }
    nodes.clear();
    opened = List.of();
  }

  /** A new node, whose vector is where this index keeps them. */
  private Node node(UnitVector vector, long fingerprint) {
    return files == null ? new Node(vector, fingerprint) : files.add(vector, fingerprint);
  }

  private void discard(Node node) {
    if (files != null) {
      files.discard(node);
    }
  }

  /** How long the files are in which vectors are kept. */
  synchronized long fileBytes() {
    return files == null ? 0 : files.bytes();
  }

  /** Takes a product's entry from its node, and a node without products from the graph. */
  private void forget(Entry entry, @Nullable Graph graph) {
    entry.retire();
    Node node = entry.node();
    node.remove(entry);
    if (node.first() == null) {
      nodes.remove(node);
      if (graph != null) {
        graph.remove(node);
      }
      discard(node);
    }
  }

  /** The table of all nodes, made when it is first needed. */
  private NodeTable nodes() {
    opened.forEach(nodes::add);
    opened = List.of();
    return nodes;
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
   * Settings that belong together. The figures are of 60,000 vectors with 784 dimensions
   * (Fashion-MNIST), the ten nearest, one thread, JDK 17, in one run, in which C++ hnswlib made
   * 10,500 queries a second at a recall of .957 and took 27 s to build; other data and machines
   * give others.
   */
  public enum Preset {
    /**
     * Recall .966 at 27,200 queries a second; 18 % of the vectors' memory beside them, built in 6.8
     * s.
     */
    FASTEST(16, 100, 20),
    /** Recall .993 at 14,000 queries a second; 18 %, 6.8 s. */
    BALANCED(16, 100, 80),
    /** Recall .992 at 16,600 queries a second; 16 %, 9.0 s, and fewer links to save. */
    SMALLEST(8, 200, 80);

    private final int m;
    private final int efConstruction;
    private final int efSearch;

    Preset(int m, int efConstruction, int efSearch) {
      this.m = m;
      this.efConstruction = efConstruction;
      this.efSearch = efSearch;
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
    private @Nullable Long seed;
    private @Nullable Integer threads;
    private @Nullable Integer leastNodes;
    private @Nullable Path folder;
    private @Nullable Preset preset;

    private Builder() {}

    /**
     * What is chosen where nothing else is set.
     *
     * @param preset the default is {@link Preset#BALANCED}
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder preset(Preset preset) {
      if (this.preset != null) {
        throw new IllegalStateException("preset was already set to " + this.preset);
      }
      this.preset = Objects.requireNonNull(preset, "preset");
      return this;
    }

    /**
     * How many links a new product gets in each layer; there is room for twice as many in the
     * lowest. More find more and take more memory and time.
     *
     * @param m from 2 to 128; the default is the preset's
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder m(int m) {
      this.m = checked("m", this.m, m, 2, 128);
      return this;
    }

    /**
     * Among how many nearest a new product's links are chosen. More make a better graph and take
     * longer to insert.
     *
     * @param efConstruction from 1 to 4,096; the default is the preset's
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder efConstruction(int efConstruction) {
      this.efConstruction =
          checked("efConstruction", this.efConstruction, efConstruction, 1, MOST_EF);
      return this;
    }

    /**
     * How many nearest a search keeps track of; half as many again as are wanted if that is more.
     * More find more and take longer: of 60,000 products with 784 dimensions, 20 find .966 of the
     * ten nearest, 50 find .990 in 1.6 times the time, 160 find .995 in 3 times ({@code
     * docs/search.md}).
     *
     * @param efSearch from 1 to 4,096; the default is the preset's, which beyond 250,000 products
     *     grows with the root of their number: twice as many at 1,000,000
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder efSearch(int efSearch) {
      this.efSearch = checked("efSearch", this.efSearch, efSearch, 1, MOST_EF);
      return this;
    }

    /**
     * What the layers of products are drawn from.
     *
     * @param seed any number; the default is 0
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder seed(long seed) {
      if (this.seed != null) {
        throw new IllegalStateException("seed was already set to " + this.seed);
      }
      this.seed = seed;
      return this;
    }

    /**
     * How many threads insert products that are added together, the caller's included; the others
     * are the {@linkplain java.util.concurrent.ForkJoinPool#commonPool() common pool}'s. A search
     * uses the caller's alone.
     *
     * @param threads from 1 to 1,024; the default is the number of processors. With 1 the graph is
     *     the same at every run
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder threads(int threads) {
      this.threads = checked("threads", this.threads, threads, 1, 1024);
      return this;
    }

    /**
     * Keeps the vectors in files rather than on the heap, for catalogues that are larger than it.
     * What stays there is a code and links of each product, some hundreds of bytes, and its id. The
     * files are mapped, so that vectors are read from memory as far as there is any: searches take
     * 1.2 to 2 times as long while the machine has room for all of them beside its heaps (60,000
     * vectors with 784 dimensions, one thread), and wait for the disk where it has not. The files
     * are no means to keep an index, which is what {@link HnswIndex#save} is for: they are gone
     * when the index is closed or the process ends, and invisible meanwhile (but on Windows, where
     * they are named {@code lookalike-*.vectors}).
     *
     * <p>Where the folder cannot be written to or is full, adding throws an {@link
     * java.io.UncheckedIOException} that names it, and the index is as before. An index that is
     * {@linkplain HnswIndex#open opened} keeps the vectors of its file there, and those that are
     * added later on the heap.
     *
     * @param folder on a disk of this machine, with room for 4 bytes x dimension x products, and
     *     again as much for those replaced until the garbage collector has passed
     * @return this builder
     * @throws IllegalArgumentException if there is no such folder, or it cannot be written to
     * @throws IllegalStateException if it was already set
     */
    public Builder vectorsIn(Path folder) {
      if (this.folder != null) {
        throw new IllegalStateException("vectorsIn was already set to " + this.folder);
      }
      if (!folder.getFileSystem().equals(FileSystems.getDefault()) || !Files.isDirectory(folder)) {
        throw new IllegalArgumentException(
            "there is no folder " + folder + " to keep vectors in; create it first");
      }
      if (!Files.isWritable(folder)) {
        throw new IllegalArgumentException(
            "the folder " + folder + " cannot be written to; name another to keep vectors in");
      }
      this.folder = folder.toAbsolutePath();
      return this;
    }

    /** From how many different vectors on there is a graph; for tests of small ones. */
    Builder leastNodes(int leastNodes) {
      this.leastNodes = checked("leastNodes", this.leastNodes, leastNodes, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Makes indexes with these settings.
     *
     * @return a factory, which later changes of this builder do not touch
     */
    public IndexFactory factory() {
      Preset chosen = preset == null ? Preset.BALANCED : preset;
      Path folder = this.folder;
      var settings =
          new Settings(
              m == null ? chosen.m : m,
              efConstruction == null ? chosen.efConstruction : efConstruction,
              efSearch == null ? -chosen.efSearch : efSearch,
              seed == null ? 0 : seed,
              threads == null ? Runtime.getRuntime().availableProcessors() : threads,
              leastNodes == null ? LEAST_NODES : leastNodes);
      return dimension -> new HnswIndex(dimension, settings, folder);
    }

    /** Whether these may be settings. */
    static boolean areValid(int m, int efConstruction, int efSearch, int leastNodes) {
      return m >= 2
          && m <= 128
          && efConstruction >= 1
          && efConstruction <= MOST_EF
          && efSearch != 0
          && Math.abs((long) efSearch) <= MOST_EF
          && leastNodes >= 1;
    }

    private static int checked(String name, @Nullable Integer before, int value, int from, int to) {
      if (before != null) {
        throw new IllegalStateException(name + " was already set to " + before);
      }
      if (value < from || value > to) {
        throw new IllegalArgumentException(
            name + " is " + value + ", expected " + from + " to " + to);
      }
      return value;
    }
  }
}
