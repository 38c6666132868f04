package io.lookalike;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.FeatureSet;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.NeighborIndex;
import io.lookalike.internal.LookAhead;
import io.lookalike.internal.PhotoKey;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The products that can be found: the transform, the index of the vectors that it made, and what
 * belongs to them. The index holds ids, attributes and vectors; nothing of it is held twice. Here
 * are the extractor's features, where a transform can be fitted again, and the products of whose
 * looks nothing is known.
 *
 * <p><b>The protocol.</b> Readers take no lock: they take {@link #serving}, which is replaced as
 * one; a read in an index that is closed meanwhile begins again in its successor ({@link #read}).
 *
 * <p>Every change is made under {@link #writing}, which is held for one change at a time, never for
 * anything that grows with the catalogue but a copy of its ids.
 *
 * <p>Long work (a refit, a first load, saving) takes turns by {@link #maintaining} and never holds
 * {@code writing} while it works. What is written meanwhile is noted: {@link #journal} collects the
 * ids that have changed since a moment, at most one entry a product. Whoever makes a new index goes
 * through the journal again and again, each round shorter, and does the last round under {@code
 * writing}, where the new index takes the old one's place: what was written is in the old index
 * before the swap and in the new one after it.
 */
final class LiveCatalogue implements CatalogueWrites, AutoCloseable {

  /** A journal that is no longer than this is gone through under the lock. */
  private static final int LAST_ROUND = 32;

  /** Rounds in which a journal is gone through before the lock is taken whatever its length. */
  private static final int MOST_ROUNDS = 20;

  /** Number of products that are read or written together. */
  private static final int GROUP = 256;

  /** A transform and the index of the vectors that it made; replaced as one. */
  record Serving(FeatureTransform transform, ProductIndex index) {
    /** What a search is for that looks like one picture. */
    UnitVector vector(float[] features) {
      return UnitVector.of(transform.apply(features));
    }
  }

  /**
   * A product and, if anything is known of its looks, its features.
   *
   * @param features those of its photos, one after the other
   * @param picture the {@linkplain PictureHash#of(List) name} of what they were made of; null if it
   *     is not known
   * @param network the {@linkplain Engine#network number} of the network that made them; {@link
   *     #ANY} if that does not matter any more
   */
  record Arrival(
      Product product, float @Nullable [] features, @Nullable String picture, int network) {
    Arrival(Product product, float @Nullable [] features) {
      this(product, features, null, ANY);
    }
  }

  /** The network of features that were given as such. */
  private static final int ANY = -1;

  /** Told of every change, under the lock. */
  interface ChangeListener {
    void changed(String id, @Nullable Attributes before, @Nullable Attributes now);
  }

  private final IndexFactory indexes;
  private final FeatureTransform.Rule rule;
  private final int dimension;
  private final PhotoPolicy photos;
  private final @Nullable VariantGroups groups;
  private final @Nullable ChangeListener listener;

  /** The extractor's features, where {@link #rule} may be fitted again. */
  private final FeatureShelf features;

  /** Products of whose looks nothing is known. */
  private final Map<String, Product> withoutLooks = new ConcurrentHashMap<>();

  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock maintaining = new ReentrantLock();
  private volatile Serving serving;
  private volatile boolean closed;

  /** Ids that have changed since it was made, or null where nobody wants to know; see above. */
  private @Nullable Set<String> journal;

  /** What an audit wants to know, or null. */
  private @Nullable Written written;

  LiveCatalogue(
      IndexFactory indexes,
      FeatureTransform.Rule rule,
      int dimension,
      PhotoPolicy photos,
      FeatureShelf features,
      @Nullable VariantGroups groups,
      @Nullable ChangeListener categories) {
    this.features = features;
    this.indexes = indexes;
    this.rule = rule;
    this.dimension = dimension;
    this.photos = photos;
    this.groups = groups;
    this.listener =
        groups == null
            ? categories
            : categories == null
                ? groups::changed
                : (id, before, now) -> {
                  groups.changed(id, before, now);
                  categories.changed(id, before, now);
                };
    this.serving =
        new Serving(FeatureTransform.identity(dimension), ProductIndex.create(indexes, dimension));
  }

  // ---- reading

  /** A refit closes the index that it replaces; a read that was in it begins again. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  <T extends @Nullable Object> T read(Function<Serving, T> reading) {
    while (true) {
      checkOpen();
      Serving now = serving;
      try {
        return reading.apply(now);
      } catch (IllegalStateException e) {
        if (now == serving) {
          checkOpen(); // else what was closed with it is told
          throw e;
        }
      }
    }
  }

  Serving serving() {
    checkOpen();
    return serving;
  }

  int dimension() {
    return dimension;
  }

  FeatureTransform.Rule rule() {
    return rule;
  }

  PhotoPolicy photos() {
    return photos;
  }

  @Nullable VariantGroups groups() {
    return groups;
  }

  int size() {
    return read(now -> now.index.size()) + withoutLooks.size();
  }

  @Nullable Product product(String id) {
    Attributes attributes = read(now -> now.index.attributes(id));
    return attributes == null ? withoutLooks.get(id) : new Product(id, attributes);
  }

  /** A product of whose looks nothing is known; null if there is no such product. */
  @Nullable Product withoutLooks(String id) {
    return withoutLooks.get(id);
  }

  /** Products of whose looks nothing is known and that may be shown. */
  List<Hit> withoutLooks(Eligibility eligible) {
    Collection<String> ids = eligible.among() == null ? withoutLooks.keySet() : eligible.among();
    var hits = new ArrayList<Hit>();
    if (withoutLooks.isEmpty()) {
      return hits;
    }
    for (String id : ids) {
      Product product = withoutLooks.get(id);
      if (product != null
          && !eligible.excluded().contains(id)
          && eligible.filter().matches(product.attributes())) {
        hits.add(new Hit(id, 0, product.attributes(), null));
      }
    }
    return hits;
  }

  /** Goes through the products that are there when it begins, but for what is removed meanwhile. */
  Iterable<Product> products() {
    return () -> new ProductIterator(ids().iterator());
  }

  /** The ids of all products, those without looks at the end. */
  List<String> ids() {
    var ids = new ArrayList<>(read(now -> now.index.ids()));
    ids.addAll(withoutLooks.keySet());
    return ids;
  }

  private final class ProductIterator implements Iterator<Product> {
    private final Iterator<String> ids;
    private Iterator<Product> group = List.<Product>of().iterator();

    ProductIterator(Iterator<String> ids) {
      this.ids = ids;
    }

    @Override
    public boolean hasNext() {
      while (!group.hasNext() && ids.hasNext()) {
        var next = new ArrayList<String>(GROUP);
        while (ids.hasNext() && next.size() < GROUP) {
          next.add(ids.next());
        }
        Map<String, IndexItem> items = read(now -> now.index.items(next));
        var products = new ArrayList<Product>(next.size());
        for (String id : next) {
          IndexItem item = items.get(id);
          Product product =
              item == null ? withoutLooks.get(id) : new Product(id, item.attributes());
          if (product != null) {
            products.add(product);
          }
        }
        group = products.iterator();
      }
      return group.hasNext();
    }

    @Override
    public Product next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return group.next();
    }
  }

  // ---- writing

  @Override
  public void put(Collection<Arrival> batch) {
    apply(List.of(), batch);
  }

  /** Takes some products out, then adds or replaces others: all or none of these. */
  void apply(Collection<String> removed, Collection<Arrival> arrivals) {
    var last = new LinkedHashMap<String, Arrival>();
    arrivals.forEach(arrival -> last.put(arrival.product.id(), arrival));
    Serving expected = serving();
    // Before the lock is taken: to transform features takes a while.
    List<IndexItem> items = items(expected, last.values());
    writing.lock();
    try {
      checkOpen();
      removed.forEach(this::remove);
      Serving now = serving;
      if (!now.transform.equals(expected.transform)) {
        items = items(now, last.values());
      }
      put(now, last, items);
    } finally {
      writing.unlock();
    }
  }

  /** Whether a product has changed since the long work that is under way began. */
  boolean changedMeanwhile(String id) {
    writing.lock();
    try {
      return journal != null && journal.contains(id);
    } finally {
      writing.unlock();
    }
  }

  private List<IndexItem> items(Serving serving, Collection<Arrival> arrivals) {
    var items = new ArrayList<IndexItem>(arrivals.size());
    for (Arrival arrival : arrivals) {
      if (arrival.features != null) {
        items.addAll(
            items(
                arrival.product.id(),
                arrival.product.attributes(),
                arrival.features,
                serving.transform));
      }
    }
    return items;
  }

  /**
   * What an index holds of a product: a photo by its key, for each of them, or one for all.
   *
   * @param rows the photos' features, one after the other
   */
  List<IndexItem> items(
      String id, Attributes attributes, float[] rows, FeatureTransform transform) {
    List<UnitVector> vectors = vectors(rows, transform);
    var items = new ArrayList<IndexItem>(vectors.size());
    for (UnitVector vector : vectors) {
      items.add(new IndexItem(PhotoKey.of(id, items.size() + 1), vector, attributes));
    }
    return items;
  }

  /** The vectors of a product's photos, or the one for all; see {@link #items}. */
  List<UnitVector> vectors(float[] rows, FeatureTransform transform) {
    if (rows.length == dimension) {
      return List.of(UnitVector.of(transform.apply(rows)));
    }
    if (rows.length % dimension != 0) {
      throw new IllegalArgumentException(
          rows.length + " features are not those of whole photos, of " + dimension + " each");
    }
    var vectors = new ArrayList<UnitVector>(rows.length / dimension);
    for (int from = 0; from < rows.length; from += dimension) {
      float[] row = Arrays.copyOfRange(rows, from, from + dimension);
      vectors.add(UnitVector.of(transform.apply(row)));
    }
    return photos == PhotoPolicy.MEAN ? List.of(Objective.mean(vectors)) : vectors;
  }

  private void put(Serving now, Map<String, Arrival> arrivals, List<IndexItem> items) {
    Map<String, @Nullable Attributes> before = new HashMap<>();
    for (String id : arrivals.keySet()) {
      note(id);
      if (listener != null) {
        before.put(id, attributes(id));
      }
    }
    now.index.upsertAll(items); // which may fail, and then has changed nothing
    for (Arrival arrival : arrivals.values()) {
      Product product = arrival.product;
      String id = product.id();
      if (arrival.features != null) {
        features.put(id, FeatureRow.of(arrival.features));
        withoutLooks.remove(id);
      } else if (!now.index.setAttributes(id, product.attributes())) {
        withoutLooks.put(id, product);
      }
      changed(id, before.get(id), product.attributes());
    }
  }

  /** A product's attributes; null if it is not there. */
  @Nullable Attributes attributes(String id) {
    Attributes attributes = serving.index.attributes(id);
    Product product = attributes == null ? withoutLooks.get(id) : null;
    return product == null ? attributes : product.attributes();
  }

  @Override
  public boolean update(String id, UnaryOperator<Attributes> change) {
    writing.lock();
    try {
      checkOpen();
      Attributes before = attributes(id);
      if (before == null) {
        return false;
      }
      Attributes after = Objects.requireNonNull(change.apply(before), "the changed attributes");
      set(id, before, after);
      return true;
    } finally {
      writing.unlock();
    }
  }

  @Override
  public boolean update(Product product) {
    writing.lock();
    try {
      checkOpen();
      String id = product.id();
      // Nobody asks what they were: one write instead of a read and a write.
      if (listener == null && serving.index.setAttributes(id, product.attributes())) {
        note(id);
        return true;
      }
      Attributes before = attributes(id);
      if (before == null) {
        return false;
      }
      set(id, before, product.attributes());
      return true;
    } finally {
      writing.unlock();
    }
  }

  private void set(String id, Attributes before, Attributes after) {
    note(id);
    if (!serving.index.setAttributes(id, after)) {
      withoutLooks.put(id, new Product(id, after));
    }
    changed(id, before, after);
  }

  @Override
  public boolean remove(String id) {
    writing.lock();
    try {
      checkOpen();
      Attributes before = attributes(id);
      if (before == null) {
        return false;
      }
      note(id);
      serving.index.remove(id);
      features.remove(id);
      withoutLooks.remove(id);
      changed(id, before, null);
      return true;
    } finally {
      writing.unlock();
    }
  }

  private void changed(String id, @Nullable Attributes before, @Nullable Attributes now) {
    if (listener != null) {
      listener.changed(id, before, now);
    }
  }

  /** Called under the lock for a product that is about to change, or has just changed. */
  private void note(String id) {
    if (journal != null) {
      journal.add(id);
    }
    if (written != null) {
      written.ids.add(id);
    }
  }

  // ---- long work

  @Override
  public int load(Iterator<Arrival> arrivals) {
    beginLongWork();
    try {
      Serving before = serving();
      if (before.index.size() > 0) {
        return -1;
      }
      startJournal();
      noteLoad();
      Map<String, FeatureRow> rows = new HashMap<>();
      Map<String, Product> loaded = new LinkedHashMap<>(); // the last of each id counts
      boolean keepsRows = features instanceof FeatureShelf.OnHeap;
      ProductIndex built =
          ProductIndex.build(
              indexes,
              before.transform.outputDimension(),
              () ->
                  new MappingIterator<>(
                      arrivals,
                      arrival -> {
                        Product product = arrival.product;
                        float[] row = Objects.requireNonNull(arrival.features);
                        if (keepsRows) {
                          rows.put(product.id(), FeatureRow.of(row));
                        }
                        if (listener != null) {
                          loaded.put(product.id(), product);
                        }
                        return new IndexItem(
                            PhotoKey.of(product.id(), 1), before.vector(row), product.attributes());
                      }));
      int added = built.size();
      replace(
          before,
          new Serving(before.transform, built),
          changedMeanwhile -> {
            rows.keySet().removeAll(changedMeanwhile);
            rows.forEach(features::put);
            for (Product product : loaded.values()) {
              if (!changedMeanwhile.contains(product.id())) {
                changed(product.id(), attributes(product.id()), product.attributes());
              }
            }
            withoutLooks.keySet().removeIf(id -> built.attributes(id) != null);
          });
      return added;
    } finally {
      endJournal();
      maintaining.unlock();
    }
  }

  private record MappingIterator<A, B>(Iterator<A> from, Function<A, B> map)
      implements Iterator<B> {
    @Override
    public boolean hasNext() {
      return from.hasNext();
    }

    @Override
    public B next() {
      return map.apply(from.next());
    }
  }

  /** Hears of a transform that is about to serve. */
  interface Refitting {
    /** Nobody notes it. */
    Refitting UNNOTED = transform -> () -> {};

    /**
     * Notes a transform before anything depends on it.
     *
     * @return what is done at the very moment from which on it serves
     * @throws RuntimeException if it cannot be noted: then it never serves
     */
    Runnable note(FeatureTransform transform);
  }

  /**
   * Makes the index anew. If this throws, the transform and the index before serve on.
   *
   * @param given the transform from now on; null to fit it again, if there is a rule
   * @param refitting is told of the transform when its index is made
   */
  FeatureTransform refit(@Nullable FeatureTransform given, Refitting refitting) {
    beginLongWork();
    try {
      Serving before = serving();
      startJournal();
      List<String> ids = before.index.ids().stream().sorted().toList();
      if (ids.isEmpty()) {
        return before.transform;
      }
      // In the order of the ids, so that the same catalogue always gives the same transform.
      FeatureTransform transform = given == null ? before.transform : given;
      try (FeatureShelf.Rows all = features.all()) {
        if (given == null && !rule.equals(FeatureTransform.Rule.NONE)) {
          var rows = new Rows(before.index, dimension, new ArrayList<>());
          ids.forEach(id -> rows.add(id, all.byId().get(id)));
          if (rows.size() == 0) {
            return before.transform;
          }
          transform = rule.fit(rows);
        }
        var after = new Serving(transform, before.index);
        ProductIndex built =
            ProductIndex.build(
                indexes,
                transform.outputDimension(),
                () -> new Refitted(ids.iterator(), after, all.byId()));
        replace(before, new Serving(transform, built), noted(refitting, transform, built));
      }
      return transform;
    } finally {
      endJournal();
      maintaining.unlock();
    }
  }

  private static Replaced noted(
      Refitting refitting, FeatureTransform transform, ProductIndex built) {
    boolean done = false;
    try {
      Runnable serves = refitting.note(transform);
      done = true;
      return changed -> serves.run();
    } finally {
      if (!done) {
        built.close();
      }
    }
  }

  /** Makes the index anew of what the one that serves holds. */
  void reindex(ProgressListener progress) throws IOException {
    reindex(
        transform -> {
          Serving now = serving();
          List<String> ids = now.index.ids();
          var done = new AtomicLong();
          return ProductIndex.build(
              indexes,
              transform.outputDimension(),
              () ->
                  new Refitted(
                      new MappingIterator<>(
                          ids.iterator(),
                          id -> {
                            progress.progress(done.incrementAndGet(), ids.size());
                            return id;
                          }),
                      now,
                      Map.of()));
        });
  }

  /** How another index of the same products is made. */
  interface Building {
    ProductIndex with(FeatureTransform transform) throws IOException;
  }

  /** Has another index of the same products and vectors take the place of the one that serves. */
  void reindex(Building building) throws IOException {
    beginLongWork();
    try {
      Serving before = serving();
      startJournal();
      ProductIndex built = building.with(before.transform);
      replace(before, new Serving(before.transform, built), changed -> {});
    } finally {
      endJournal();
      maintaining.unlock();
    }
  }

  /** What the index holds of some products, with the vectors that another transform makes. */
  private final class Refitted extends LookAhead<IndexItem> {
    private final Iterator<String> ids;
    private final Serving after;
    private final Map<String, FeatureRow> rows;
    private Iterator<IndexItem> photos = List.<IndexItem>of().iterator();

    Refitted(Iterator<String> ids, Serving after, Map<String, FeatureRow> rows) {
      this.ids = ids;
      this.after = after;
      this.rows = rows;
    }

    @Override
    protected @Nullable IndexItem find() {
      while (!photos.hasNext() && ids.hasNext()) {
        String id = ids.next();
        photos = items(id, rows.get(id), after).iterator();
      }
      return photos.hasNext() ? photos.next() : null;
    }
  }

  /**
   * A product's photos as they are in the index, with the vectors that a transform makes; none if
   * it is gone.
   */
  private List<IndexItem> items(String id, @Nullable FeatureRow row, Serving transforming) {
    if (row == null) {
      return serving.index.itemsOf(id);
    }
    Attributes attributes = serving.index.attributes(id);
    return attributes == null
        ? List.of()
        : items(id, attributes, row.toArray(), transforming.transform);
  }

  /** One photo's features. */
  private record PhotoRow(String id, FeatureRow photos, int photo) {}

  /** Each photo is a row of its own. */
  private record Rows(NeighborIndex index, int dimension, List<PhotoRow> rows)
      implements FeatureSet {

    void add(String id, @Nullable FeatureRow row) {
      for (int photo = 0; row != null && photo < row.length() / dimension; photo++) {
        rows.add(new PhotoRow(id, row, photo));
      }
    }

    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public String id(int row) {
      return rows.get(row).id;
    }

    @Override
    public Attributes attributes(int row) {
      // None where it was removed meanwhile.
      return Objects.requireNonNullElse(index.attributes(rows.get(row).id), Attributes.none());
    }

    @Override
    public void copyRow(int row, float[] target, int offset) {
      PhotoRow photo = rows.get(row);
      photo.photos.copyTo(photo.photo * dimension, dimension, target, offset);
    }
  }

  /** Something that is done with the index of the photos while nothing long goes on. */
  interface IndexWork<T> {
    T with(NeighborIndex index) throws IOException;
  }

  void whileNothingLongRuns(Runnable work) {
    beginLongWork();
    try {
      work.run();
    } finally {
      maintaining.unlock();
    }
  }

  <T> T whileNothingLongRuns(IndexWork<T> work) throws IOException {
    beginLongWork();
    try {
      return work.with(serving().index.photos());
    } finally {
      maintaining.unlock();
    }
  }

  /** Has the index do what makes searches better; see {@link NeighborIndex#optimize}. */
  boolean optimize() {
    beginLongWork();
    try {
      return serving().index.optimize();
    } finally {
      maintaining.unlock();
    }
  }

  /** Whoever decides on a change holds the lock for which long work waits at its end. */
  private void beginLongWork() {
    if (writing.isHeldByCurrentThread()) {
      throw new IllegalStateException("what decides on a change may not begin long work");
    }
    maintaining.lock();
  }

  private void startJournal() {
    writing.lock();
    try {
      checkOpen();
      journal = new LinkedHashSet<>();
    } finally {
      writing.unlock();
    }
  }

  private void noteLoad() {
    writing.lock();
    try {
      if (written != null) {
        written.loaded = true;
      }
    } finally {
      writing.unlock();
    }
  }

  private void endJournal() {
    writing.lock();
    try {
      journal = null;
    } finally {
      writing.unlock();
    }
  }

  /** What is done under the lock when one index has taken another's place. */
  private interface Replaced {
    void after(Set<String> changedMeanwhile);
  }

  /**
   * Brings a new index up to date with what was written while it was made, and puts it in the place
   * of the old one. If this throws, the new one is closed and the old one serves on.
   */
  private void replace(Serving before, Serving next, Replaced replaced) {
    boolean done = false;
    try {
      Set<String> changed = new HashSet<>();
      for (int round = 0; round < MOST_ROUNDS; round++) {
        Set<String> some = nextRound(next, changed, replaced, round == MOST_ROUNDS - 1);
        if (some == null) {
          done = true;
          return;
        }
        changed.addAll(some);
        bringUpToDate(next, some);
      }
      throw new AssertionError("the last round ends it");
    } finally {
      (done ? before : next).index.close();
    }
  }

  /** Takes the journal; null if it was short, or the round is the last, and the swap is done. */
  private @Nullable Set<String> nextRound(
      Serving next, Set<String> changed, Replaced replaced, boolean last) {
    writing.lock();
    try {
      checkOpen();
      Set<String> some = Objects.requireNonNull(journal);
      if (some.size() > LAST_ROUND && !last) {
        journal = new LinkedHashSet<>();
        return some;
      }
      bringUpToDate(next, some);
      changed.addAll(some);
      replaced.after(changed);
      serving = next;
      return null;
    } finally {
      writing.unlock();
    }
  }

  private void bringUpToDate(Serving next, Set<String> ids) {
    var items = new ArrayList<IndexItem>(GROUP);
    for (String id : ids) {
      List<IndexItem> found = items(id, features.get(id), next);
      if (found.isEmpty()) {
        next.index.remove(id);
      }
      items.addAll(found);
      if (items.size() >= GROUP) {
        next.index.upsertAll(items);
        items.clear();
      }
    }
    next.index.upsertAll(items);
  }

  // ---- audits

  /** What has been written since a moment. */
  static final class Written {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private volatile boolean loaded;

    /** Whether a product may have been written. */
    boolean contains(String id) {
      return loaded || ids.contains(id);
    }

    /** Whether so much was written at once that it was not noted one by one. */
    boolean isAnything() {
      return loaded;
    }
  }

  /** Notes from now on what is written, for one audit at a time. */
  Written noteWritten() throws InterruptedException {
    return betweenLongWork(
        () -> {
          writing.lock();
          try {
            written = new Written();
            return written;
          } finally {
            writing.unlock();
          }
        });
  }

  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  void noteNoMore(Written noted) {
    writing.lock();
    try {
      written = noted == written ? null : written;
    } finally {
      writing.unlock();
    }
  }

  /** The photos whose pages have not been audited, as the index knows; see there. */
  List<String> unaudited() {
    return read(now -> now.index.photos().unaudited());
  }

  /** The share of photos whose pages are audited. */
  double audited() {
    return read(
        now -> {
          int all = now.index.photos().size();
          // An index elsewhere would have to tell all its ids.
          boolean notes = !(now.index.photos() instanceof LastingIndex);
          int left = all > 0 && notes ? now.index.photos().unaudited().size() : all;
          return all == 0 ? 1 : Math.max(0, all - left) / (double) all;
        });
  }

  /** Whether the index lasts when it is closed. */
  boolean isIndexLasting() {
    return serving.index.photos() instanceof LastingIndex;
  }

  /** Does something that takes a short while when no refit, load or other long work goes on. */
  <T> T betweenLongWork(Supplier<T> work) throws InterruptedException {
    maintaining.lockInterruptibly();
    try {
      checkOpen();
      return work.get();
    } finally {
      maintaining.unlock();
    }
  }

  /** Does something that takes a moment while nothing can be written. */
  <T> T whileNothingIsWritten(Function<Serving, T> work) {
    writing.lock();
    try {
      return work.apply(serving());
    } finally {
      writing.unlock();
    }
  }

  // ---- opening

  /** Fills a catalogue that nobody else has seen yet with what a store tells. */
  void open(Serving opened, List<Product> productsWithoutLooks) {
    Serving empty = serving;
    serving = opened;
    withoutLooks.clear();
    productsWithoutLooks.forEach(p -> withoutLooks.put(p.id(), p));
    empty.index.close();
    if (listener != null) {
      opened.index.forEachAttributes((id, attributes) -> listener.changed(id, null, attributes));
      productsWithoutLooks.forEach(p -> listener.changed(p.id(), null, p.attributes()));
    }
  }

  // ---- checks

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this recommender has been closed");
    }
  }

  void checkFeatures(String whose, float[] row) {
    if (row.length != dimension) {
      throw new IllegalArgumentException(
          whose + " has " + row.length + " features, expected " + dimension);
    }
    try {
      UnitVector.of(row);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the features of " + whose + ": " + e.getMessage(), e);
    }
  }

  /** Checks the features of a product's photos, one after the other. */
  void checkPhotos(String whose, float[] rows) {
    int count = rows.length / dimension;
    if (count <= 1 || rows.length % dimension != 0 || count > ProductImage.MOST_IMAGES) {
      checkFeatures(whose, rows); // which says what was expected
      return;
    }
    for (int photo = 0; photo < count; photo++) {
      checkFeatures(
          whose + ", photo " + (photo + 1),
          Arrays.copyOfRange(rows, photo * dimension, (photo + 1) * dimension));
    }
  }

  /** Closes the index. Long work that is under way ends with an exception. */
  @Override
  public void close() {
    writing.lock();
    try {
      if (!closed) {
        closed = true;
        serving.index.close();
      }
    } finally {
      writing.unlock();
    }
  }
}
