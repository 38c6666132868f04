package io.lookalike;

import java.util.List;

/**
 * Orders the candidates for the page. Implementations are safe for use by several threads.
 *
 * <pre>{@code
 * Reranker cheapest = (candidates, purchases) ->
 *     candidates.stream()
 *         .map(c -> c.scored(-(Double) c.product().attributes().get("price")))
 *         .sorted(Recommendation.BEST_FIRST)
 *         .toList();
 * }</pre>
 */
@FunctionalInterface
public interface Reranker {

  /**
   * Ranks and, if its rule says so, drops candidates. The page is the first k of what comes back.
   *
   * @param candidates the nearest products, closest first
   * @param purchases all purchases recorded, for counts by day
   * @return the candidates to show, best first, each once; the page's call ends with an {@link
   *     IllegalStateException} where this is null, or holds null or what is no candidate
   */
  List<Recommendation> rerank(List<Candidate> candidates, PurchaseLog purchases);

  /**
   * Whether {@link #rerank} drops every product that is not in {@link PurchaseLog#soldIds()}. If
   * so, candidates are sought among those alone; otherwise, in a shop where little has sold yet,
   * the whole catalogue would be looked through for a page that cannot be filled.
   *
   * <p>A reranker that answers {@code true} may still be given products that never sold, such as
   * pinned ones, and must drop them itself. It may drop sold ones too.
   *
   * @return {@code false}, unless overridden; the same at every call
   */
  default boolean soldOnly() {
    return false;
  }

  /**
   * The purely visual order: the score is the similarity.
   *
   * @return a reranker that keeps every candidate
   */
  static Reranker bySimilarity() {
    return SimilarityOrder.PURE;
  }
}
