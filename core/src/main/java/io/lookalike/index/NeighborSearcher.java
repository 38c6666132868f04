package io.lookalike.index;

import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The read side of an index. Safe for use by any number of threads, and never made to wait by a
 * writer: a search sees each product either as it was before a concurrent change or as it is after.
 */
public interface NeighborSearcher {

  /**
   * The length of every vector in this index and of every query.
   *
   * @return at least 1
   */
  int dimension();

  /**
   * How many products are in the index.
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
   * A product's vector.
   *
   * @param id the product's id
   * @return its vector as it was put in (normalised), or null if the id is not in the index
   * @throws IllegalStateException if the index has been closed
   */
  @Nullable UnitVector vector(String id);

  /**
   * The ids in the index.
   *
   * @return a snapshot, in no particular order
   * @throws IllegalStateException if the index has been closed
   */
  List<String> ids();
}
