package io.lookalike;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was bought together with what a page is about.
 *
 * @param counted whether that was looked at
 * @param byId how often, of each product that was
 */
record BoughtTogether(boolean counted, Map<String, Times> byId) {

  static final BoughtTogether NOT_COUNTED = new BoughtTogether(false, Map.of());

  /** Once may be chance. */
  static final int ENOUGH = 2;

  /** Number of products that are looked at for each example. */
  private static final int DEPTH = 100;

  /**
   * How often a product was bought together with others.
   *
   * @param times how often
   * @param strength the higher, the more they belong together; 0 if it was not often enough
   */
  record Times(int times, double strength) {
    static final Times NEVER = new Times(0, 0);
  }

  /**
   * Counts.
   *
   * @param examples ids of products and their weights, which are above 0
   */
  static BoughtTogether with(
      Map<String, Double> examples, CoPurchases counts, Instant at, PurchaseLog purchases) {
    var times = new HashMap<String, Integer>();
    var strengths = new HashMap<String, Double>();
    examples.forEach(
        (example, weight) -> {
          List<CoPurchases.Pair> pairs = counts.boughtWith(example, at, purchases, DEPTH);
          for (CoPurchases.Pair pair : pairs) {
            times.merge(pair.productId(), pair.times(), Integer::sum);
            // Each example lends its own order: what sold little has small sums.
            double share = pair.score() / pairs.get(0).score();
            strengths.merge(pair.productId(), weight * share, Double::sum);
          }
        });
    var byId = new HashMap<String, Times>();
    times.forEach(
        (id, n) -> byId.put(id, new Times(n, n < ENOUGH ? 0 : strengths.getOrDefault(id, 0.0))));
    return new BoughtTogether(true, byId);
  }

  Times of(String id) {
    return byId.getOrDefault(id, Times.NEVER);
  }

  /** The products that were bought together with it often enough, the strongest first. */
  List<String> strongest(int most) {
    return byId.entrySet().stream()
        .filter(each -> each.getValue().strength > 0)
        .sorted(
            Comparator.comparingDouble((Map.Entry<String, Times> each) -> -each.getValue().strength)
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** What is to be said of a product that is no candidate; empty if nothing. */
  String remark(String id) {
    if (!counted) {
      return "";
    }
    int n = of(id).times;
    return n == 0
        ? "; it was never bought together with what was consulted"
        : "; it was bought together with what was consulted "
            + (n < ENOUGH ? "once, and counts from twice on" : n + " times");
  }
}
