package io.lookalike.index.hnsw;

import static io.lookalike.internal.Once.once;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Ids;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.SavableIndex;
import io.lookalike.internal.AttributeIndex;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Approximate search in a graph of the project's own: looks at a few hundred products instead of
 * all, by short codes, compares the few best of these in full, and finds nearly all of the nearest.
 * For catalogues from some thousands of products on; below 1,000 every search compares all
 * products, and is exact.
 *
 * <p>The graph is that of Malkov and Yashunin (<a
 * href="https://arxiv.org/abs/1603.09320">arXiv:1603.09320</a>). Its codes are learnt from the
 * products, and learnt anew when what was added since is coded worse than what they were learnt
 * from; {@link IndexFactory#build} and {@link #optimize} learn from all. {@code docs/search.md}
 * describes all of it.
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
public final class HnswIndex implements SavableIndex {

  // How readers and writers go together:
  //
  // Writers hold this object's lock. Readers take none; they read the version once and work on what
  // it leads to: products, lists of attributes, graph, arrays.
  //
  // 1. A write prepares everything that can fail (nodes, entries, lists, places in tables, links)
  //    before it publishes anything. Publishing needs no memory.
  // 2. New entries are published before the old ones are retired. So a reader finds each product at
  //    least once, or notices that it has found too few and compares all.
  // 3. Products.moves() is odd while a product can be met twice and changes with each removal or
  //    replacement. A reader that sees it changed looks for ids that it has met twice.
  // 4. What an entry, a node or a code is never changes, but for attributes, which are one
  //    reference. Whatever a slot, a link or a list leads to is asked again whether it is wanted.
  // 5. Slots are used again only after no live node links to them. A reader in between comes upon
  //    another node, which costs it a neighbor at most: what it has compared are the numbers of a
  //    vector, and it returns a node only if it has these. Arrays are never shared by two
  //    numberings.
  // 6. What replaces a graph (codes learnt anew, near nodes put together) is made beside it and
  //    published in one step, the arrays with their entry or the version with its graph.
  // 7. Vectors in files: a row is written again when the garbage collector says that nobody can
  //    reach its node any more.

  private static final int LEAST_NODES = 1000;

  /** Where codes lose so many times as much of what was added as they did of what was there, */
  private static final double DRIFTED = 1.1;

  /** they are learnt anew once so large a share was added. */
  private static final double WORTH_LEARNING = .25;

  private static final double FAR_DRIFTED = 1.5;
  private static final double WORTH_LEARNING_SOON = .1;

  /** At so many times as many products codes from few are learnt anew in any case. */
  private static final int RELEARN_FACTOR = 4;

  private static final int LOADED_TOGETHER = 1024;

  /** Writers wait while so many products' attributes are looked at. */
  private static final int LEARNT_TOGETHER = 1024;

  private final int dimension;
  private final Settings settings;
  private volatile EfSearch efSearch;

  /** Null once closed; changes under this object's lock. */
  private volatile @Nullable Version version;

  /** The node of every vector that a product has; used under this object's lock. */
  private final NodeTable nodes = new NodeTable();

  /** Where vectors are kept; null if on the heap. Used under this object's lock. */
  private @Nullable VectorFiles files;

  /** Whether a thread is finding out about attributes. */
  private final AtomicBoolean learning = new AtomicBoolean();

  /** What is not yet in that table, since nothing has been written since the index was opened. */
  private List<Node> opened = List.of();

  private HnswIndex(int dimension, Settings settings, @Nullable Path folder) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected 1 or more");
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
    var products = new Products();
    this.version = new Version(products, attributeIndex(products, true), null);
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
    return version().products().size();
  }

  /**
   * About how much memory the vectors, the graph and the entries take; the texts of ids and the
   * attributes come on top. Vectors in files do not count.
   *
   * @return bytes
   * @throws IllegalStateException if the index has been closed
   */
  public synchronized long memoryBytes() {
    Version now = version();
    // Objects of a vector: itself, its array's head, node.
    long perNode = 16 + 16 + 48;
    long vectors = 0;
    for (Node node : nodes().all()) {
      vectors += node.isInFile() ? 0 : 4L * dimension;
    }
    long perEntry = 32;
    return vectors
        + nodes.size() * perNode
        + nodes.memoryBytes()
        + now.products().size() * perEntry
        + now.products().memoryBytes()
        + now.attributes().memoryBytes()
        + (now.graph() == null ? 0 : now.graph().memoryBytes());
  }

  /**
   * Changes how thorough searches are from now on, those of other threads included; the graph stays
   * as it is. {@link #save} keeps it.
   *
   * @param efSearch as in {@link Builder#efSearch}
   * @throws IllegalArgumentException if it is outside that range
   */
  public void setEfSearch(int efSearch) {
    this.efSearch = EfSearch.fixed(once("efSearch", null, efSearch, 1, EfSearch.MOST));
  }

  // ---- searches

  @Override
  public List<Neighbor> search(Query query) {
    List<Version.Found> found = find(query);
    var neighbors = new ArrayList<Neighbor>(found.size());
    for (Version.Found each : found) {
      neighbors.add(new Neighbor(each.entry().id(), each.similarity()));
    }
    return neighbors;
  }

  @Override
  public List<Hit> hits(Query query, boolean vectors) {
    var hits = new ArrayList<Hit>();
    for (Version.Found each : find(query)) {
      Entry entry = each.entry();
      Attributes attributes = entry.attributes();
      if (query.accepts(entry.id(), attributes)) { // still
        UnitVector vector = vectors ? entry.vector() : null;
        hits.add(new Hit(entry.id(), each.similarity(), attributes, vector));
      }
    }
    return hits;
  }

  private List<Version.Found> find(Query query) {
    checkDimension("the query", query.vector());
    Version now = version();
    if (!now.attributes().isComplete() && !query.filter().equals(Filter.ALL)) {
      learnAttributes(); // meanwhile products are asked
    }
    return now.search(query, efSearch.of(now.products().size()));
  }

  @Override
  public @Nullable IndexItem item(String id) {
    Entry entry = version().products().get(Ids.given(id, "a product's id"));
    return entry == null ? null : item(entry);
  }

  private static IndexItem item(Entry entry) {
    return new IndexItem(entry.id(), entry.vector(), entry.attributes());
  }

  @Override
  public @Nullable Attributes attributes(String id) {
    Entry entry = version().products().get(Ids.given(id, "a product's id"));
    return entry == null ? null : entry.attributes();
  }

  @Override
  public @Nullable UnitVector vector(String id) {
    Entry entry = version().products().get(Ids.given(id, "a product's id"));
    return entry == null ? null : entry.vector();
  }

  @Override
  public void forEach(Consumer<? super IndexItem> action) {
    Products products = version().products();
    for (int number = 0; number < products.end(); number++) {
      Entry entry = products.get(number);
      if (entry != null && !entry.isRetired()) {
        action.accept(item(entry));
      }
    }
  }

  @Override
  public List<String> ids() {
    Products products = version().products();
    var ids = new ArrayList<String>(products.size());
    int before = products.moves();
    for (int number = 0; number < products.end(); number++) {
      Entry entry = products.get(number);
      if (entry != null && !entry.isRetired()) {
        ids.add(entry.id());
      }
    }
    // A product that was removed and added again has been met twice.
    return before == products.moves() ? ids : new ArrayList<>(new LinkedHashSet<>(ids));
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
      put(List.copyOf(last.values()), true, false);
      maintain();
    }
  }

  /** {@inheritDoc} Their vectors are linked anew, together with all products that share them. */
  @Override
  public synchronized void relink(Collection<String> ids) {
    Products products = version().products();
    var items = new LinkedHashMap<String, IndexItem>();
    for (String id : ids) {
      Entry entry = products.get(Ids.given(id, "a product's id"));
      Entries sharing = entry == null ? null : entry.node().entries();
      for (int i = 0; sharing != null && i < sharing.count(); i++) {
        items.put(sharing.get(i).id(), item(sharing.get(i)));
      }
    }
    put(List.copyOf(items.values()), true, true);
    maintain();
  }

  /**
   * {@inheritDoc} They are noted at the product's vector, up to 64, and every search whose walk
   * ends near it (it is among the three nearest) compares them, too. The graph stays as it is, so
   * that no search finds less than before. {@link #save} keeps them.
   */
  @Override
  public synchronized void connect(String id, Collection<String> missed) {
    Version now = version();
    Entry from = now.products().get(id);
    if (from == null || now.graph() == null) {
      return; // without a graph nothing is missed
    }
    var others = new ArrayList<Node>();
    for (String other : missed) {
      Entry entry = now.products().get(other);
      if (entry != null) {
        others.add(entry.node());
      }
    }
    from.node().note(others);
  }

  /** {@inheritDoc} {@link #save} keeps it. */
  @Override
  public synchronized void noteAudited(String id, UnitVector vector) {
    Entry entry = version().products().get(id);
    if (entry != null && entry.node().vector().equals(vector)) {
      entry.node().setAudited(true);
    }
  }

  /** {@inheritDoc} None as long as there is no graph, and all are compared. */
  @Override
  public List<String> unaudited() {
    Version now = version();
    if (now.graph() == null) {
      return List.of();
    }
    return ids().stream()
        .filter(
            id -> {
              Entry entry = now.products().get(id);
              return entry != null && !entry.node().isAudited();
            })
        .toList();
  }

  /**
   * Puts products in. All that can fail is done before anything is changed that a search or another
   * write could see: the graph may get stepping stones that lead to no product, and filters some
   * candidates too many.
   *
   * @param inGraph whether they are to be put into the graph too
   * @param anew whether vectors that are there already are put in once more, in their place
   */
  private void put(List<IndexItem> items, boolean inGraph, boolean anew) {
    Version now = withAttributes(version());
    Products products = now.products();
    int count = items.size();
    nodes().reserve(count);
    products.reserve(count);
    var fresh = new LinkedHashMap<UnitVector, Node>();
    var entries = new Entry[count];
    var replaced = new @Nullable Entry[count];
    var befores = new @Nullable Attributes[count];
    Change change;
    Version next;
    try {
      for (int i = 0; i < count; i++) {
        IndexItem item = items.get(i);
        long fingerprint = NodeTable.fingerprint(item.vector());
        Node node = anew ? null : nodes.get(fingerprint, item.vector());
        if (node == null) {
          node = fresh.computeIfAbsent(item.vector(), vector -> node(vector, fingerprint));
        }
        Entry old = products.get(item.id());
        int number = old == null ? products.nextNumber() : old.number();
        entries[i] = new Entry(item.id(), node, number, item.attributes());
        replaced[i] = old;
        befores[i] = old == null ? null : old.attributes(); // may have to be read from a file
        now.attributes().prepare(number, item.attributes());
      }
      change = Change.of(entries, replaced);
      next = inGraph ? withNodes(now, List.copyOf(fresh.values())) : now;
    } catch (RuntimeException | Error e) {
      fresh.values().forEach(this::discard);
      throw e;
    }
    for (Node node : change.gaining()) {
      if (node.entries() == null) {
        nodes.add(node);
      }
    }
    version = next;
    // First all new entries, then the old ones: a search finds at least one of each product, and
    // no vector that is still needed is forgotten.
    products.noteMove();
    change.gain();
    for (int i = 0; i < count; i++) {
      Entry old = replaced[i];
      products.put(entries[i], old);
      now.attributes().change(entries[i].number(), befores[i], entries[i].attributes());
      if (old != null) {
        old.retire();
      }
    }
    change.lose();
    products.noteMove();
    for (int i = 0; i < change.losing().length; i++) {
      forgetIfEmpty(change.losing()[i], next.graph());
    }
  }

  /**
   * The version with nodes in its graph: the one there is, or a new one if codes are to be learnt.
   */
  private Version withNodes(Version now, List<Node> fresh) {
    Graph graph = now.graph();
    int count = nodes.size() + fresh.size();
    boolean build =
        graph == null
            ? count >= settings.leastNodes()
            : count >= RELEARN_FACTOR * (long) Math.max(1, nodes.size());
    if (build) {
      var all = new ArrayList<Node>(count);
      all.addAll(nodes.all());
      all.addAll(fresh);
      return new Version(now.products(), now.attributes(), graphOf(all));
    }
    if (graph != null) {
      graph.addAll(fresh);
    }
    return now;
  }

  /** A new graph. */
  private Graph graphOf(List<Node> all) {
    all.forEach(Node::forgetGoneNotes);
    all.forEach(node -> node.setAudited(false));
    List<Node> shuffled = shuffled(all);
    var graph =
        new Graph(Quantizer.learn(shuffled, dimension, settings.threads()), all.size(), settings);
    graph.addAll(shuffled);
    graph.forgetArrivals();
    graph.putNearTogether();
    return graph;
  }

  /** In an order that has nothing to do with how they came, or what they are. */
  private static List<Node> shuffled(List<Node> nodes) {
    return nodes.stream().sorted(Comparator.comparingLong(Node::fingerprint)).toList();
  }

  /** Does what keeps searches good. The write is done by now; what fails is left to the next. */
  private void maintain() {
    Version now = version();
    Graph graph = now.graph();
    if (graph == null) {
      return;
    }
    try {
      graph.repairIfWorthwhile();
      int learntFrom = graph.learntFrom();
      boolean few =
          learntFrom < Quantizer.LEARNT_ENOUGH
              && nodes.size() >= RELEARN_FACTOR * (long) learntFrom;
      double drift = graph.drift();
      double worthwhile = drift > FAR_DRIFTED ? WORTH_LEARNING_SOON : WORTH_LEARNING;
      if (few) {
        version = new Version(now.products(), now.attributes(), graphOf(nodes.all()));
      } else if (drift > DRIFTED && graph.arrived() >= worthwhile * learntFrom) {
        List<Node> all = shuffled(nodes.all());
        all.forEach(node -> node.setAudited(false));
        Quantizer learnt = Quantizer.learn(all, dimension, settings.threads());
        version = new Version(now.products(), now.attributes(), graph.recoded(learnt, all.size()));
      }
    } catch (OutOfMemoryError | UncheckedIOException e) {
      // The next write tries again.
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Codes are learnt from all products and the graph is made anew, which takes as long as adding
   * all of them did. Writers wait, searches do not.
   */
  @Override
  public synchronized boolean optimize() {
    Version now = version();
    if (now.graph() == null) {
      return false;
    }
    version = new Version(now.products(), now.attributes(), graphOf(nodes().all()));
    return true;
  }

  /** Puts all products of an index in that nobody else knows yet, and then makes the graph. */
  private synchronized void load(Iterable<IndexItem> items) {
    var some = new LinkedHashMap<String, IndexItem>();
    for (IndexItem item : items) {
      checkDimension("\"" + item.id() + "\"", item.vector());
      some.put(item.id(), item);
      if (some.size() == LOADED_TOGETHER) {
        put(List.copyOf(some.values()), false, false);
        some.clear();
      }
    }
    put(List.copyOf(some.values()), false, false);
    if (nodes.size() >= settings.leastNodes()) {
      Version now = version();
      version = new Version(now.products(), now.attributes(), graphOf(nodes.all()));
    }
  }

  @Override
  public synchronized boolean setAttributes(String id, Attributes attributes) {
    Version now = withAttributes(version());
    Objects.requireNonNull(attributes, "attributes");
    Entry entry = now.products().get(Ids.given(id, "a product's id"));
    if (entry == null) {
      return false;
    }
    now.attributes().prepare(entry.number(), attributes);
    Attributes before = entry.attributes();
    entry.setAttributes(attributes);
    now.attributes().change(entry.number(), before, attributes);
    return true;
  }

  @Override
  public synchronized boolean remove(String id) {
    Version now = withAttributes(version());
    Products products = now.products();
    Entry entry = products.get(Ids.given(id, "a product's id"));
    if (entry == null) {
      return false;
    }
    nodes();
    Attributes before = entry.attributes(); // may have to be read from a file
    Node node = entry.node();
    Entries left = Objects.requireNonNull(node.entries()).without(entry);
    products.noteMove();
    products.remove(entry);
    entry.retire();
    node.setEntries(left);
    now.attributes().change(entry.number(), before, null);
    products.noteMove();
    forgetIfEmpty(node, now.graph());
    maintain();
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
  @Override
  public synchronized void save(Path file) throws IOException {
    Version now = version();
    Objects.requireNonNull(file, "file");
    var products = new ArrayList<Entry>(now.products().size());
    for (int number = 0; number < now.products().end(); number++) {
      Entry entry = now.products().get(number);
      if (entry != null) {
        products.add(entry);
      }
    }
    products.sort(Comparator.comparing(Entry::id));
    Graph graph = products.isEmpty() ? null : now.graph();
    GraphArrays arrays = graph == null ? null : graph.compact();
    var saved = new ArrayList<Node>(nodes().size());
    var places = new int[graph == null ? 0 : nodes.size()];
    for (int slot = 0; arrays != null && slot < arrays.capacity; slot++) {
      Look look = Objects.requireNonNull(arrays.look(slot));
      for (int i = 0; i < look.count(); i++) {
        places[saved.size()] = slot;
        saved.add(look.get(i));
      }
    }
    if (arrays == null) {
      saved.addAll(products.stream().map(Entry::node).distinct().toList());
    }
    IndexFile.save(
        new IndexFile.Content(
            dimension,
            settings.withEfSearch(efSearch),
            saved,
            places,
            arrays,
            graph == null ? null : graph.quantizer(),
            graph == null ? 0 : graph.learntFrom(),
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
   *     search then throws an {@link java.io.UncheckedIOException} that names its row; so are
   *     attributes that nobody could have saved
   */
  public static HnswIndex open(Path file) throws IOException {
    return new HnswIndex(IndexFile.open(file));
  }

  HnswIndex(IndexFile.Content saved) {
    this(saved.dimension(), saved.settings(), null);
    Products products = version().products();
    products.reserve(saved.products().size());
    saved.products().forEach(entry -> products.put(entry, null));
    GraphArrays arrays = saved.arrays();
    version =
        new Version(
            products,
            attributeIndex(products, false),
            arrays == null
                ? null
                : new Graph(
                    Objects.requireNonNull(saved.quantizer()),
                    saved.learntFrom(),
                    settings,
                    arrays));
    opened = saved.nodes();
  }

  @Override
  public synchronized void close() {
    version = null;
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
      try {
        files.discard(node);
      } catch (OutOfMemoryError e) {
        // Then its place in the file is not used again.
      }
    }
  }

  /** How long the files are in which vectors are kept. */
  synchronized long fileBytes() {
    return files == null ? 0 : files.bytes();
  }

  /** Takes a node without products from the graph. */
  private void forgetIfEmpty(Node node, @Nullable Graph graph) {
    if (node.entries() != null) {
      return;
    }
    nodes.remove(node);
    node.markGone();
    if (graph != null) {
      graph.noteRemoval();
    }
    discard(node);
  }

  /** The table of all nodes, made when it is first needed. */
  private NodeTable nodes() {
    nodes.reserve(opened.size());
    opened.forEach(nodes::add);
    opened = List.of();
    return nodes;
  }

  private static AttributeIndex attributeIndex(Products products, boolean empty) {
    return new AttributeIndex(
        number -> {
          Entry entry = products.get(number);
          return entry == null ? null : entry.attributes();
        },
        empty);
  }

  /** The version with another index of attributes, should that be lost. */
  private Version withAttributes(Version now) {
    if (!now.attributes().isLost()) {
      return now;
    }
    var next = new Version(now.products(), attributeIndex(now.products(), false), now.graph());
    version = next;
    return next;
  }

  /** Has a thread find out about the attributes of products that were opened. */
  private void learnAttributes() {
    if (learning.compareAndSet(false, true)) {
      try {
        var thread = new Thread(this::learnAllAttributes, "lookalike-index-attributes");
        thread.setDaemon(true);
        thread.start();
      } catch (OutOfMemoryError e) {
        learning.set(false); // The next search tries again.
      }
    }
  }

  private void learnAllAttributes() {
    try {
      boolean more = true;
      while (more) {
        more = learnSomeAttributes();
      }
    } catch (OutOfMemoryError | UncheckedIOException e) {
      // A search tries again, and itself comes upon what cannot be read.
    } finally {
      learning.set(false);
    }
  }

  /** Writers take turns with this. Returns whether there is more to learn. */
  private synchronized boolean learnSomeAttributes() {
    if (version == null) {
      return false;
    }
    Version now = withAttributes(version());
    now.attributes().learn(LEARNT_TOGETHER, now.products().end());
    return !now.attributes().isComplete();
  }

  private Version version() {
    Version now = version;
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
      this.preset = once("preset", this.preset, preset);
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
      this.m = once("m", this.m, m, 2, 128);
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
          once("efConstruction", this.efConstruction, efConstruction, 1, EfSearch.MOST);
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
      this.efSearch = once("efSearch", this.efSearch, efSearch, 1, EfSearch.MOST);
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
      this.seed = once("seed", this.seed, seed);
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
      this.threads = once("threads", this.threads, threads, 1, 1024);
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
      once("vectorsIn", this.folder, folder);
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

    /** Whether these may be settings. */
    static boolean areValid(int m, int efConstruction, int efSearch, int leastNodes) {
      return m >= 2
          && m <= 128
          && efConstruction >= 1
          && efConstruction <= EfSearch.MOST
          && efSearch >= 1
          && efSearch <= EfSearch.MOST
          && leastNodes >= 1;
    }

    /** From how many different vectors on there is a graph; for tests of small ones. */
    Builder leastNodes(int leastNodes) {
      this.leastNodes = once("leastNodes", this.leastNodes, leastNodes, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Makes indexes with these settings.
     *
     * @return a factory, which later changes of this builder do not touch
     */
    public IndexFactory factory() {
      Preset chosen = preset == null ? Preset.BALANCED : preset;
      return new Factory(
          new Settings(
              m == null ? chosen.m : m,
              efConstruction == null ? chosen.efConstruction : efConstruction,
              efSearch == null ? EfSearch.growing(chosen.efSearch) : EfSearch.fixed(efSearch),
              seed == null ? 0 : seed,
              threads == null ? Runtime.getRuntime().availableProcessors() : threads,
              leastNodes == null ? LEAST_NODES : leastNodes),
          folder);
    }
  }

  private record Factory(Settings settings, @Nullable Path folder) implements IndexFactory {

    @Override
    public HnswIndex create(int dimension) {
      return new HnswIndex(dimension, settings, folder);
    }

    @Override
    public HnswIndex build(int dimension, Iterable<IndexItem> items) {
      HnswIndex index = create(dimension);
      try {
        index.load(items);
        return index;
      } catch (RuntimeException | Error e) {
        index.close();
        throw e;
      }
    }

    @Override
    public Optional<NeighborIndex> open(Path file, int dimension) throws IOException {
      HnswIndex index = HnswIndex.open(file);
      if (index.dimension != dimension) {
        index.close();
        throw new IOException(
            file
                + " has vectors with "
                + index.dimension
                + " dimensions, expected "
                + dimension
                + "; name another file, or build the index again");
      }
      return Optional.of(index);
    }
  }
}
