package io.lookalike;

import java.util.List;

/** See {@link Reranker#bySimilarity}. */
enum SimilarityOrder implements Reranker {
  PURE;

  @Override
  public List<Recommendation> rerank(List<Candidate> candidates, PurchaseLog purchases) {
    return candidates.stream()
        .map(c -> c.scored(c.similarity()))
        .sorted(Recommendation.BEST_FIRST)
        .toList();
  }

  /** Returns the order in words. */
  @Override
  public String toString() {
    return "by similarity";
  }
}
