package io.lookalike.index;

import java.util.Comparator;

/**
 * A product near a query.
 *
 * @param id the product's id
 * @param similarity the cosine similarity to the query, from -1 to 1, higher is closer; rounding
 *     may carry it past either end by a few units in the last place
 */
public record Neighbor(String id, float similarity) {

  /**
   * The order of every search result: highest similarity first, equal similarities by ascending id
   * (UTF-16 order), so that the order is total and repeatable.
   */
  public static final Comparator<Neighbor> CLOSEST_FIRST = Neighbor::compare;

  private static int compare(Neighbor one, Neighbor other) {
    int order = Float.compare(-one.similarity, -other.similarity);
    return order != 0 ? order : one.id.compareTo(other.id);
  }
}
