package io.lookalike.testkit;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Ids;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The contract in the fewest lines, for tests: exact, since every search computes the similarity of
 * every product. Thread-safe.
 */
public final class NaiveIndex implements NeighborIndex {

  private final int dimension;
  private final Map<String, IndexItem> items = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * An empty index.
   *
   * @param dimension of its vectors, at least 1
   * @throws IllegalArgumentException if the dimension is less than 1
   */
  public NaiveIndex(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected at least 1");
    }
    this.dimension = dimension;
  }

  /**
   * Makes such indexes.
   *
   * @return makes a new, empty index at every call
   */
  public static IndexFactory factory() {
    return NaiveIndex::new;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public int size() {
    checkOpen();
    return items.size();
  }

  @Override
  public List<Neighbor> search(Query query) {
    checkOpen();
    check("the query", query.vector());
    return items.values().stream()
        .filter(i -> query.accepts(i.id(), i.attributes()))
        .map(i -> new Neighbor(i.id(), i.vector().cosine(query.vector())))
        .sorted(Neighbor.CLOSEST_FIRST)
        .limit(query.k())
        .toList();
  }

  @Override
  public @Nullable IndexItem item(String id) {
    checkOpen();
    return items.get(Ids.given(id, "a product's id"));
  }

  @Override
  public List<String> ids() {
    checkOpen();
    return List.copyOf(items.keySet());
  }

  @Override
  public void upsertAll(List<IndexItem> batch) {
    checkOpen();
    batch.forEach(i -> check(i.id(), i.vector()));
    batch.forEach(i -> items.put(i.id(), i));
  }

  @Override
  public boolean setAttributes(String id, Attributes attributes) {
    checkOpen();
    Ids.given(id, "a product's id");
    return items.computeIfPresent(id, (i, old) -> new IndexItem(id, old.vector(), attributes))
        != null;
  }

  @Override
  public boolean remove(String id) {
    checkOpen();
    return items.remove(Ids.given(id, "a product's id")) != null;
  }

  @Override
  public List<String> unaudited() {
    return List.of(); // it compares all
  }

  @Override
  public void close() {
    closed.set(true);
  }

  private void check(String what, UnitVector vector) {
    if (vector.dimension() != dimension) {
      throw new IllegalArgumentException(
          what + " has " + vector.dimension() + " dimensions, expected " + dimension);
    }
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("this index has been closed");
    }
  }
}
