package io.lookalike;

import java.util.List;

/**
 * Ranks look-alikes by how well they sell. Immutable.
 *
 * <p>Source: Boukrouh, Tayalati and Azmani, <i>Personalized Fashion Product Recommendations using
 * Transfer Learning and Nearest Neighbors Models</i>: the nearest products are ordered by purchase
 * frequency, and a product that was never bought is not recommended.
 */
public final class PopularityReranker implements Reranker {

  private static final PopularityReranker BY_PURCHASES = new PopularityReranker();

  private PopularityReranker() {}

  /**
   * The paper's rule: most purchased first, never-sold products dropped, ties by similarity, then
   * by id. The score is the number of pieces sold.
   *
   * @return the reranker
   */
  public static PopularityReranker byPurchases() {
    return BY_PURCHASES;
  }

  @Override
  public List<Recommendation> rerank(List<Candidate> candidates, PurchaseLog purchases) {
    return candidates.stream()
        .filter(c -> c.sales() > 0)
        .map(c -> c.scored((double) c.sales()))
        .sorted(Recommendation.BEST_FIRST)
        .toList();
  }
}
