package io.lookalike.examples;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Ids;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An index in few lines: every search looks at every product. It passes the conformance kit, and is
 * a start for an adapter to an engine of your own.
 */
public final class ListIndex implements NeighborIndex {

  private final int dimension;

  /** Never changed, only replaced, so that readers need no lock; null once closed. */
  private volatile @Nullable Map<String, IndexItem> items = Map.of();

  /**
   * Creates an empty index; {@code ListIndex::new} is its factory.
   *
   * @param dimension of the vectors, at least 1
   * @throws IllegalArgumentException if it is less than 1
   */
  public ListIndex(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected 1 or more");
    }
    this.dimension = dimension;
  }

  // snippet: own index
  @Override
  public List<Neighbor> search(Query query) {
    check("the query", query.vector());
    return open().values().stream()
        .filter(item -> query.accepts(item.id(), item.attributes()))
        .map(item -> new Neighbor(item.id(), item.vector().cosine(query.vector())))
        .sorted(Neighbor.CLOSEST_FIRST)
        .limit(query.k())
        .toList();
  }

  @Override
  public void upsertAll(List<IndexItem> batch) {
    batch.forEach(item -> check(item.id(), item.vector())); // before anything changes
    replace(copy -> batch.forEach(item -> copy.put(item.id(), item)));
  }

  // end

  @Override
  public synchronized boolean setAttributes(String id, Attributes attributes) {
    IndexItem old = item(id);
    if (old == null) {
      return false;
    }
    replace(copy -> copy.put(id, new IndexItem(id, old.vector(), attributes)));
    return true;
  }

  @Override
  public synchronized boolean remove(String id) {
    boolean there = item(id) != null;
    replace(copy -> copy.remove(id));
    return there;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public int size() {
    return open().size();
  }

  @Override
  public @Nullable IndexItem item(String id) {
    return open().get(Ids.given(id, "a product's id"));
  }

  @Override
  public List<String> ids() {
    return List.copyOf(open().keySet());
  }

  @Override
  public synchronized void close() {
    items = null;
  }

  private synchronized void replace(Consumer<Map<String, IndexItem>> change) {
    var copy = new HashMap<>(open());
    change.accept(copy);
    items = copy;
  }

  private Map<String, IndexItem> open() {
    Map<String, IndexItem> now = items;
    if (now == null) {
      throw new IllegalStateException("this index has been closed");
    }
    return now;
  }

  private void check(String whose, UnitVector vector) {
    if (vector.dimension() != dimension) {
      throw new IllegalArgumentException(
          whose + " has " + vector.dimension() + " dimensions, expected " + dimension);
    }
  }
}
