package io.lookalike;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.internal.PhotoKey;
import io.lookalike.math.UnitVector;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An index of products over one of their photos, which knows nothing of products: each photo is an
 * item of its own, by its {@link PhotoKey}, with the product's attributes. A search asks for more
 * photos until these are of k products, so that what the index guarantees for photos holds for
 * products. As long as no product has several photos, all calls are passed on as they are.
 *
 * <p>What is asked of a product ({@link #item}, {@link #vector}, {@link #forEach}) is told of its
 * first photo. Safe for use by several threads that read, and one at a time that writes.
 */
final class ProductIndex implements NeighborIndex {

  private final NeighborIndex photos;

  /** Numbers of photos, of the products that have not exactly one with the product's id as key. */
  private final Map<String, Integer> several = new ConcurrentHashMap<>();

  /** Number of photos that are no product's first. */
  private final AtomicInteger more = new AtomicInteger();

  /** Number of writes: of a photo, of a product's attributes, of a removal. */
  private final AtomicLong written = new AtomicLong();

  private ProductIndex(NeighborIndex photos) {
    this.photos = photos;
  }

  /** An index without products yet. */
  static ProductIndex create(IndexFactory indexes, int dimension) {
    return new ProductIndex(indexes.create(dimension));
  }

  /** The products of an index that was saved. */
  static ProductIndex opened(NeighborIndex photos) {
    var products = new ProductIndex(photos);
    photos.ids().forEach(products::count);
    return products;
  }

  /** How an index of photos is made of items. */
  interface Building {
    NeighborIndex of(Iterable<IndexItem> items);
  }

  /**
   * Builds an index.
   *
   * @param items photos by their keys, all of a product's, in order
   */
  static ProductIndex build(IndexFactory indexes, int dimension, Iterable<IndexItem> items) {
    return build(photos -> indexes.build(dimension, photos), items);
  }

  /**
   * Builds an index.
   *
   * @param items as above
   */
  static ProductIndex build(Building building, Iterable<IndexItem> items) {
    // Counted as they pass by: an index elsewhere is not asked for all its ids.
    Set<String> marked = new HashSet<>();
    NeighborIndex photos =
        building.of(
            () -> {
              Iterator<IndexItem> each = items.iterator();
              return new Iterator<>() {
                @Override
                public boolean hasNext() {
                  return each.hasNext();
                }

                @Override
                public IndexItem next() {
                  IndexItem item = each.next();
                  if (PhotoKey.isMarked(item.id())) {
                    marked.add(item.id());
                  }
                  return item;
                }
              };
            });
    var products = new ProductIndex(photos);
    marked.forEach(products::count);
    return products;
  }

  /** Counts a photo of an index that nobody else has seen yet. */
  private void count(String key) {
    if (PhotoKey.isMarked(key)) {
      String id = PhotoKey.product(key);
      set(id, Math.max(several.getOrDefault(id, 1), PhotoKey.photo(key)));
    }
  }

  /** The index of the photos. */
  NeighborIndex photos() {
    return photos;
  }

  /** How often photos or products have been written since the index was built or opened. */
  long written() {
    return written.get();
  }

  private int photosOf(String id) {
    return several.getOrDefault(id, 1);
  }

  private List<String> keys(String id) {
    return IntStream.rangeClosed(1, photosOf(id)).mapToObj(i -> PhotoKey.of(id, i)).toList();
  }

  private List<String> keys(Collection<String> ids) {
    return ids.stream().flatMap(id -> keys(id).stream()).toList();
  }

  private static IndexItem ofProduct(IndexItem photo) {
    return PhotoKey.isMarked(photo.id())
        ? new IndexItem(PhotoKey.product(photo.id()), photo.vector(), photo.attributes())
        : photo;
  }

  // ---- reading

  @Override
  public int dimension() {
    return photos.dimension();
  }

  @Override
  public int size() {
    return photos.size() - more.get();
  }

  @Override
  public List<String> ids() {
    return photos.ids().stream()
        .filter(key -> PhotoKey.photo(key) == 1)
        .map(PhotoKey::product)
        .toList();
  }

  @Override
  public @Nullable IndexItem item(String id) {
    IndexItem item = photos.item(PhotoKey.of(id, 1));
    return item == null ? null : ofProduct(item);
  }

  @Override
  public Map<String, IndexItem> items(Collection<String> ids) {
    if (several.isEmpty()) {
      return photos.items(ids);
    }
    Map<String, IndexItem> found =
        photos.items(ids.stream().map(id -> PhotoKey.of(id, 1)).toList());
    var items = new LinkedHashMap<String, IndexItem>();
    found.values().forEach(item -> items.put(PhotoKey.product(item.id()), ofProduct(item)));
    return items;
  }

  /** All photos of a product, by their keys, as {@link #upsertAll} takes them. */
  List<IndexItem> itemsOf(String id) {
    return List.copyOf(photos.items(keys(id)).values());
  }

  /**
   * All photos of some products, in one call.
   *
   * @return those that there are, by product; each has the product's id
   */
  Map<String, List<IndexItem>> photosOf(Collection<String> ids) {
    var all = new LinkedHashMap<String, List<IndexItem>>();
    photos
        .items(keys(ids))
        .values()
        .forEach(
            photo ->
                all.computeIfAbsent(PhotoKey.product(photo.id()), id -> new ArrayList<>(1))
                    .add(ofProduct(photo)));
    return all;
  }

  @Override
  public void forEach(Consumer<? super IndexItem> action) {
    photos.forEach(
        photo -> {
          if (PhotoKey.photo(photo.id()) == 1) {
            action.accept(ofProduct(photo));
          }
        });
  }

  @Override
  public void forEachAttributes(BiConsumer<String, Attributes> action) {
    photos.forEachAttributes(
        (key, attributes) -> {
          if (PhotoKey.photo(key) == 1) {
            action.accept(PhotoKey.product(key), attributes);
          }
        });
  }

  @Override
  public @Nullable Attributes attributes(String id) {
    return photos.attributes(PhotoKey.of(id, 1));
  }

  @Override
  public @Nullable UnitVector vector(String id) {
    return photos.vector(PhotoKey.of(id, 1));
  }

  @Override
  public List<Neighbor> search(Query query) {
    if (several.isEmpty()) {
      List<Neighbor> found = photos.search(query);
      if (found.stream().noneMatch(neighbor -> PhotoKey.isMarked(neighbor.id()))) {
        return found;
      } // else a product has just got several
    }
    return hits(query, false).stream()
        .map(hit -> new Neighbor(hit.id(), hit.similarity()))
        .toList();
  }

  @Override
  public List<List<Neighbor>> searchAll(List<Query> queries) {
    if (several.isEmpty()) {
      List<List<Neighbor>> found = photos.searchAll(queries);
      if (found.stream()
          .flatMap(List::stream)
          .noneMatch(neighbor -> PhotoKey.isMarked(neighbor.id()))) {
        return found;
      }
    }
    return queries.stream().map(this::search).toList();
  }

  @Override
  public List<Hit> hits(Query query, boolean vectors) {
    if (several.isEmpty() || query.k() == 0) {
      List<Hit> found = photos.hits(query, vectors);
      if (found.stream().noneMatch(hit -> PhotoKey.isMarked(hit.id()))) {
        return found;
      }
    }
    Set<String> excluded =
        query.excluded().isEmpty() ? Set.of() : new HashSet<>(keys(query.excluded()));
    Set<String> ids = query.among();
    Set<String> among = ids == null ? null : new Keys(ids);
    long photosEach = (long) Math.ceil((double) photos.size() / Math.max(1, size()));
    for (long wanted = photosEach * query.k(); ; wanted *= 2) {
      int most = (int) Math.min(wanted, Integer.MAX_VALUE);
      List<Hit> found =
          photos.hits(new Query(query.vector(), most, query.filter(), excluded, among), vectors);
      List<Hit> products = nearest(found, query);
      if (products.size() == query.k() || found.size() < most) {
        return products;
      }
    }
  }

  /** Each product once, by its nearest photo. */
  private static List<Hit> nearest(List<Hit> found, Query query) {
    var seen = new HashSet<String>();
    var products = new ArrayList<Hit>(Math.min(found.size(), query.k()));
    for (Hit hit : found) {
      String id = PhotoKey.product(hit.id());
      // What has got another photo meanwhile has a key that was not excluded.
      if (products.size() < query.k() && !query.excluded().contains(id) && seen.add(id)) {
        products.add(
            new Hit(
                id, hit.similarity(), hit.attributes(), hit.vector(), PhotoKey.photo(hit.id())));
      }
    }
    return products;
  }

  /** The keys of a live set of products. */
  private final class Keys extends AbstractSet<String> {
    private final Set<String> ids;

    Keys(Set<String> ids) {
      this.ids = ids;
    }

    @Override
    public boolean contains(@Nullable Object key) {
      return key instanceof String text && ids.contains(PhotoKey.product(text));
    }

    @Override
    public Iterator<String> iterator() {
      Stream<String> keys = ids.stream().flatMap(id -> keys(id).stream());
      return keys.iterator();
    }

    /** An estimate where it changes meanwhile, as every size of a live set is. */
    @Override
    public int size() {
      return (int) Math.min(Integer.MAX_VALUE, (long) ids.size() + more.get());
    }
  }

  // ---- writing

  /**
   * Adds or replaces products.
   *
   * @param items photos by their keys, all of a product's, in order
   */
  @Override
  public void upsertAll(List<IndexItem> items) {
    if (several.isEmpty() && items.stream().noneMatch(item -> PhotoKey.isMarked(item.id()))) {
      photos.upsertAll(items);
      written.addAndGet(items.size());
      return;
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (IndexItem item : items) {
      counts.put(PhotoKey.product(item.id()), PhotoKey.photo(item.id()));
    }
    photos.upsertAll(items); // which may fail, and then has changed nothing
    written.addAndGet(items.size());
    counts.forEach(
        (id, count) -> {
          List<String> before = keys(id);
          set(id, count);
          before.subList(Math.min(count, before.size()), before.size()).forEach(photos::remove);
        });
  }

  private void set(String id, int count) {
    Integer before =
        count == 1 && !PhotoKey.isMarked(id) ? several.remove(id) : several.put(id, count);
    more.addAndGet(count - (before == null ? 1 : before));
  }

  @Override
  public boolean setAttributes(String id, Attributes attributes) {
    boolean there = photos.setAttributes(PhotoKey.of(id, 1), attributes);
    for (int photo = 2; there && photo <= photosOf(id); photo++) {
      photos.setAttributes(PhotoKey.of(id, photo), attributes);
    }
    written.incrementAndGet();
    return there;
  }

  @Override
  public boolean remove(String id) {
    List<String> keys = keys(id);
    boolean there = photos.remove(keys.get(0));
    keys.subList(1, keys.size()).forEach(photos::remove);
    written.incrementAndGet();
    if (several.containsKey(id)) {
      set(id, 1);
      several.remove(id);
    }
    return there;
  }

  @Override
  public boolean optimize() {
    return photos.optimize();
  }

  @Override
  public void relink(Collection<String> ids) {
    photos.relink(keys(ids));
  }

  @Override
  public void connect(String id, Collection<String> missed) {
    keys(id).forEach(key -> photos.connect(key, keys(missed)));
  }

  @Override
  public void close() {
    photos.close();
  }
}
