package io.lookalike;

import io.lookalike.Explanation.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts pinned products first and orders the others by the weighted worth of their places.
 *
 * @param wanted pins, boosts and buries
 * @param pinned what comes first, in this order
 */
record MerchandisingStage(Merchandising wanted, Set<String> pinned) implements PageStage {

  @Override
  public List<Recommendation> apply(List<Recommendation> ranked, Round round) {
    if (pinned.isEmpty() && wanted.weights().isEmpty()) {
      return ranked;
    }
    Map<String, Recommendation> first = new LinkedHashMap<>();
    for (String id : pinned) {
      Candidate candidate = round.byId().get(id);
      if (candidate != null) {
        first.put(id, candidate.scored(0));
      }
    }
    Map<String, Double> worth = new HashMap<>();
    var rest = new ArrayList<Recommendation>();
    for (int i = 0; i < ranked.size(); i++) {
      Recommendation r = ranked.get(i);
      if (first.replace(r.id(), r) == null) {
        double place = 1 - (double) i / ranked.size();
        worth.put(r.id(), place * factor(round.candidate(r)));
        rest.add(r);
      }
    }
    // Stable: equals stay in the ranking's order.
    rest.sort(Comparator.comparingDouble(r -> -worth.getOrDefault(r.id(), 0.0)));
    var arranged = new ArrayList<Recommendation>(first.values());
    arranged.addAll(rest);
    return arranged;
  }

  private double factor(Candidate candidate) {
    double factor = 1;
    for (Merchandising.Weight weight : wanted.weights()) {
      if (weight.filter().matches(candidate.product().attributes())) {
        factor *= weight.factor();
      }
    }
    return factor;
  }

  @Override
  public Verdict why(Candidate leftOut, int rank, List<Recommendation> left, Round round) {
    throw new IllegalStateException("pins, boosts and buries leave nothing out");
  }
}
