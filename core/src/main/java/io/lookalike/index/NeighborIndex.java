package io.lookalike.index;

import io.lookalike.catalog.Attributes;
import io.lookalike.math.UnitVector;
import java.util.Collection;
import java.util.List;

/**
 * An index: the {@linkplain NeighborSearcher read side} and the means to change it.
 *
 * <p>Writers may be called from several threads; they take turns. A write that throws has changed
 * nothing. Every implementation passes {@code NeighborIndexConformance} in {@code
 * lookalike-testkit}.
 */
public interface NeighborIndex extends NeighborSearcher, AutoCloseable {

  /**
   * Adds products, replacing those whose id is already there. When the call returns, searches that
   * begin afterwards see all of them.
   *
   * @param items the products; if an id occurs twice, the last one counts
   * @throws IllegalArgumentException if a vector's dimension differs from {@link #dimension()};
   *     nothing has been changed
   * @throws IllegalStateException if the index has been closed
   */
  void upsertAll(List<IndexItem> items);

  /**
   * Adds a product, replacing the one with the same id.
   *
   * @param item the product
   * @throws IllegalArgumentException if its vector's dimension differs from {@link #dimension()}
   * @throws IllegalStateException if the index has been closed
   */
  default void upsert(IndexItem item) {
    upsertAll(List.of(item));
  }

  /**
   * Changes a product's attributes and leaves its vector alone; much cheaper than an upsert.
   *
   * @param id the product's id
   * @param attributes replace the old ones
   * @return false if the id is not in the index
   * @throws NullPointerException if the id or what there is to set is null; the message says so
   * @throws IllegalStateException if the index has been closed
   */
  boolean setAttributes(String id, Attributes attributes);

  /**
   * Removes a product. Searches that begin after this call never return it.
   *
   * @param id the product's id
   * @return false if the id was not in the index
   * @throws NullPointerException if the id is null; the message says so
   * @throws IllegalStateException if the index has been closed
   */
  boolean remove(String id);

  /**
   * Does now, beside searches, what makes later searches quicker or better and would otherwise be
   * done little by little or not at all: what was learnt from a part of the products is learnt from
   * all of them. Writers may wait. An index that has nothing to learn does nothing.
   *
   * @return whether searches now use what was learnt from all products
   * @throws IllegalStateException if the index has been closed
   */
  default boolean optimize() {
    return false;
  }

  /**
   * Makes products findable again that are in the index but that searches do not come upon, as an
   * audit has told. What the index holds of them stays the same. By default they are upserted as
   * they are; an index that leaves a vector where it is when it is put in again does better.
   *
   * @param ids the products' ids; those that are not in the index are passed over
   * @throws IllegalStateException if the index has been closed
   */
  default void relink(Collection<String> ids) {
    upsertAll(List.copyOf(items(ids).values()));
  }

  /**
   * Has a search by a product's own vector come upon products that it misses, as an audit has told.
   * What the index holds of them stays the same, and an exact index has nothing to do, as by
   * default. An approximate one does what it can: an audit searches again, and tells what is left.
   *
   * @param id a product's id
   * @param missed ids of products that are among the nearest to it; those that are not in the index
   *     are passed over
   * @throws IllegalStateException if the index has been closed
   */
  default void connect(String id, Collection<String> missed) {}

  /**
   * Notes that the ten nearest of a product have been compared with those of exact search, and were
   * right or are by now. By default nothing is noted.
   *
   * @param id a product's id; passed over if it is not in the index
   * @param vector its vector then; passed over if it has another by now
   * @throws IllegalStateException if the index has been closed
   */
  default void noteAudited(String id, UnitVector vector) {}

  /**
   * The products of which that has not been noted since their vectors were put in, or since all was
   * made anew. An exact index has none.
   *
   * @return ids in any order; by default all
   * @throws IllegalStateException if the index has been closed
   */
  default List<String> unaudited() {
    return ids();
  }

  /** Frees what the index holds. Closing twice has no effect. */
  @Override
  void close();
}
