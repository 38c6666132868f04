package io.lookalike;

import io.lookalike.catalog.Product;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Applies {@link Merchandising} to one page. */
final class MerchandisingStage {

  private final Merchandising wanted;
  private final Map<String, Candidate> pinned = new LinkedHashMap<>();

  /** Looks up the pinned products that may be shown. */
  MerchandisingStage(
      Merchandising wanted,
      Pipeline.Search query,
      NeighborSearcher index,
      Function<String, @Nullable Product> catalogue,
      VariantStage variants,
      PurchaseLog purchases) {
    this.wanted = wanted;
    for (String id : wanted.pins()) {
      Product product = catalogue.apply(id);
      UnitVector vector = product == null ? null : index.vector(id);
      if (product != null
          && vector != null
          && query.filter().matches(product.attributes())
          && variants.mayBeShown(vector)
          && !query.excluded().contains(id)) {
        float similarity = query.target().similarity(vector);
        pinned.put(id, new Candidate(product, similarity, purchases.count(id), index::vector));
      }
    }
  }

  /** The candidates with the pinned among them, so that these are ranked too; closest first. */
  List<Candidate> withPinned(List<Candidate> candidates) {
    if (pinned.isEmpty()) {
      return candidates;
    }
    var missing = new LinkedHashMap<String, Candidate>(pinned);
    candidates.forEach(c -> missing.remove(c.product().id()));
    var all = new ArrayList<Candidate>(candidates);
    all.addAll(missing.values());
    all.sort(
        Comparator.comparingDouble((Candidate c) -> -c.similarity())
            .thenComparing(c -> c.product().id()));
    return all;
  }

  /** The ranking with pinned products first, then by the weighted worth of the places. */
  List<Recommendation> arrange(List<Recommendation> ranked, List<Candidate> candidates) {
    if (pinned.isEmpty() && wanted.weights().isEmpty()) {
      return ranked;
    }
    Map<String, Candidate> byId = new HashMap<>();
    candidates.forEach(c -> byId.put(c.product().id(), c));
    Map<String, Recommendation> first = new LinkedHashMap<>();
    pinned.forEach((id, candidate) -> first.put(id, candidate.scored(0)));
    Map<String, Double> worth = new HashMap<>();
    var rest = new ArrayList<Recommendation>();
    for (int i = 0; i < ranked.size(); i++) {
      Recommendation r = ranked.get(i);
      if (first.replace(r.id(), r) == null) {
        double place = 1 - (double) i / ranked.size();
        worth.put(r.id(), place * factor(byId.get(r.id())));
        rest.add(r);
      }
    }
    // Stable: equals stay in the ranking's order.
    rest.sort(Comparator.comparingDouble(r -> -worth.getOrDefault(r.id(), 0.0)));
    var arranged = new ArrayList<Recommendation>(first.values());
    arranged.addAll(rest);
    return arranged;
  }

  private double factor(@Nullable Candidate candidate) {
    double factor = 1;
    for (Merchandising.Weight weight : wanted.weights()) {
      if (candidate != null && weight.filter().matches(candidate.product().attributes())) {
        factor *= weight.factor();
      }
    }
    return factor;
  }

  boolean isPinned(String id) {
    return pinned.containsKey(id);
  }
}
