package io.lookalike;

import io.lookalike.Explanation.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A step between the candidates and the page. Made for one request. */
interface PageStage {

  /** The candidates of one round, and each by its id. */
  record Round(List<Candidate> candidates, Map<String, Candidate> byId) {
    static Round of(List<Candidate> candidates) {
      Map<String, Candidate> byId = new HashMap<>();
      candidates.forEach(c -> byId.put(c.product().id(), c));
      return new Round(candidates, byId);
    }

    Candidate candidate(Recommendation of) {
      Candidate candidate = byId.get(of.id());
      if (candidate == null) {
        throw new IllegalStateException(of.id() + " is no candidate");
      }
      return candidate;
    }
  }

  /**
   * Orders a list anew, or leaves some of it out.
   *
   * @param ranked the best first
   * @return what is left, the best first
   */
  List<Recommendation> apply(List<Recommendation> ranked, Round round);

  /**
   * Tells why a product was left out.
   *
   * @param leftOut what {@link #apply} was given and did not return
   * @param rank its rank before variants were collapsed and the page chosen, from 1
   * @param left what {@link #apply} returned
   */
  Verdict why(Candidate leftOut, int rank, List<Recommendation> left, Round round);
}
