package io.lookalike;

import io.lookalike.catalog.Filter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;

/**
 * What the shop's people want on a page whatever its ranking says. Immutable; each setter returns a
 * changed copy. None of it shows a product that the request filters out or excludes.
 *
 * <pre>{@code
 * Merchandising.none()
 *     .pin("0376172001")
 *     .boost(Filter.equal("season", "autumn"), 1.5)
 *     .bury(Filter.lessThan("stock", 5))
 * }</pre>
 */
public final class Merchandising {

  private static final Merchandising NONE = new Merchandising(List.of(), List.of());

  /** Multiplies the worth of the places of the products that match. */
  record Weight(Filter filter, double factor) {}

  private final List<String> pins;
  private final List<Weight> weights;

  private Merchandising(List<String> pins, List<Weight> weights) {
    this.pins = pins;
    this.weights = weights;
  }

  /**
   * Nothing but the ranking.
   *
   * @return the empty instance
   */
  public static Merchandising none() {
    return NONE;
  }

  /**
   * Shows products first, whether or not they look alike, and before whatever was pinned later.
   * Those that are not in the catalogue, or are what was consulted, are left out. Of several
   * variants of a design, where these collapse, the first stays; limits of {@link Diversity} count
   * pinned products and do not stop them.
   *
   * @param productIds in the order in which to show them; score 0 where the reranker drops them
   * @return the changed merchandising
   */
  public Merchandising pin(String... productIds) {
    var more = new LinkedHashSet<String>(pins);
    Objects.requireNonNull(productIds, "the pinned products' ids are null, expected texts");
    for (String id : productIds) {
      more.add(Objects.requireNonNull(id, "a pinned product's id is null, expected a text"));
    }
    return new Merchandising(List.copyOf(more), weights);
  }

  /**
   * Moves products that match up in the ranking: the worth of a candidate's place, 1 for the first
   * to 0 beyond the last, is multiplied, and the candidates are ordered by it. Several boosts
   * multiply.
   *
   * @param filter which products
   * @param factor more than 1: with 2, the candidate in the middle comes level with the first
   * @return the changed merchandising
   * @throws IllegalArgumentException if the factor is not finite or not greater than 1
   */
  public Merchandising boost(Filter filter, double factor) {
    if (!(factor > 1) || !Double.isFinite(factor)) {
      throw new IllegalArgumentException("factor is " + factor + ", expected more than 1");
    }
    return weigh(new Weight(filter, factor));
  }

  /**
   * Moves products that match behind all other candidates, where they keep their order.
   *
   * @param filter which products
   * @return the changed merchandising
   */
  public Merchandising bury(Filter filter) {
    return weigh(new Weight(filter, 0));
  }

  private Merchandising weigh(Weight weight) {
    var more = new ArrayList<Weight>(weights);
    more.add(weight);
    return new Merchandising(pins, List.copyOf(more));
  }

  List<String> pins() {
    return pins;
  }

  List<Weight> weights() {
    return weights;
  }

  /** Returns what is pinned, and what is boosted or buried, by which factor. */
  @Override
  public String toString() {
    var text = new StringBuilder("Merchandising[pins=").append(pins);
    weights.forEach(
        each -> text.append(", ").append(each.filter).append(" x ").append(each.factor));
    return text.append(']').toString();
  }
}
