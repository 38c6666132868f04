package io.lookalike;

import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.SavableIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A catalogue whose changes go into a store before they are seen. The store is the truth; what is
 * in memory follows it by the number of its last change.
 *
 * <p><b>The protocol.</b> All changes are made by one thread, that of {@link GroupCommit}: it
 * decides on each, writes them in one transaction, and then brings the {@link LiveCatalogue} up to
 * them, so that store and memory see the same changes in the same order. {@link #applied} is the
 * number of the last change that is in memory. If the index cannot follow (there is no room, say),
 * {@link #productsApplied} stays behind, and the next group first reads what is missing. Where
 * other processes write into the same store, their changes are read in the same way.
 */
final class DurableCatalogue
    implements CatalogueWrites, PurchaseLog.Keeper, GroupCommit.Memory, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DurableCatalogue.class);

  /** Number of products that are brought into memory together. */
  private static final int GROUP = 256;

  /** Number of changes for which the index is not saved again. */
  private static final int MANY = 1_000;

  /** After how many events those are erased from the store that belong to no session any more. */
  private static final int EXPIRED_EVERY = 1_000;

  /** How often a shared store is asked for the changes of others. */
  private static final Duration ASKED_EVERY = Duration.ofMillis(400);

  /** No two indexes have one stamp, whichever machine saves them. */
  private static final SecureRandom STAMPS = new SecureRandom();

  private final CatalogueStore store;

  /** The network that serves, and its catalogue; replaced on the store's thread. */
  private volatile Target target;

  private final @Nullable PurchaseLog purchases;
  private final @Nullable Sessions sessions;
  private final @Nullable CoPurchases coPurchases;

  /** How long the store keeps who bought what; null if it does not. */
  private final @Nullable Duration coPurchasesKept;

  private final Duration purchaseDelay;
  private final GroupCommit commits;
  private final @Nullable Follower follower;

  /** The last change of sales and sessions in memory. Written by the store's thread. */
  private volatile long applied;

  /**
   * The last change of products in memory; less than {@link #applied} if the index was too full.
   */
  private volatile long productsApplied;

  /** Why the index is behind; on the store's thread. */
  private @Nullable Throwable behind;

  /** What serves elsewhere, since another process has changed it; on the store's thread. */
  private @Nullable Manifest elsewhere;

  /** The version of the transform that serves. */
  private volatile int transformVersion;

  /** The version that this process has noted last, which is about to serve if it does not yet. */
  private volatile int notedVersion;

  private volatile boolean indexSaved;

  /** Events that were recorded; on the store's thread. */
  private long events;

  private final AtomicBoolean adopting = new AtomicBoolean();

  /** Held to count a purchase, and to look at those that are not written yet. */
  private final ReentrantLock writing = new ReentrantLock();

  /** What the log counts and no transaction has taken yet, in that order; under that lock. */
  private final ArrayDeque<Unwritten> unwritten = new ArrayDeque<>();

  /** What the transaction has taken that is being written; under that lock. */
  private final ArrayDeque<Unwritten> drafted = new ArrayDeque<>();

  /** Products that have changed since the index was saved. */
  private final LongAdder changedSince = new LongAdder();

  private record Target(Manifest manifest, LiveCatalogue catalogue) {}

  /**
   * Connects a catalogue that holds what the store tells.
   *
   * @param opened as of which change it does
   * @param purchases a log that does so, if the store keeps it
   * @param sessions sessions that do so, if the store keeps them
   * @param coPurchases co-purchases that do so, if the store keeps them
   * @param coPurchasesKept for how long
   * @param purchaseDelay within which purchases are durable; zero if who records waits for it
   */
  DurableCatalogue(
      CatalogueStore store,
      Manifest manifest,
      LiveCatalogue catalogue,
      CatalogueOpener.Opened opened,
      @Nullable PurchaseLog purchases,
      @Nullable Sessions sessions,
      @Nullable CoPurchases coPurchases,
      @Nullable Duration coPurchasesKept,
      Duration purchaseDelay) {
    this.store = store;
    this.target = new Target(manifest, catalogue);
    this.applied = opened.change();
    this.productsApplied = opened.change();
    this.transformVersion = opened.transform();
    this.indexSaved = opened.indexSaved();
    this.purchases = purchases;
    this.sessions = sessions;
    this.coPurchases = coPurchases;
    this.coPurchasesKept = coPurchasesKept;
    this.purchaseDelay = purchaseDelay;
    this.commits = new GroupCommit(store, this);
    if (purchases != null) {
      purchases.keptBy(this);
    }
    if (coPurchases != null) {
      coPurchases.keptBy(bought -> note(bought, null));
    }
    this.follower = store.shared() ? new Follower(store, this::follow, ASKED_EVERY) : null;
  }

  CatalogueStore store() {
    return store;
  }

  /** Throws where the caller keeps the store's thread. */
  void checkCaller() {
    commits.checkCaller();
  }

  /** The number of the network that serves. */
  int network() {
    return target.manifest.network();
  }

  private LiveCatalogue catalogue() {
    return target.catalogue;
  }

  // ---- the index and its transform

  /** Saves the index; returns whether it can be saved at all. */
  boolean saveIndex() throws IOException {
    return catalogue()
        .whileNothingLongRuns(
            index -> {
              long change = productsApplied;
              changedSince.reset();
              boolean saved = save(index, change);
              indexSaved = saved;
              return saved;
            });
  }

  /**
   * Saves the index with a stamp of which the store is told: of a file after all is in it that the
   * store was told before; of an index that lasts before it is marked, as it would be built again
   * if the store did not know its mark.
   */
  private boolean save(NeighborIndex index, long change) throws IOException {
    String stamp = HexFormat.of().toHexDigits(STAMPS.nextLong());
    PhotoPolicy photos = catalogue().photos();
    if (index instanceof LastingIndex lasting) {
      noteSaved(stamp);
      lasting.mark(
          new LastingIndex.Origin(
              store.id(), network(), transformVersion, photos.name(), change, stamp));
      return true;
    }
    Path folder = store.folder().orElse(null);
    if (folder == null || !(index instanceof SavableIndex savable)) {
      return false;
    }
    var files = new IndexFiles(folder, store.id());
    Path file = files.save(savable, network(), transformVersion, photos, change, stamp);
    noteSaved(stamp);
    files.keepOnly(file);
    return true;
  }

  private void noteSaved(String stamp) {
    commits.carryOut(
        draft -> {
          try {
            draft.add(Manifest.indexSaved(store.manifest(), stamp));
          } catch (StoreException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** The index is derived: where it cannot be saved, the next start takes longer. */
  void saveQuietly() {
    try {
      saveIndex();
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("The index could not be saved, so the next start builds it: {}", e.getMessage());
    }
  }

  /** Whether so much has changed that to save the index is worth its while. */
  boolean muchChanged() {
    return !indexSaved || changedSince.sum() > Math.max(MANY, catalogue().size() / 10);
  }

  /** Makes the index anew of what the store holds, and saves it. */
  void reindex(IndexFactory indexes, ProgressListener progress) throws IOException {
    Target now = target;
    now.catalogue.reindex(
        transform ->
            new CatalogueOpener(store, now.manifest, indexes, now.catalogue.rule(), now.catalogue)
                .rebuild(transform, transformVersion, progress));
    saveIndex();
  }

  /**
   * Notes in the store that a transform serves from now on.
   *
   * @return what is done when it does
   */
  Runnable refitted(FeatureTransform transform) {
    int version = storeTransform(network(), transform);
    notedVersion = version;
    return () -> transformVersion = version;
  }

  /** Notes in the store the transform of a network that does not serve yet; returns its version. */
  int storeTransform(int network, FeatureTransform transform) {
    return commits.write(draft -> drafted(network, transform, draft));
  }

  private int drafted(int network, FeatureTransform transform, Draft draft) {
    try {
      int version = 1 + store.transform(network).map(StoredTransform::version).orElse(0);
      draft.add(
          new StoreChange.Transformed(
              StoredTransform.of(network, version, catalogue().rule(), transform)));
      draft.add(Manifest.transform(network, version));
      return version;
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Has another network serve: in one transaction the store says so, and the other catalogue is
   * brought up to the last change.
   *
   * @param next holds what the store tells of the other network as of {@code opened}
   * @param switched called when it is durable, before any other change
   */
  void switchTo(
      Manifest manifest, LiveCatalogue next, CatalogueOpener.Opened opened, Runnable switched) {
    // A load or a refit of the catalogue that serves ends first.
    catalogue()
        .whileNothingLongRuns(
            () ->
                commits.carryOutAlone(
                    draft -> {
                      bringUpToDate(manifest.network(), next, opened.change());
                      draft.add(manifest.serves());
                      draft.then(
                          () -> {
                            target = new Target(manifest, next);
                            elsewhere = null;
                            transformVersion = opened.transform();
                            indexSaved = false;
                            switched.run();
                          });
                    }));
  }

  private void bringUpToDate(int network, LiveCatalogue next, long since) {
    try (StoreCursor<StoredProduct> products = store.products(network, Math.max(1, since))) {
      apply(next, products);
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes over a transform that another process has fitted, beside everything else. */
  private void adoptTransform(Map<String, String> manifest) {
    int version = Manifest.transform(manifest, network());
    if (version == transformVersion
        || version == notedVersion
        || !adopting.compareAndSet(false, true)) {
      return;
    }
    var thread = new Thread(this::adopt, "lookalike-refit");
    thread.setDaemon(true);
    thread.start();
  }

  private void adopt() {
    try {
      StoredTransform stored = store.transform(network()).orElse(null);
      if (stored != null && catalogue().rule().reads(stored.rule())) {
        FeatureTransform transform = CatalogueOpener.read(stored, catalogue().rule());
        int version = stored.version();
        catalogue().refit(transform, given -> () -> transformVersion = version);
        LOG.info("Another process has refitted: {}", transform.description());
        saveQuietly();
      }
    } catch (StoreException | RuntimeException e) {
      LOG.warn("A transform that another process has fitted cannot be taken over yet", e);
    } finally {
      adopting.set(false);
    }
  }

  /** Notes whether another process has had another network take this one's place. */
  private void noticeNetwork(Map<String, String> manifest) throws StoreException {
    Manifest now = Manifest.of(manifest);
    Manifest before = elsewhere;
    if (now == null || now.equals(before)) {
      return;
    }
    if (now.network() != network()) {
      elsewhere = now;
      LOG.warn("Pages go on, but products with features are refused: {}", changedTo(now));
    } else if (before != null) {
      elsewhere = null;
      LOG.info("The store has {} again, which serves here", now);
    }
  }

  private String changedTo(Manifest now) {
    return "another process has changed the network: the store has "
        + now
        + " now, here serve "
        + target.manifest
        + "; start this process with the store's network, or call reembed(...) with it";
  }

  /** Products that others would not find are not acknowledged. */
  private void checkNetwork(Collection<Arrival> arrivals) {
    Manifest now = elsewhere;
    if (now != null && arrivals.stream().anyMatch(arrival -> arrival.features() != null)) {
      throw new IllegalStateException(changedTo(now));
    }
  }

  // ---- changes

  @Override
  public void put(Collection<Arrival> batch) {
    if (!batch.isEmpty()) {
      commits.write(
          draft -> {
            checkNetwork(batch);
            batch.forEach(draft::put);
            return batch.size();
          });
    }
  }

  @Override
  public boolean update(String id, UnaryOperator<Attributes> change) {
    return commits.write(
        draft -> {
          Attributes before = draft.attributes(id);
          if (before == null) {
            return false;
          }
          Attributes after = Objects.requireNonNull(change.apply(before), "the changed attributes");
          draft.put(new Arrival(new Product(id, after), null));
          return true;
        });
  }

  @Override
  public boolean update(Product product) {
    return update(product.id(), before -> product.attributes());
  }

  @Override
  public boolean remove(String id) {
    return commits.write(
        draft -> {
          boolean there = draft.attributes(id) != null;
          if (there) {
            draft.remove(id);
          }
          return there;
        });
  }

  @Override
  public int load(Iterator<Arrival> arrivals) {
    long before = productsApplied;
    boolean done = false;
    try {
      int loaded = catalogue().load(new Storing(arrivals));
      done = true;
      return loaded;
    } finally {
      if (!done) {
        // What is stored already is the catalogue's: memory reads it again.
        productsApplied = Math.min(productsApplied, before);
        catchUpQuietly();
      }
    }
  }

  private void catchUpQuietly() {
    try {
      follow();
    } catch (RuntimeException e) {
      LOG.warn(
          "What was stored of a load that failed is found after the next change: {}",
          e.getMessage());
    }
  }

  /**
   * Writes products into the store before it gives them to the index, but for what others have
   * changed since the load began: theirs is newer.
   */
  private final class Storing implements Iterator<Arrival> {
    private final Iterator<Arrival> arrivals;
    private Iterator<Arrival> stored = List.<Arrival>of().iterator();

    Storing(Iterator<Arrival> arrivals) {
      this.arrivals = arrivals;
    }

    @Override
    public boolean hasNext() {
      if (!stored.hasNext() && arrivals.hasNext()) {
        var group = new ArrayList<Arrival>(GROUP);
        while (group.size() < GROUP && arrivals.hasNext()) {
          group.add(arrivals.next());
        }
        commits.carryOut(
            draft -> {
              checkNetwork(group);
              for (Arrival arrival : group) {
                String id = arrival.product().id();
                if (!draft.touches(id) && !catalogue().changedMeanwhile(id)) {
                  draft.store(arrival);
                }
              }
            });
        stored = group.iterator();
      }
      return stored.hasNext();
    }

    @Override
    public Arrival next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return stored.next();
    }
  }

  @Override
  public EmbeddedPictures.Memory pictures(int network) {
    return names -> store.pictures(network, names);
  }

  // ---- sales and sessions

  @Override
  public List<StoreChange> keep(Supplier<PurchaseLog.Counted> counting) {
    return purchaseDelay.isZero() ? keepNow(counting) : keepLater(counting);
  }

  @Override
  public List<StoreChange> keepNow(Supplier<PurchaseLog.Counted> counting) {
    return commits.write(
        new GroupCommit.Task<List<StoreChange>>() {
          private @Nullable Unwritten mine;

          @Override
          public List<StoreChange> draft(Draft draft) {
            writing.lock();
            try {
              var counted = new Unwritten(counting.get());
              List<StoreChange> changes = counted.counted.changes();
              if (!changes.isEmpty()) {
                mine = counted;
                unwritten.add(counted);
                counted.draft(draft);
              }
              return changes;
            } finally {
              writing.unlock();
            }
          }

          @Override
          public void undo() {
            Unwritten counted = mine;
            if (counted != null) {
              counted.undo();
              withdraw(counted);
              mine = null;
            }
          }
        });
  }

  private List<StoreChange> keepLater(Supplier<PurchaseLog.Counted> counting) {
    Unwritten mine;
    List<StoreChange> changes;
    writing.lock();
    try {
      mine = new Unwritten(counting.get());
      changes = mine.counted.changes();
      if (changes.isEmpty()) {
        return changes;
      }
      unwritten.add(mine);
    } finally {
      writing.unlock();
    }
    boolean accepted = false;
    try {
      commits.writeLater(mine, purchaseDelay);
      accepted = true;
    } finally {
      if (!accepted) {
        withdraw(mine);
      }
    }
    return changes;
  }

  private void withdraw(Unwritten mine) {
    writing.lock();
    try {
      if (mine.waits) {
        Objects.requireNonNull(purchases).withdraw(mine.counted, counted(unwritten));
        unwritten.remove(mine);
      }
    } finally {
      writing.unlock();
    }
  }

  private static List<PurchaseLog.Counted> counted(Collection<Unwritten> all) {
    return all.stream().map(each -> each.counted).toList();
  }

  /**
   * What is counted and not written yet. Whatever was counted before it is written before it,
   * though it may have failed in the meantime: a store never hears of a return before its sale.
   */
  private final class Unwritten implements GroupCommit.Task<Boolean> {
    final PurchaseLog.Counted counted;

    /** Whether no transaction has taken it; under the lock. */
    private boolean waits = true;

    /** How many it has put into the transaction, itself and those before it. */
    private int taken;

    Unwritten(PurchaseLog.Counted counted) {
      this.counted = counted;
    }

    @Override
    public Boolean draft(Draft draft) {
      writing.lock();
      try {
        int before = drafted.size();
        while (waits) {
          Unwritten next = unwritten.remove();
          next.counted.changes().forEach(draft::add);
          next.waits = false;
          drafted.add(next);
        }
        taken = drafted.size() - before;
      } finally {
        writing.unlock();
      }
      draft.then(this::written);
      return true;
    }

    private void written() {
      writing.lock();
      try {
        for (; taken > 0; taken--) {
          drafted.remove();
        }
      } finally {
        writing.unlock();
      }
    }

    @Override
    public void undo() {
      writing.lock();
      try {
        for (; taken > 0; taken--) {
          Unwritten last = drafted.removeLast();
          last.waits = true;
          unwritten.addFirst(last);
        }
      } finally {
        writing.unlock();
      }
    }
  }

  /** What changes add to all pieces sold; a product is forgotten when none of its are left. */
  private static long pieces(List<StoreChange> changes) {
    long pieces = 0;
    for (StoreChange change : changes) {
      pieces += change instanceof StoreChange.Sold sold ? sold.pieces() : 0;
    }
    return pieces;
  }

  /** Whether the store keeps who bought what. */
  boolean keepsCoPurchases() {
    return coPurchases != null;
  }

  /** Notes what a customer did in the store and then in their session. */
  void record(Event event) {
    note(List.of(event), sessions);
  }

  /**
   * Notes what customers did in the store, and then where it counts. What is older than what is
   * kept is not written: it would be there until the next time that such is erased.
   */
  private void note(List<Event> done, @Nullable Sessions counting) {
    commits.carryOut(
        draft -> {
          Instant bought = oldestBought(coPurchasesKept);
          Instant seen = sessions == null ? bought : sessions.oldest();
          var kept = new ArrayList<Event>(done.size());
          for (Event event : done) {
            if (!event.time().isBefore(event.kind() == Event.Kind.BOUGHT ? bought : seen)) {
              kept.add(event);
              draft.add(event.change());
            }
          }
          if (events == 0 || events % EXPIRED_EVERY + done.size() >= EXPIRED_EVERY) {
            expire(draft);
          }
          events += done.size();
          draft.then(
              () -> {
                done.forEach(event -> EventReplay.count(event, counting, null));
                kept.forEach(event -> EventReplay.count(event, null, coPurchases));
              });
        });
  }

  /** Erases what is kept no longer: who bought what by the wish of whoever keeps it. */
  private void expire(Draft draft) {
    if (sessions != null) {
      draft.add(new StoreChange.Expired(sessions.oldest(), false));
    }
    Duration kept = coPurchasesKept;
    if (kept != null) {
      draft.add(Manifest.coPurchasesKept(kept));
    } else {
      try {
        kept = Manifest.coPurchasesKept(store.manifest());
      } catch (StoreException e) {
        throw new UncheckedIOException(e);
      }
    }
    draft.add(new StoreChange.Expired(oldestBought(kept), true));
  }

  /** Where nobody keeps who bought what, purchases are kept as what else is of a session. */
  private Instant oldestBought(@Nullable Duration kept) {
    return kept == null ? Objects.requireNonNull(sessions).oldest() : Instant.now().minus(kept);
  }

  /** Erases what a customer did. */
  void forget(Customer customer) {
    write(List.of(new StoreChange.Forgotten(customer.tenant(), customer.id())));
  }

  /** Writes other changes, and returns when they are durable. */
  void write(List<StoreChange> changes) {
    commits.carryOut(
        draft -> {
          changes.forEach(draft::add);
        });
  }

  // ---- audits

  /** Looks at store and memory at one moment. */
  interface Look<T> {
    /**
     * Looks, on the store's thread, when both tell the same changes and nothing is being written.
     *
     * @param sold how many pieces the log counts of those that the store tells; -1 if the store
     *     does not keep the log
     */
    T at(long sold) throws StoreException;
  }

  /** Looks, if a catalogue still serves. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  <T> T atOneMoment(LiveCatalogue serving, Look<T> look) {
    return commits.write(
        draft -> {
          if (catalogue() != serving) {
            throw new IllegalStateException("another network serves by now");
          }
          try {
            return look.at(soldAndWritten());
          } catch (StoreException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private long soldAndWritten() {
    if (purchases == null) {
      return -1;
    }
    writing.lock();
    try {
      long unseen = 0;
      for (Collection<Unwritten> some : List.of(unwritten, drafted)) {
        for (Unwritten each : some) {
          unseen += pieces(each.counted.changes());
        }
      }
      return purchases.total() - unseen;
    } finally {
      writing.unlock();
    }
  }

  // ---- memory

  @Override
  public Draft draft() {
    return new Draft(this::known, network());
  }

  /** What decides on a change must not be told what is no longer so. */
  private @Nullable Attributes known(String id) {
    if (behind != null) {
      throw new IllegalStateException(
          "the index could not take what was stored before, so nothing can be decided by it: "
              + behind,
          behind);
    }
    return catalogue().attributes(id);
  }

  @Override
  public void written(Draft draft, long change) {
    var removed = new ArrayList<String>();
    var arrivals = new ArrayList<Arrival>();
    draft
        .products()
        .forEach(
            (id, fate) -> {
              if (fate.removed()) {
                removed.add(id);
              }
              if (fate.arrival() != null) {
                arrivals.add(fate.arrival());
              }
            });
    changedSince.add(draft.products().size());
    boolean complete = behind == null && productsApplied == applied;
    applied = change;
    draft.effects().forEach(Runnable::run);
    try {
      catalogue().apply(removed, arrivals);
      if (complete) {
        productsApplied = change;
      }
    } catch (RuntimeException | Error e) {
      throw new IllegalStateException(
          "the changes are stored, but the index could not take them yet; it tries again at the"
              + " next change: "
              + e,
          e);
    }
  }

  /** The last change that is wholly in memory: either kind may be behind, if reading it failed. */
  private long inMemory() {
    return Math.min(productsApplied, applied);
  }

  /** Brings memory up to what others have written. */
  void follow() {
    try {
      if (store.lastChange() == inMemory()) {
        return;
      }
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
    commits.carryOut(draft -> {});
  }

  @Override
  public void catchUp(long last) throws StoreException {
    long since = inMemory();
    if (last == since) {
      return;
    }
    if (last < since) {
      throw new StoreException(
          "the store is at change "
              + last
              + ", and this recommender has followed it to "
              + since
              + ": it was put back to an earlier state; close this recommender and open it again");
    }
    if (store.forgottenUpTo() > since) {
      throw new StoreException(
          "the changes from "
              + since
              + " on are no longer told one by one: this recommender has been cut off from its"
              + " store for too long; close it and open it again");
    }
    try (StoreCursor<StoredProduct> products = store.products(network(), productsApplied)) {
      apply(catalogue(), products);
      productsApplied = last;
      behind = null;
    } catch (RuntimeException | Error e) { // sales go on, and so does what does not depend on it
      behind = e;
    }
    if (last == applied) {
      return;
    }
    Map<String, String> manifest = store.shared() ? store.manifest() : Map.of();
    noticeNetwork(manifest);
    // Both are read to their ends first: what was counted before a cut would be counted again.
    var sold = new ArrayList<StoreChange>();
    var did = new ArrayList<StoreChange>();
    try (StoreCursor<StoreChange> sales = store.sales(applied);
        StoreCursor<StoreChange> events = store.events(applied)) {
      sales.forEachRemaining(sold::add);
      events.forEachRemaining(did::add);
    } catch (UncheckedIOException e) {
      throw unwrapped(e);
    }
    checkStill(store, last);
    if (purchases != null && !sold.isEmpty()) {
      writing.lock();
      try {
        purchases.replay(sold, counted(unwritten));
      } finally {
        writing.unlock();
      }
    }
    new EventReplay(store.id(), sessions, coPurchases).run(did.iterator());
    applied = last;
    if (store.shared()) {
      adoptTransform(manifest);
    }
  }

  /**
   * Checks, after reading, that no other process has written since a transaction began: a server
   * ends one of which it has not heard for long, and lets others write. What they wrote would be
   * counted now, and again when it is caught up with.
   *
   * @param last the last change when the transaction began
   */
  static void checkStill(CatalogueStore store, long last) throws StoreException {
    long now = store.lastChange();
    if (now != last) {
      throw new StoreException(
          "another process has changed the store while it was read (change "
              + last
              + " when that began, "
              + now
              + " now), as this one was cut off from it; try again");
    }
  }

  /** Brings a catalogue up to products as a store tells them. */
  static void apply(LiveCatalogue into, StoreCursor<StoredProduct> products) throws StoreException {
    try {
      var removed = new ArrayList<String>();
      var arrivals = new LinkedHashMap<String, Arrival>();
      while (products.hasNext()) {
        StoredProduct product = products.next();
        Attributes attributes = product.attributes();
        if (attributes == null || !product.hasLooks()) {
          removed.add(product.id());
        }
        if (attributes != null) {
          arrivals.put(product.id(), arrival(product, attributes, into));
        }
        if (arrivals.size() == GROUP || removed.size() == GROUP || !products.hasNext()) {
          into.apply(removed, arrivals.values());
          removed.clear();
          arrivals.clear();
        }
      }
    } catch (UncheckedIOException e) {
      throw unwrapped(e);
    }
  }

  private static Arrival arrival(StoredProduct stored, Attributes attributes, LiveCatalogue into) {
    try {
      var product = new Product(stored.id(), attributes);
      if (stored.features() != null) {
        into.checkPhotos("the product " + stored.id(), stored.features());
      }
      return new Arrival(product, stored.features());
    } catch (IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  /** What a store tells that cannot be. */
  static UncheckedIOException damaged(RuntimeException cause) {
    return new UncheckedIOException(
        new StoreException(
            "the store is damaged: " + cause.getMessage() + "; restore it from a copy", cause));
  }

  static StoreException unwrapped(UncheckedIOException e) {
    return e.getCause() instanceof StoreException cause
        ? cause
        : new StoreException(String.valueOf(e.getMessage()), e);
  }

  /**
   * Writes what waits, then lets the store go. An index that lasts is marked, which takes a moment:
   * what was written to it since would else be taken for what the store holds after a restore.
   */
  @Override
  public void close() {
    if (changedSince.sum() > 0 && catalogue().isIndexLasting()) {
      saveQuietly();
    }
    if (follower != null) {
      follower.close();
    }
    commits.close();
    store.close();
  }
}
