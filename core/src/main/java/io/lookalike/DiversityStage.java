package io.lookalike;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Chooses a page's products from the ranking, by one {@link Diversity}. */
final class DiversityStage {

  private final Diversity diversity;
  private final List<Recommendation> ranked;
  private final Map<String, Candidate> candidates = new HashMap<>();

  /** How many products are chosen of each attribute's value. */
  private final Map<String, Map<Object, Integer>> counts = new HashMap<>();

  DiversityStage(Diversity diversity, List<Recommendation> ranked, List<Candidate> candidates) {
    this.diversity = diversity;
    this.ranked = ranked;
    if (!diversity.isNone()) {
      candidates.forEach(c -> this.candidates.put(c.product().id(), c));
    }
  }

  /**
   * At most k products, in the order in which to show them.
   *
   * @param pinned which products come first, as they do in the ranking, whatever the limits
   */
  List<Recommendation> choose(int k, Predicate<String> pinned) {
    if (diversity.isNone()) {
      return ranked.subList(0, Math.min(k, ranked.size()));
    }
    var chosen = new ArrayList<Recommendation>();
    var left = new ArrayList<Place>();
    for (int i = 0; i < ranked.size(); i++) {
      left.add(new Place(ranked.get(i), candidate(i), 1 - (double) i / ranked.size()));
    }
    while (chosen.size() < k) {
      left.removeIf(place -> !pinned.test(place.recommendation.id()) && !allowed(place.candidate));
      Place best =
          !left.isEmpty() && pinned.test(left.get(0).recommendation.id())
              ? left.get(0)
              : best(left);
      if (best == null) {
        break;
      }
      left.remove(best);
      chosen.add(best.recommendation);
      count(best.candidate);
      if (diversity.relevance() < 1) {
        left.forEach(place -> place.chosen(best));
      }
    }
    return chosen;
  }

  private @Nullable Candidate candidate(int i) {
    return candidates.get(ranked.get(i).id());
  }

  private @Nullable Place best(List<Place> left) {
    Place best = null;
    double most = Double.NEGATIVE_INFINITY;
    for (Place place : left) { // in the ranking's order, so that of equals the first wins
      double value = place.value(diversity.relevance());
      if (value > most) {
        best = place;
        most = value;
      }
    }
    return best;
  }

  private boolean allowed(@Nullable Candidate candidate) {
    for (Map.Entry<String, Integer> limit : diversity.limits().entrySet()) {
      Map<Object, Integer> taken = counts.getOrDefault(limit.getKey(), Map.of());
      for (Object value : values(candidate, limit.getKey())) {
        if (taken.getOrDefault(value, 0) >= limit.getValue()) {
          return false;
        }
      }
    }
    return true;
  }

  private void count(@Nullable Candidate candidate) {
    for (String attribute : diversity.limits().keySet()) {
      for (Object value : values(candidate, attribute)) {
        counts.computeIfAbsent(attribute, a -> new HashMap<>()).merge(value, 1, Integer::sum);
      }
    }
  }

  static Set<Object> values(@Nullable Candidate candidate, String attribute) {
    Object value = candidate == null ? null : candidate.product().attributes().get(attribute);
    if (value instanceof Set<?> members) {
      return new HashSet<>(members);
    }
    return value == null ? Set.of() : Set.of(value);
  }

  /**
   * The mean similarity of each two products of a page: Ziegler, McNee, Konstan and Lausen,
   * <i>Improving recommendation lists through topic diversification</i>, WWW 2005.
   */
  OptionalDouble intraListSimilarity(List<Recommendation> page) {
    if (diversity.isNone() || page.size() < 2) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < page.size(); i++) {
      for (int j = 0; j < i; j++) {
        sum += similarity(candidates.get(page.get(i).id()), candidates.get(page.get(j).id()));
        pairs++;
      }
    }
    return OptionalDouble.of(sum / pairs);
  }

  private static double similarity(@Nullable Candidate a, @Nullable Candidate b) {
    return a == null || b == null ? 0 : a.similarityTo(b);
  }

  /** A product that is not chosen yet. */
  private static final class Place {
    final Recommendation recommendation;
    final @Nullable Candidate candidate;
    final double relevance;
    double closest = Double.NEGATIVE_INFINITY;

    Place(Recommendation recommendation, @Nullable Candidate candidate, double relevance) {
      this.recommendation = recommendation;
      this.candidate = candidate;
      this.relevance = relevance;
    }

    void chosen(Place other) {
      closest = Math.max(closest, similarity(candidate, other.candidate));
    }

    double value(double weight) {
      double again = closest == Double.NEGATIVE_INFINITY ? 0 : closest;
      return weight * relevance - (1 - weight) * again;
    }
  }
}
