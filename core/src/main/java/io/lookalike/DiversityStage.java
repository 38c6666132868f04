package io.lookalike;

import io.lookalike.Explanation.Verdict;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a page's products from the ranking.
 *
 * @param diversity limits and the weight of relevance
 * @param k the page's length
 * @param pinned which products come first, as they do in the ranking, whatever the limits
 */
record DiversityStage(Diversity diversity, int k, Set<String> pinned) implements PageStage {

  @Override
  public List<Recommendation> apply(List<Recommendation> ranked, Round round) {
    if (diversity.isNone()) {
      return ranked.subList(0, Math.min(k, ranked.size()));
    }
    var chosen = new ArrayList<Recommendation>();
    var taken = new Taken();
    var left = new ArrayList<Place>();
    for (int i = 0; i < ranked.size(); i++) {
      Recommendation r = ranked.get(i);
      left.add(new Place(r, round.candidate(r), 1 - (double) i / ranked.size()));
    }
    while (chosen.size() < k) {
      left.removeIf(place -> !isPinned(place) && !taken.full(place.candidate.product()).isEmpty());
      Place best = !left.isEmpty() && isPinned(left.get(0)) ? left.get(0) : best(left);
      if (best == null) {
        break;
      }
      left.remove(best);
      chosen.add(best.recommendation);
      taken.add(best.candidate.product());
      if (diversity.relevance() < 1) {
        left.forEach(place -> place.chosen(best));
      }
    }
    return chosen;
  }

  private boolean isPinned(Place place) {
    return pinned.contains(place.recommendation.id());
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

  /** Number of products chosen of each limited attribute's values. */
  private final class Taken {
    private final Map<String, Map<Object, Integer>> counts = new HashMap<>();

    void add(Product product) {
      for (String attribute : diversity.limits().keySet()) {
        for (Object value : values(product, attribute)) {
          counts.computeIfAbsent(attribute, a -> new HashMap<>()).merge(value, 1, Integer::sum);
        }
      }
    }

    int of(String attribute, Object value) {
      return counts.getOrDefault(attribute, Map.of()).getOrDefault(value, 0);
    }

    /** The limits that allow no more such products, each by the value that has reached it. */
    Map<String, Object> full(Product product) {
      Map<String, Object> full = new HashMap<>();
      diversity
          .limits()
          .forEach(
              (attribute, limit) ->
                  values(product, attribute).stream()
                      .filter(value -> of(attribute, value) >= limit)
                      .findFirst()
                      .ifPresent(value -> full.put(attribute, value)));
      return full;
    }

    Map<String, Set<Object>> full() {
      Map<String, Set<Object>> full = new HashMap<>();
      counts.forEach(
          (attribute, byValue) ->
              byValue.forEach(
                  (value, count) -> {
                    if (count >= diversity.limits().getOrDefault(attribute, Integer.MAX_VALUE)) {
                      full.computeIfAbsent(attribute, a -> new HashSet<>()).add(value);
                    }
                  }));
      return full;
    }
  }

  private Taken taken(List<Recommendation> page, Round round) {
    var taken = new Taken();
    page.forEach(r -> taken.add(round.candidate(r).product()));
    return taken;
  }

  /** What the limits still let onto a page; {@link Filter#ALL} if none of them is reached. */
  Filter notFull(List<Recommendation> page, Round round) {
    Filter[] open =
        taken(page, round).full().entrySet().stream()
            .map(full -> Filter.not(Filter.in(full.getKey(), full.getValue().toArray())))
            .toArray(Filter[]::new);
    return open.length == 0 ? Filter.ALL : Filter.and(open);
  }

  @Override
  public Verdict why(Candidate leftOut, int rank, List<Recommendation> left, Round round) {
    Verdict full = whyFull(leftOut.product(), left, round);
    if (full != null) {
      return full;
    }
    return diversity.relevance() < 1
        ? new Verdict(
            Explanation.Stage.DIVERSITY,
            "it ranks " + rank + ", and others differ more from what is shown")
        : new Verdict(
            Explanation.Stage.PAGE, "it ranks " + rank + ", and the page holds " + left.size());
  }

  /** Which limit allows no more such products on a page; null if none does. */
  @Nullable Verdict whyFull(Product product, List<Recommendation> page, Round round) {
    var taken = taken(page, round);
    for (Map.Entry<String, Object> full : taken.full(product).entrySet()) {
      String attribute = full.getKey();
      return new Verdict(
          Explanation.Stage.DIVERSITY,
          "its "
              + attribute
              + " is "
              + Attributes.shown(Objects.requireNonNull(product.attributes().get(attribute)))
              + ", of which "
              + taken.of(attribute, full.getValue())
              + " are shown");
    }
    return null;
  }

  private static Set<Object> values(Product product, String attribute) {
    Object value = product.attributes().get(attribute);
    if (value instanceof Set<?> members) {
      return new HashSet<>(members);
    }
    return value == null ? Set.of() : Set.of(value);
  }

  /**
   * The mean similarity of each two products of a page: Ziegler, McNee, Konstan and Lausen,
   * <i>Improving recommendation lists through topic diversification</i>, WWW 2005.
   */
  OptionalDouble intraListSimilarity(List<Recommendation> page, Round round) {
    if (diversity.isNone() || page.size() < 2) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < page.size(); i++) {
      for (int j = 0; j < i; j++) {
        sum += round.candidate(page.get(i)).similarityTo(round.candidate(page.get(j)));
        pairs++;
      }
    }
    return OptionalDouble.of(sum / pairs);
  }

  /** A product that is not chosen yet. */
  private static final class Place {
    final Recommendation recommendation;
    final Candidate candidate;
    final double relevance;
    double closest = Double.NEGATIVE_INFINITY;

    Place(Recommendation recommendation, Candidate candidate, double relevance) {
      this.recommendation = recommendation;
      this.candidate = candidate;
      this.relevance = relevance;
    }

    void chosen(Place other) {
      closest = Math.max(closest, candidate.similarityTo(other.candidate));
    }

    double value(double weight) {
      double again = closest == Double.NEGATIVE_INFINITY ? 0 : closest;
      return weight * relevance - (1 - weight) * again;
    }
  }
}
