package io.lookalike;

import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.NeighborIndex;
import io.lookalike.internal.AtomicFile;
import io.lookalike.internal.LookAhead;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a recommender that nobody else has seen yet with what a store tells. The index is opened
 * from its file, if there is one, and brought up to the store by the numbers of changes; otherwise
 * it is built, and the log says why.
 */
final class CatalogueOpener {

  private static final Logger LOG = LoggerFactory.getLogger(CatalogueOpener.class);

  /** How often the building of an index is told of. */
  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);

  /** A network of which no product has features. */
  private static final int NO_NETWORK = -1;

  private final CatalogueStore store;
  private final Manifest manifest;
  private final IndexFactory indexes;
  private final FeatureTransform.Rule rule;
  private final LiveCatalogue catalogue;

  /** Whether the index is one that was saved. */
  private boolean fromFile;

  /** Whether the features of some product cannot be read. */
  private boolean hasDamagedRows;

  /** The store's last change of products that is certainly in memory. */
  private long known;

  /** Whether the index holds what the store does. */
  private boolean complete;

  /**
   * Prepares to open.
   *
   * @param manifest of the store, checked
   */
  CatalogueOpener(
      CatalogueStore store,
      Manifest manifest,
      IndexFactory indexes,
      FeatureTransform.Rule rule,
      LiveCatalogue catalogue) {
    this.store = store;
    this.manifest = manifest;
    this.indexes = indexes;
    this.rule = rule;
    this.catalogue = catalogue;
  }

  /**
   * What is in memory now.
   *
   * @param change the store's change as of which it is
   * @param transform the version of the transform that serves; 0 if it is none of the store's
   * @param indexSaved whether the index is one that was saved
   * @param refit whether the transform is to be fitted again: the store has one of another rule
   */
  record Opened(long change, int transform, boolean indexSaved, boolean refit) {}

  /**
   * Fills the catalogue, and the log, sessions and co-purchases that the store keeps.
   *
   * @throws StoreException if the store cannot be read or is damaged; what has been opened is
   *     closed with the catalogue
   */
  Opened open(
      @Nullable PurchaseLog purchases,
      @Nullable Sessions sessions,
      @Nullable CoPurchases coPurchases)
      throws StoreException {
    try {
      Optional<StoredTransform> stored = store.transform(manifest.network());
      FeatureTransform transform = FeatureTransform.identity(catalogue.dimension());
      int version = 0;
      if (stored.isPresent() && rule.reads(stored.get().rule())) {
        transform = read(stored.get(), rule);
        version = stored.get().version();
      }
      boolean refit =
          stored.isPresent() && version == 0 && !rule.equals(FeatureTransform.Rule.NONE);
      ProductIndex index = openSaved(transform, version);
      fromFile = index != null;
      if (index == null) {
        known = store.lastChange();
        index = build(transform, version, ProgressListener.NONE);
      }
      fill(transform, index);
      // Nearly all is read while others write; they wait only for what is left then.
      var past = new Past(purchases, sessions, coPurchases);
      catchUp(past);
      past.rememberIds();
      while (!catchUpAlone(past)) {
        LOG.warn(
            "The saved index cannot be used: it holds {} products, the store {}",
            catalogue.serving().index().size(),
            store.count(network()));
        known = store.lastChange();
        fill(transform, build(transform, version, ProgressListener.NONE));
        fromFile = false;
      }
      if (sessions != null) {
        sessions.dropStale();
      }
      return new Opened(known, version, fromFile, refit);
    } catch (UncheckedIOException e) {
      throw DurableCatalogue.unwrapped(e);
    }
  }

  private int network() {
    return manifest.network();
  }

  static FeatureTransform read(StoredTransform stored, FeatureTransform.Rule rule)
      throws StoreException {
    try {
      return rule.read(new DataInputStream(new ByteArrayInputStream(stored.body())));
    } catch (IOException | IllegalArgumentException e) {
      throw new StoreException(
          "the store's transform ("
              + stored.description()
              + ") is damaged: "
              + (e instanceof IOException io ? AtomicFile.reason(io) : e.getMessage())
              + "; restore the store from a copy",
          e);
    }
  }

  /**
   * Brings all up to the store's last change, while nobody else writes.
   *
   * @return whether the index holds as many products as the store then; one that was built does
   */
  private boolean catchUpAlone(Past past) throws StoreException {
    store.write(
        last -> {
          catchUp(past);
          complete = !fromFile || catalogue.serving().index().size() == store.count(network());
          DurableCatalogue.checkStill(store, last);
          return List.of();
        });
    return complete;
  }

  /** Reads what has changed since the last time, of what is past all at the first time. */
  private void catchUp(Past past) throws StoreException {
    long since = known;
    if (known < store.lastChange()) {
      try (StoreCursor<StoredProduct> products = store.products(network(), known)) {
        DurableCatalogue.apply(catalogue, products);
        known = products.change();
      }
    }
    since = Math.min(since, past.catchUp());
    if (since > 0 && since < store.lastChange() && since < store.forgottenUpTo()) {
      throw new StoreException(
          "others have written so much while the store was read that the changes from "
              + since
              + " on are no longer told one by one; open it again when less is written");
    }
  }

  /** What was sold and done, as far as it is to be kept in memory. */
  private final class Past {
    private final @Nullable PurchaseLog purchases;
    private final @Nullable Sessions sessions;
    private final @Nullable CoPurchases coPurchases;

    /** The change as of which the log is in memory; 0 before anything is. */
    private long sold;

    /** The change as of which sessions and co-purchases are. */
    private long done;

    Past(
        @Nullable PurchaseLog purchases,
        @Nullable Sessions sessions,
        @Nullable CoPurchases coPurchases) {
      this.purchases = purchases;
      this.sessions = sessions;
      this.coPurchases = coPurchases;
    }

    /** Returns the earliest change since which anything was read, if not all of it was. */
    long catchUp() throws StoreException {
      long since = Long.MAX_VALUE;
      if (purchases != null) {
        since = sold == 0 ? since : sold;
        try (StoreCursor<StoreChange> sales = store.sales(sold)) {
          purchases.replay(sales);
          sold = sales.change();
        }
      }
      if (sessions != null || coPurchases != null) {
        since = done == 0 ? since : Math.min(since, done);
        try (StoreCursor<StoreChange> events = store.events(done)) {
          new EventReplay(store.id(), sessions, coPurchases).run(events);
          done = events.change();
        }
      }
      return since;
    }

    /** After the first time: what is sold later has its id with it. */
    void rememberIds() throws StoreException {
      if (purchases != null) {
        try (StoreCursor<String> ids = store.purchaseIds()) {
          purchases.remember(ids);
        }
      }
    }
  }

  private void fill(FeatureTransform transform, ProductIndex index) throws StoreException {
    var withoutLooks = new ArrayList<Product>();
    // Where rows of features are damaged, their products are told by asking for none.
    try (StoreCursor<StoredProduct> products =
        hasDamagedRows ? store.products(NO_NETWORK, 0) : store.withoutLooks(network())) {
      while (products.hasNext()) {
        StoredProduct product = products.next();
        if (!hasDamagedRows || index.attributes(product.id()) == null) {
          withoutLooks.add(
              new Product(
                  product.id(), Objects.requireNonNull(product.attributes(), "attributes")));
        }
      }
    } catch (IllegalArgumentException e) {
      throw DurableCatalogue.damaged(e);
    }
    catalogue.open(new Serving(transform, index), withoutLooks);
  }

  /** The saved index; null, and logged, if there is none that can be used. */
  private @Nullable ProductIndex openSaved(FeatureTransform transform, int version)
      throws StoreException {
    NeighborIndex lasting = reopen(transform, version);
    if (lasting != null) {
      return ProductIndex.opened(lasting);
    }
    if (store.folder().isEmpty()) {
      return null;
    }
    String why;
    try {
      var files = new IndexFiles(store.folder().get(), store.id());
      Set<String> stamps = Manifest.savedIndexes(store.manifest());
      IndexFiles.Saved saved =
          files.newest(network(), version, catalogue.photos(), stamps).orElse(null);
      if (saved == null) {
        why =
            files.isAnyUnknown(stamps)
                ? "what is saved is not of what the store holds, which has been restored, it seems"
                : "none is saved";
      } else if (saved.change() < store.forgottenUpTo()) {
        why = saved.file() + " is older than the changes that the store still tells one by one";
      } else {
        Optional<NeighborIndex> opened = indexes.open(saved.file(), transform.outputDimension());
        if (opened.isPresent()) {
          known = saved.change();
          return ProductIndex.opened(opened.get());
        }
        why = saved.file() + " was saved by another kind of index";
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      why = AtomicFile.reason(e);
    }
    if (store.count(network()) > 0) {
      LOG.info("The index is built anew: {}", why);
    }
    return null;
  }

  /** An index that has lasted elsewhere; null, and logged, if there is none that can be used. */
  private @Nullable NeighborIndex reopen(FeatureTransform transform, int version)
      throws StoreException {
    long last = store.lastChange();
    LastingIndex found =
        indexes.reopen(origin(version, last), transform.outputDimension()).orElse(null);
    if (found == null) {
      return null;
    }
    long change = found.origin().change();
    boolean isOfStore = Manifest.savedIndexes(store.manifest()).contains(found.origin().stamp());
    if (isOfStore && change >= store.forgottenUpTo()) {
      known = change;
      return found;
    }
    LOG.info(
        "The index is built anew: {} {}",
        found,
        isOfStore
            ? "is older than the changes that the store still tells one by one"
            : "was saved when the store was another: it has been restored since");
    found.close();
    return null;
  }

  private LastingIndex.Origin origin(int version, long change) {
    return new LastingIndex.Origin(
        store.id(), network(), version, catalogue.photos().name(), change, "");
  }

  /**
   * Builds the index of the store's products for a catalogue that serves.
   *
   * @param progress told how many have been read
   * @throws StoreException if the store cannot be read, or the features of some product cannot
   */
  ProductIndex rebuild(FeatureTransform transform, int version, ProgressListener progress)
      throws StoreException {
    ProductIndex built = build(transform, version, progress);
    if (hasDamagedRows) {
      built.close();
      throw new StoreException(
          "the features of some products cannot be read, as the log tells; restore the store from a"
              + " copy, or open it again, which builds the index of the others");
    }
    return built;
  }

  /** Builds the index of all products whose features can be read. */
  private ProductIndex build(FeatureTransform transform, int version, ProgressListener progress)
      throws StoreException {
    LastingIndex.Origin origin = origin(version, store.lastChange());
    long total = store.count(network());
    if (total == 0) {
      return ProductIndex.create(indexes, transform.outputDimension());
    }
    long start = System.nanoTime();
    var rows = new ArrayList<Rows>();
    try {
      ProductIndex built =
          ProductIndex.build(
              items -> indexes.build(origin, transform.outputDimension(), items),
              () -> {
                var next = new Rows(transform, total, progress);
                rows.add(next);
                return next;
              });
      List<StoreException> damaged = rows.get(rows.size() - 1).damaged;
      if (!damaged.isEmpty() && built.size() + damaged.size() < total) {
        built.close();
        throw damaged.get(0); // not a row, but the store cannot be read
      }
      hasDamagedRows = !damaged.isEmpty();
      LOG.info(
          "Built an index of {} products in {} ms",
          built.size(),
          (System.nanoTime() - start) / 1_000_000);
      return built;
    } finally {
      rows.forEach(Rows::close);
    }
  }

  /** The products that have features, as an index takes them. */
  private final class Rows extends LookAhead<IndexItem> implements AutoCloseable {
    private final FeatureTransform transform;
    private final long total;
    private final ProgressListener progress;
    private final StoreCursor<StoredProduct> products;
    private final List<StoreException> damaged = new ArrayList<>();
    private long read;
    private long told = System.nanoTime();
    private Iterator<IndexItem> photos = List.<IndexItem>of().iterator();

    Rows(FeatureTransform transform, long total, ProgressListener progress) {
      this.transform = transform;
      this.total = total;
      this.progress = progress;
      try {
        this.products = store.products(network(), 0);
      } catch (StoreException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    protected @Nullable IndexItem find() {
      while (!photos.hasNext() && products.hasNext()) {
        photos = read().iterator();
        if (photos.hasNext()) {
          tell();
        }
      }
      return photos.hasNext() ? photos.next() : null;
    }

    /**
     * The photos of the next row; none if it has no features, or damaged ones, which must not keep
     * the others from being found.
     */
    private List<IndexItem> read() {
      try {
        StoredProduct product = products.next();
        Attributes attributes = product.attributes();
        float[] features = product.features();
        return attributes == null || features == null
            ? List.of()
            : catalogue.items(product.id(), attributes, features, transform);
      } catch (UncheckedIOException e) {
        damaged(DurableCatalogue.unwrapped(e));
      } catch (IllegalArgumentException e) {
        damaged(DurableCatalogue.unwrapped(DurableCatalogue.damaged(e)));
      }
      return List.of();
    }

    private void damaged(StoreException row) {
      damaged.add(row);
      LOG.error("A product cannot be found by its looks: {}", row.getMessage());
    }

    private void tell() {
      read++;
      progress.progress(read, total);
      if ((read & 0xff) == 0 && System.nanoTime() - told > TOLD_EVERY.toNanos()) {
        told = System.nanoTime();
        LOG.info("Reading the store for the index: {} of {} products", read, total);
      }
    }

    @Override
    public void close() {
      products.close();
    }
  }
}
