package io.lookalike;

import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The stages between a vector and a page, one method each, in the order in which {@link #page}
 * calls them.
 *
 * @param index what is searched
 * @param catalogue the product of an id, or null if it has just been removed
 * @param purchases what was bought
 * @param reranker the order
 * @param depth how far to reach
 */
record Pipeline(
    NeighborSearcher index,
    Function<String, @Nullable Product> catalogue,
    PurchaseLog purchases,
    Reranker reranker,
    Depth depth) {

  /** Answers a request; where a page stays short, it begins again with more candidates. */
  RecommendationPage page(UnitVector vector, Set<String> excluded, Filter filter, int k) {
    if (k == 0) {
      return new RecommendationPage(List.of());
    }
    int wanted = depth.first(k);
    while (true) {
      List<Neighbor> nearest = index.search(new Query(vector, wanted, filter, excluded));
      List<Recommendation> ranked = reranker.rerank(candidates(nearest), purchases);
      boolean exhausted = depth.limited() || nearest.size() < wanted;
      if (ranked.size() >= k || exhausted) {
        return new RecommendationPage(ranked.subList(0, Math.min(k, ranked.size())));
      }
      wanted = Depth.deeper(wanted);
    }
  }

  private List<Candidate> candidates(List<Neighbor> nearest) {
    var found = new ArrayList<Candidate>(nearest.size());
    for (Neighbor neighbor : nearest) {
      Product product = catalogue.apply(neighbor.id());
      if (product != null) { // else it was removed since the search
        // An index's rounding may pass either end.
        float similarity = Math.max(-1, Math.min(1, neighbor.similarity()));
        found.add(new Candidate(product, similarity, purchases.count(neighbor.id())));
      }
    }
    return found;
  }
}
