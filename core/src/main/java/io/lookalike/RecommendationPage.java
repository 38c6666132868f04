package io.lookalike;

import java.util.List;

/**
 * What to show, as {@link Recommender#recommend} answers. Immutable.
 *
 * @param recommendations the products in the order in which to show them, without repetition
 */
public record RecommendationPage(List<Recommendation> recommendations) {

  /** Copies the list. */
  public RecommendationPage {
    recommendations = List.copyOf(recommendations);
  }

  /**
   * The ids of the products to show.
   *
   * @return a new list in the page's order
   */
  public List<String> ids() {
    return recommendations.stream().map(Recommendation::id).toList();
  }
}
