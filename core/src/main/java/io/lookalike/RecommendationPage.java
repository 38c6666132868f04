package io.lookalike;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What to show, as {@link Recommender#recommend} answers. Immutable.
 *
 * @param recommendations the products in the order in which to show them, without repetition
 * @param intraListSimilarity the mean cosine similarity of each two of them: the lower, the more
 *     diverse; nothing unless {@link Diversity} was asked for and there are two
 */
public record RecommendationPage(
    List<Recommendation> recommendations, OptionalDouble intraListSimilarity) {

  /** The page that shows nothing. */
  static final RecommendationPage EMPTY = new RecommendationPage(List.of(), OptionalDouble.empty());

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
