package io.lookalike.index;

import io.lookalike.catalog.Attributes;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The read side of an index. Safe for use by any number of threads. No call waits for a write to
 * end: a search sees each product either as it was before a concurrent change or as it is after. An
 * index that lets a search wait for one step of a write, such as linking one product, says so.
 */
public interface NeighborSearcher {

  /**
   * The length of every vector in this index and of every query.
   *
   * @return at least 1
   */
  int dimension();

  /**
   * Number of products in the index.
   *
   * @return at least 0, removed products not counted
   * @throws IllegalStateException if the index has been closed
   */
  int size();

  /**
   * Finds the nearest products.
   *
   * <p><b>Guaranteed k</b>: the result holds {@code min(query.k(), number of products that match
   * the filter and are not excluded)} neighbours, on every index. An approximate index may miss a
   * nearer product in favour of a farther one; it never returns fewer, and never a product that was
   * removed before the call.
   *
   * @param query what is sought
   * @return a new list in the order of {@link Neighbor#CLOSEST_FIRST}, without repeated ids
   * @throws IllegalArgumentException if the query's dimension differs from {@link #dimension()}
   * @throws IllegalStateException if the index has been closed
   */
  List<Neighbor> search(Query query);

  /**
   * Answers several queries. An index that can answer many faster together than one by one does so.
   *
   * @param queries what is sought
   * @return the answers in the order of the queries, each as {@link #search} gives it
   * @throws IllegalArgumentException if a query's dimension differs from {@link #dimension()}
   * @throws IllegalStateException if the index has been closed
   */
  default List<List<Neighbor>> searchAll(List<Query> queries) {
    var answers = new ArrayList<List<Neighbor>>(queries.size());
    for (Query query : queries) {
      answers.add(search(query));
    }
    return answers;
  }

  /**
   * Searches as {@link #search} does, and brings what a page needs of each product along: one call
   * instead of many, where the index is in another process.
   *
   * @param query what is sought
   * @param vectors whether the products' vectors are wanted, too
   * @return as {@link #search}, but that a product which was removed meanwhile may be left out
   * @throws IllegalArgumentException as {@link #search}
   * @throws IllegalStateException if the index has been closed
   */
  default List<Hit> hits(Query query, boolean vectors) {
    var hits = new ArrayList<Hit>();
    for (Neighbor neighbor : search(query)) {
      IndexItem item = item(neighbor.id());
      if (item != null && query.accepts(item.id(), item.attributes())) {
        hits.add(
            new Hit(
                neighbor.id(),
                neighbor.similarity(),
                item.attributes(),
                vectors ? item.vector() : null));
      }
    }
    return hits;
  }

  /**
   * What the index holds of a product.
   *
   * @param id the product's id
   * @return the product with its vector as it was put in (normalised), or null if the id is not in
   *     the index
   * @throws NullPointerException if the id is null; the message says so
   * @throws IllegalStateException if the index has been closed
   */
  @Nullable IndexItem item(String id);

  /**
   * What the index holds of several products: one call where the index is in another process.
   *
   * @param ids the products' ids
   * @return the products of those ids that are in the index, by id, in the order of {@code ids}
   * @throws NullPointerException if an id is null; the message says so
   * @throws IllegalStateException if the index has been closed
   */
  default Map<String, IndexItem> items(Collection<String> ids) {
    var items = new LinkedHashMap<String, IndexItem>();
    for (String id : ids) {
      IndexItem item = item(id);
      if (item != null) {
        items.put(id, item);
      }
    }
    return items;
  }

  /**
   * Visits the products one by one, in no particular order, without holding all of them at a time.
   * A product that is added, replaced or removed meanwhile is visited as it was, as it is, or not
   * at all; every other product is visited once.
   *
   * @param action called on the calling thread
   * @throws IllegalStateException if the index has been closed
   */
  default void forEach(Consumer<? super IndexItem> action) {
    for (String id : ids()) {
      IndexItem item = item(id);
      if (item != null) {
        action.accept(item);
      }
    }
  }

  /**
   * Visits the products' attributes as {@link #forEach} visits products, without their vectors.
   *
   * @param action given each id and its attributes, on the calling thread
   * @throws IllegalStateException if the index has been closed
   */
  default void forEachAttributes(BiConsumer<String, Attributes> action) {
    for (String id : ids()) {
      Attributes attributes = attributes(id);
      if (attributes != null) {
        action.accept(id, attributes);
      }
    }
  }

  /**
   * A product's attributes.
   *
   * @param id the product's id
   * @return its attributes, or null if the id is not in the index
   * @throws NullPointerException if the id is null; the message says so
   * @throws IllegalStateException if the index has been closed
   */
  default @Nullable Attributes attributes(String id) {
    IndexItem item = item(id);
    return item == null ? null : item.attributes();
  }

  /**
   * A product's vector.
   *
   * @param id the product's id
   * @return its vector as it was put in (normalised), or null if the id is not in the index
   * @throws NullPointerException if the id is null; the message says so
   * @throws IllegalStateException if the index has been closed
   */
  default @Nullable UnitVector vector(String id) {
    IndexItem item = item(id);
    return item == null ? null : item.vector();
  }

  /**
   * The ids in the index.
   *
   * @return a snapshot, in no particular order
   * @throws IllegalStateException if the index has been closed
   */
  List<String> ids();
}
