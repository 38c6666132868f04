package io.lookalike.cli;

import io.lookalike.index.Neighbor;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How large a part of a product's neighbours shares its category, on average over the products that
 * have a category and neighbours: precision at k, with the category for relevance.
 */
final class CategoryShare {

  private final Map<String, String> categoryOf;
  private double sum;
  private int queries;

  CategoryShare(Map<String, String> categoryOf) {
    this.categoryOf = categoryOf;
  }

  void add(String id, List<Neighbor> neighbors) {
    String own = categoryOf.get(id);
    if (own == null || neighbors.isEmpty()) {
      return;
    }
    long shared = neighbors.stream().filter(n -> own.equals(categoryOf.get(n.id()))).count();
    sum += (double) shared / neighbors.size();
    queries++;
  }

  /** Returns the mean, from 0 to 1; nothing if no product had a category and neighbours. */
  OptionalDouble mean() {
    return queries == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / queries);
  }
}
