package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The stages between what is sought and a page, in the order in which {@link #run} calls them.
 *
 * @param index what is searched
 * @param catalogue the product of an id, or null if it has just been removed
 * @param purchases what was bought
 * @param depth how far to reach
 * @param variants what to do with products of one design
 * @param reranker the order
 * @param merchandising what the shop's people want first, higher or last
 * @param diversity what keeps the page from repeating itself
 */
record Pipeline(
    NeighborSearcher index,
    Function<String, @Nullable Product> catalogue,
    PurchaseLog purchases,
    CandidatePool depth,
    VariantStage variants,
    Reranker reranker,
    Merchandising merchandising,
    Diversity diversity) {

  /** The nearest products, and whether there are no more to be had. */
  private record Found(List<Candidate> candidates, boolean all) {}

  /** What is sought among which products. */
  record Search(Objective target, int k, Filter filter, Set<String> excluded) {}

  /** What each stage has left of the last round. */
  record Run(
      Search query,
      List<Candidate> candidates,
      List<Recommendation> ranked,
      List<Recommendation> designs,
      RecommendationPage page) {}

  /** Answers a request; where a page stays short, it begins again with more candidates. */
  Run run(Objective target, Filter filter, Set<String> excluded, int k) {
    var query = new Search(target, k, variants.restrict(filter), excluded);
    if (k == 0) {
      return new Run(query, List.of(), List.of(), List.of(), RecommendationPage.EMPTY);
    }
    var wanted =
        new MerchandisingStage(merchandising, query, index, catalogue, variants, purchases);
    for (int pool = depth.first(k); ; pool = CandidatePool.deeper(pool)) {
      Found found = candidates(query, pool);
      List<Candidate> candidates = wanted.withPinned(found.candidates);
      List<Recommendation> ranked =
          wanted.arrange(reranker.rerank(candidates, purchases), candidates);
      List<Recommendation> designs = variants.collapse(ranked);
      var diverse = new DiversityStage(diversity, designs, candidates);
      List<Recommendation> shown = diverse.choose(k, wanted::isPinned);
      if (shown.size() == k || found.all) {
        var page =
            new RecommendationPage(
                variants.counted(shown, query.filter(), excluded),
                diverse.intraListSimilarity(shown));
        return new Run(query, candidates, ranked, designs, page);
      }
    }
  }

  /** Searches until so many entries of a page are found, or as far as may be looked. */
  private Found candidates(Search query, int pool) {
    for (int wanted = pool; ; wanted = CandidatePool.deeper(wanted)) {
      List<Neighbor> nearest =
          query.target().nearest(index, wanted, query.filter(), query.excluded());
      boolean all =
          depth.limited()
              || nearest.size() < wanted
              || variants.endsBefore(nearest.get(wanted - 1).similarity());
      List<Candidate> candidates = candidates(nearest);
      if (all || variants.entries(candidates) >= pool) {
        List<Candidate> first = variants.first(candidates, pool);
        return new Found(first, all && first.size() == candidates.size());
      }
    }
  }

  private List<Candidate> candidates(List<Neighbor> nearest) {
    var found = new ArrayList<Candidate>(nearest.size());
    for (Neighbor neighbor : nearest) {
      Product product = catalogue.apply(neighbor.id());
      // If it is null, the product was removed since the search.
      if (product != null && mayBeShown(neighbor.id())) {
        // An index's rounding may pass either end.
        float similarity = Math.max(-1, Math.min(1, neighbor.similarity()));
        found.add(
            new Candidate(product, similarity, purchases.count(neighbor.id()), index::vector));
      }
    }
    return found;
  }

  private boolean mayBeShown(String id) {
    UnitVector vector = variants.looks() ? index.vector(id) : null;
    return vector == null || variants.mayBeShown(vector);
  }
}
