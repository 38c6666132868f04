package io.lookalike;

import io.lookalike.Explanation.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Has the candidates ordered by the reranker, and checks what it gives back. */
record RankingStage(Reranker reranker, PurchaseLog purchases) implements PageStage {

  @Override
  public List<Recommendation> apply(List<Recommendation> nearest, Round round) {
    // A copy: what a reranker does to its list must not change what others see.
    List<Recommendation> ranked = reranker.rerank(List.copyOf(round.candidates()), purchases);
    if (ranked == null) {
      throw wrong("null, expected a list of its candidates");
    }
    Set<String> seen = new HashSet<>();
    for (Recommendation each : ranked) {
      if (each == null) {
        throw wrong("a null, expected recommendations of its candidates");
      }
      if (!round.byId().containsKey(each.id())) {
        throw wrong("\"" + each.id() + "\", which is none of its candidates");
      }
      if (!seen.add(each.id())) {
        throw wrong("\"" + each.id() + "\" twice, expected each candidate once at most");
      }
    }
    return List.copyOf(ranked);
  }

  private IllegalStateException wrong(String what) {
    return new IllegalStateException("the reranker " + reranker + " gave back " + what);
  }

  @Override
  public Verdict why(Candidate leftOut, int rank, List<Recommendation> left, Round round) {
    return why(leftOut);
  }

  /** The pieces sold of a product, as far as the order knows. */
  long sales(Candidate candidate) {
    return reranker instanceof PopularityReranker popularity
        ? popularity.sales(candidate, purchases)
        : candidate.sales();
  }

  /** Why the order leaves out a product. */
  Verdict why(Candidate leftOut) {
    return new Verdict(
        Explanation.Stage.RANKING,
        sales(leftOut) == 0 && (reranker.soldOnly() || reranker instanceof PopularityReranker)
            ? "it has never sold, and the order leaves such products out"
            : "the order leaves it out");
  }
}
