package io.lookalike.index;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.math.UnitVector;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A question to an index: the k products nearest to a vector, among those that match a filter and
 * are not excluded by id. Implementations of an index ask {@link #accepts}.
 *
 * @param vector the direction sought
 * @param k number of neighbors wanted, at least 0
 * @param filter which products may be returned
 * @param excluded ids that must not be returned, such as the consulted product's own
 * @param among the only ids that may be returned, or null for all. It is not copied, and may change
 *     while the search runs, as a live view of what has sold does
 */
public record Query(
    UnitVector vector, int k, Filter filter, Set<String> excluded, @Nullable Set<String> among) {

  /**
   * Checks k and copies the excluded ids.
   *
   * @throws IllegalArgumentException if k is negative
   */
  public Query {
    Objects.requireNonNull(vector, "vector");
    Objects.requireNonNull(filter, "filter");
    if (k < 0) {
      throw new IllegalArgumentException("k is " + k + ", expected 0 or more");
    }
    try {
      excluded = Set.copyOf(Objects.requireNonNull(excluded, "excluded"));
    } catch (NullPointerException e) {
      throw new NullPointerException("an excluded id, or all of them, are null, expected texts");
    }
  }

  /**
   * A question to all products.
   *
   * @param vector the direction sought
   * @param k number of neighbors wanted, at least 0
   * @param filter which products may be returned
   * @param excluded ids that must not be returned
   * @throws IllegalArgumentException if k is negative
   */
  public Query(UnitVector vector, int k, Filter filter, Set<String> excluded) {
    this(vector, k, filter, excluded, null);
  }

  /**
   * Whether a product may be returned.
   *
   * @param id its id
   * @param attributes its attributes
   * @return false if it is excluded, not among those allowed, or does not match the filter
   */
  @SuppressWarnings("ReferenceEquality") // a shortcut: another filter that holds always is asked
  public boolean accepts(String id, Attributes attributes) {
    return (excluded.isEmpty() || !excluded.contains(id))
        && (among == null || among.contains(id))
        && filter.matches(attributes);
  }

  /**
   * The k nearest of all products.
   *
   * @param vector finite numbers, not all zero; copied and normalised
   * @param k number of neighbors, at least 0
   * @return the query
   * @throws IllegalArgumentException if the vector or k is not as described
   */
  public static Query of(float[] vector, int k) {
    return of(UnitVector.of(vector), k);
  }

  /**
   * The k nearest of all products.
   *
   * @param vector the direction sought
   * @param k number of neighbors, at least 0
   * @return the query
   * @throws IllegalArgumentException if k is negative
   */
  public static Query of(UnitVector vector, int k) {
    return new Query(vector, k, Filter.ALL, Set.of());
  }

  /**
   * The same question among the products that match.
   *
   * @param filter replaces this query's filter
   * @return a new query
   */
  public Query where(Filter filter) {
    return new Query(vector, k, filter, excluded, among);
  }

  /**
   * The same question without some products.
   *
   * @param ids replace this query's excluded ids
   * @return a new query
   */
  public Query excluding(Set<String> ids) {
    return new Query(vector, k, filter, ids, among);
  }

  /**
   * The same question among some products alone.
   *
   * @param ids replace this query's ids; see {@link #among}
   * @return a new query
   */
  public Query among(Set<String> ids) {
    return new Query(vector, k, filter, excluded, Objects.requireNonNull(ids, "ids"));
  }
}
