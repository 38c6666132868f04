package io.lookalike.examples;

import io.lookalike.Candidate;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommendation;
import io.lookalike.Reranker;
import java.time.LocalDate;
import java.util.List;

// snippet: own reranker
/**
 * Ranks by what was sold in the week before a day, so that last year's hit makes room.
 *
 * @param today the first day that does not count
 */
public record TrendingReranker(LocalDate today) implements Reranker {
  @Override
  public List<Recommendation> rerank(List<Candidate> candidates, PurchaseLog purchases) {
    return candidates.stream()
        .map(c -> c.scored(purchases.count(c.product().id(), today.minusDays(7), today)))
        .sorted(Recommendation.BEST_FIRST) // equal sales: the more similar first
        .toList();
  }
}
// end
