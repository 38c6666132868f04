package io.lookalike.testkit;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory, simple enough to be believed: what another store does is compared with it, and
 * recommenders are tested on it. It forgets nothing.
 *
 * <p>What is stored outlives {@link #close}: {@link #reopened} is what a process finds that starts
 * again, {@link #beside} what another one finds meanwhile. Safe for use by several threads.
 */
public final class MemoryStore implements CatalogueStore {

  private final Contents contents;
  private final @Nullable Path folder;
  private final boolean shared;
  private volatile @Nullable Runnable changed;
  private volatile boolean closed;

  /** What several instances share. All but the locks is read and changed under its own lock. */
  private static final class Contents {
    final String id = UUID.randomUUID().toString();
    final ReentrantLock writing = new ReentrantLock();
    final List<MemoryStore> open = new CopyOnWriteArrayList<>();

    long last;

    /** Removed ones stay, without attributes. */
    final Map<String, Row> products = new LinkedHashMap<>();

    final List<Numbered> sales = new ArrayList<>();
    final List<Numbered> events = new ArrayList<>();
    final Map<String, String> manifest = new TreeMap<>();
    final Map<Integer, StoredTransform> transforms = new HashMap<>();
  }

  private static final class Row {
    @Nullable Attributes attributes;
    long change;
    final Map<Integer, Seen> looks = new HashMap<>();
  }

  private record Seen(Looks looks, long change) {}

  private record Numbered(long number, StoreChange change) {}

  /** Creates an empty store, without a folder, into which no other process writes. */
  public MemoryStore() {
    this(new Contents(), null, false);
  }

  private MemoryStore(Contents contents, @Nullable Path folder, boolean shared) {
    this.contents = contents;
    this.folder = folder;
    this.shared = shared;
    contents.open.add(this);
  }

  /**
   * Creates an empty store that has a folder.
   *
   * @param folder an existing folder
   * @return the store
   */
  public static MemoryStore in(Path folder) {
    return new MemoryStore(new Contents(), folder, false);
  }

  /**
   * Creates an empty store into which others may write, see {@link #beside}.
   *
   * @return the store
   */
  public static MemoryStore ofSeveral() {
    return new MemoryStore(new Contents(), null, true);
  }

  /**
   * The same store as another process has it. Each tells the others that it has written.
   *
   * @return a store to be closed by itself
   */
  public MemoryStore beside() {
    return new MemoryStore(contents, null, shared);
  }

  /**
   * Closes this store and opens it again, as a process does that starts again.
   *
   * @return the same store, with the same folder
   */
  public MemoryStore reopened() {
    close();
    return new MemoryStore(contents, folder, shared);
  }

  @Override
  public String id() {
    return contents.id;
  }

  @Override
  public long lastChange() throws StoreException {
    checkOpen();
    synchronized (contents) {
      return contents.last;
    }
  }

  @Override
  public long forgottenUpTo() throws StoreException {
    checkOpen();
    return 0;
  }

  @Override
  public long write(Batch batch) throws StoreException {
    checkOpen();
    long number;
    contents.writing.lock();
    try {
      // Read without the other lock, so that readers do not wait for the batch.
      List<StoreChange> changes = List.copyOf(batch.changes(lastChange()));
      synchronized (contents) {
        if (changes.isEmpty()) {
          return contents.last;
        }
        number = ++contents.last;
        changes.forEach(change -> apply(number, change));
      }
    } finally {
      contents.writing.unlock();
    }
    for (MemoryStore other : contents.open) {
      Runnable listener = other.changed;
      if (other != this && listener != null) {
        listener.run();
      }
    }
    return number;
  }

  private void apply(long number, StoreChange change) {
    if (change instanceof StoreChange.Put put) {
      Row row = contents.products.computeIfAbsent(put.id(), id -> new Row());
      row.attributes = put.attributes();
      row.change = number;
      if (put.looks() != null) {
        row.looks.put(put.looks().network(), new Seen(put.looks(), number));
      }
    } else if (change instanceof StoreChange.Embedded embedded) {
      Row row = contents.products.get(embedded.id());
      if (row != null && row.attributes != null) {
        row.looks.put(embedded.looks().network(), new Seen(embedded.looks(), number));
      }
    } else if (change instanceof StoreChange.Remove remove) {
      Row row = contents.products.get(remove.id());
      if (row != null && row.attributes != null) {
        row.attributes = null;
        row.change = number;
        row.looks.clear();
      }
    } else if (change instanceof StoreChange.Sold
        || change instanceof StoreChange.Unsold
        || change instanceof StoreChange.Counted) {
      contents.sales.add(new Numbered(number, change));
    } else if (change instanceof StoreChange.Did did) {
      if (contents.events.stream().noneMatch(old -> isSame(old.change, did))) {
        contents.events.add(new Numbered(number, did));
      }
    } else if (change instanceof StoreChange.Forgotten forgotten) {
      var mark = StoreChange.Erased.of(contents.id, forgotten.tenant(), forgotten.customer());
      // Of marks the last alone counts.
      contents.events.removeIf(old -> isOf(old.change, forgotten) || old.change.equals(mark));
      contents.events.add(new Numbered(number, mark));
    } else if (change instanceof StoreChange.Expired expired) {
      contents.events.removeIf(
          old ->
              old.change instanceof StoreChange.Did did
                  && did.kind().equals("BOUGHT") == expired.bought()
                  && did.time().isBefore(expired.before()));
    } else if (change instanceof StoreChange.Setting setting) {
      if (setting.value() == null) {
        contents.manifest.remove(setting.name());
      } else {
        contents.manifest.put(setting.name(), setting.value());
      }
    } else if (change instanceof StoreChange.Transformed transformed) {
      contents.transforms.put(transformed.transform().network(), transformed.transform());
    } else if (change instanceof StoreChange.NetworkDropped dropped) {
      contents.products.values().forEach(row -> row.looks.remove(dropped.network()));
      contents.transforms.remove(dropped.network());
    }
  }

  private static boolean isSame(StoreChange old, StoreChange.Did did) {
    return did.id() == null
        ? old.equals(did)
        : old instanceof StoreChange.Did that
            && that.tenant().equals(did.tenant())
            && that.customer().equals(did.customer())
            && did.id().equals(that.id());
  }

  private static boolean isOf(StoreChange old, StoreChange.Forgotten forgotten) {
    return old instanceof StoreChange.Did did
        && did.tenant().equals(forgotten.tenant())
        && did.customer().equals(forgotten.customer());
  }

  @Override
  public StoreCursor<StoredProduct> products(int network, long after) throws StoreException {
    return rows(
        out ->
            contents.products.forEach(
                (id, row) -> {
                  if (row.change > after && (after > 0 || row.attributes != null)) {
                    Seen seen = row.looks.get(network);
                    float[] features =
                        seen == null || seen.change <= after ? null : seen.looks.features().clone();
                    out.accept(new StoredProduct(id, row.attributes, features, seen != null));
                  }
                }));
  }

  @Override
  public StoreCursor<StoredProduct> withoutLooks(int network) throws StoreException {
    return rows(
        out ->
            contents.products.forEach(
                (id, row) -> {
                  if (row.attributes != null && !row.looks.containsKey(network)) {
                    out.accept(new StoredProduct(id, row.attributes, null, false));
                  }
                }));
  }

  @Override
  public Map<String, float[]> features(int network, Collection<String> ids) throws StoreException {
    checkOpen();
    var found = new HashMap<String, float[]>();
    synchronized (contents) {
      for (String id : ids) {
        Row row = contents.products.get(id);
        Seen seen = row == null ? null : row.looks.get(network);
        if (seen != null) {
          found.put(id, seen.looks.features().clone());
        }
      }
    }
    return found;
  }

  @Override
  public Map<String, float[]> pictures(int network, Collection<String> pictures)
      throws StoreException {
    checkOpen();
    var found = new HashMap<String, float[]>();
    synchronized (contents) {
      for (Row row : contents.products.values()) {
        Seen seen = row.looks.get(network);
        if (seen != null
            && seen.looks.picture() != null
            && pictures.contains(seen.looks.picture())) {
          found.put(seen.looks.picture(), seen.looks.features().clone());
        }
      }
    }
    return found;
  }

  @Override
  public long count(int network) throws StoreException {
    checkOpen();
    synchronized (contents) {
      return contents.products.values().stream()
          .filter(row -> network == 0 ? row.attributes != null : row.looks.containsKey(network))
          .count();
    }
  }

  @Override
  public StoreCursor<StoreChange> sales(long after) throws StoreException {
    return numbered(contents.sales, after, change -> !(change instanceof StoreChange.Counted));
  }

  @Override
  public StoreCursor<String> purchaseIds() throws StoreException {
    return rows(
        out ->
            contents.sales.forEach(
                row -> {
                  if (row.change instanceof StoreChange.Sold sold && sold.id() != null) {
                    out.accept(sold.id());
                  } else if (row.change instanceof StoreChange.Counted counted) {
                    out.accept(counted.purchaseId());
                  }
                }));
  }

  @Override
  public StoreCursor<StoreChange> events(long after) throws StoreException {
    return numbered(
        contents.events, after, change -> after > 0 || change instanceof StoreChange.Did);
  }

  private StoreCursor<StoreChange> numbered(
      List<Numbered> all, long after, Predicate<StoreChange> wanted) throws StoreException {
    return rows(
        out ->
            all.forEach(
                row -> {
                  if (row.number > after && wanted.test(row.change)) {
                    out.accept(row.change);
                  }
                }));
  }

  /** Copies rows, so that the cursor does not see later changes. */
  private <T> StoreCursor<T> rows(Consumer<Consumer<T>> reader) throws StoreException {
    checkOpen();
    var rows = new ArrayList<T>();
    long change;
    synchronized (contents) {
      reader.accept(rows::add);
      change = contents.last;
    }
    Iterator<T> all = rows.iterator();
    return new StoreCursor<>() {
      @Override
      public long change() {
        return change;
      }

      @Override
      public boolean hasNext() {
        return all.hasNext();
      }

      @Override
      public T next() {
        return all.next();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Map<String, String> manifest() throws StoreException {
    checkOpen();
    synchronized (contents) {
      return Map.copyOf(contents.manifest);
    }
  }

  @Override
  public Optional<StoredTransform> transform(int network) throws StoreException {
    checkOpen();
    synchronized (contents) {
      return Optional.ofNullable(contents.transforms.get(network));
    }
  }

  @Override
  public Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }

  @Override
  public boolean shared() {
    return shared;
  }

  @Override
  public void onChange(Runnable changed) {
    this.changed = changed;
  }

  @Override
  public void close() {
    closed = true;
    contents.open.remove(this);
  }

  private void checkOpen() throws StoreException {
    if (closed) {
      throw new StoreException("this store in memory is closed; use the one that reopened() gives");
    }
  }
}
