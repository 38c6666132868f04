package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Variants are products at least so similar. Of candidates, each that is not a variant of a better
 * one stands for itself, and for those of the others that are its variants (leader clustering,
 * Hartigan, <i>Clustering Algorithms</i>, 1975, chapter 3).
 */
final class NearDuplicateStage implements VariantStage {

  /** An index's similarity may differ so much from that of two vectors. */
  private static final float ROUNDING = 1e-5f;

  private static final int FIRST_COUNTED = 16;

  private final VariantPolicy policy;
  private final float threshold;
  private final List<UnitVector> own;
  private final Objective target;
  private final NeighborSearcher index;

  /**
   * Checks that the policy can be followed.
   *
   * @param threshold the least similarity of variants
   * @param own the vectors of the consulted products; none for pictures
   * @throws IllegalArgumentException if a picture's variants are wanted
   */
  NearDuplicateStage(
      VariantPolicy policy,
      float threshold,
      List<UnitVector> own,
      Objective target,
      NeighborSearcher index) {
    if (policy == VariantPolicy.ONLY && own.isEmpty()) {
      throw new IllegalArgumentException(
          "variants are ONLY, but no product was consulted; ask with a product's id");
    }
    this.policy = policy;
    this.threshold = threshold;
    this.own = own;
    this.target = target;
    this.index = index;
  }

  @Override
  public Filter restrict(Filter filter) {
    return filter;
  }

  @Override
  public boolean looks() {
    return policy == VariantPolicy.EXCLUDE_OWN || policy == VariantPolicy.ONLY;
  }

  @Override
  public boolean mayBeShown(UnitVector product) {
    return switch (policy) {
      case KEEP, COLLAPSE -> true;
      case EXCLUDE_OWN -> !isOwn(product);
      case ONLY -> isOwn(product);
    };
  }

  private boolean isOwn(UnitVector product) {
    return own.stream().anyMatch(vector -> vector.cosine(product) >= threshold);
  }

  @Override
  public boolean endsBefore(float similarity) {
    return policy == VariantPolicy.ONLY
        && own.size() == 1
        && target.equals(new Objective.Direction(own.get(0)))
        && similarity < threshold - ROUNDING;
  }

  @Override
  public String whyRestricted() {
    return String.format(
        Locale.ROOT,
        policy == VariantPolicy.ONLY
            ? "only variants of the consulted product are shown: those of similarity %.3f or more"
            : "it is a variant of the consulted product: their similarity is %.3f or more",
        threshold);
  }

  @Override
  public List<Candidate> first(List<Candidate> candidates, int entries) {
    if (policy != VariantPolicy.COLLAPSE) {
      return candidates.subList(0, Math.min(entries, candidates.size()));
    }
    var leaders = new ArrayList<UnitVector>();
    for (int i = 0; i < candidates.size(); i++) {
      if (leads(candidates.get(i).product().id(), leaders) && leaders.size() > entries) {
        return candidates.subList(0, i);
      }
    }
    return candidates;
  }

  @Override
  public int entries(List<Candidate> candidates) {
    if (policy != VariantPolicy.COLLAPSE) {
      return candidates.size();
    }
    var leaders = new ArrayList<UnitVector>();
    int entries = 0;
    for (Candidate candidate : candidates) {
      entries += leads(candidate.product().id(), leaders) ? 1 : 0;
    }
    return entries;
  }

  @Override
  public List<Recommendation> collapse(List<Recommendation> ranked) {
    if (policy != VariantPolicy.COLLAPSE) {
      return ranked;
    }
    var leaders = new ArrayList<UnitVector>();
    return ranked.stream().filter(r -> leads(r.id(), leaders)).toList();
  }

  /** Adds a product to the leaders unless it is a variant of one of them. */
  private boolean leads(String id, List<UnitVector> leaders) {
    UnitVector vector = index.vector(id);
    if (vector == null) { // removed meanwhile
      return true;
    }
    for (UnitVector leader : leaders) {
      if (leader.cosine(vector) >= threshold) {
        return false;
      }
    }
    leaders.add(vector);
    return true;
  }

  @Override
  public String representative(Product product, List<Recommendation> entries) {
    UnitVector vector = index.vector(product.id());
    return entries.stream()
        .map(Recommendation::id)
        .filter(id -> vector != null && similar(vector, index.vector(id)))
        .findFirst()
        .orElse("another");
  }

  private boolean similar(UnitVector vector, @Nullable UnitVector other) {
    return other != null && vector.cosine(other) >= threshold;
  }

  @Override
  public List<Recommendation> counted(
      List<Recommendation> page, Filter filter, Set<String> excluded) {
    if (policy != VariantPolicy.COLLAPSE) {
      return page;
    }
    return page.stream().map(r -> r.withVariants(others(r.id(), filter, excluded))).toList();
  }

  /** All products at least so similar to one, itself not counted. */
  private int others(String id, Filter filter, Set<String> excluded) {
    UnitVector vector = index.vector(id);
    if (vector == null) {
      return 0;
    }
    for (int k = FIRST_COUNTED; ; k = CandidatePool.deeper(k)) {
      List<Neighbor> nearest = index.search(new Query(vector, k, filter, excluded));
      boolean all =
          nearest.size() < k
              || nearest.get(k - 1).similarity() < threshold - ROUNDING
              || k == Integer.MAX_VALUE;
      if (all) {
        return (int)
            nearest.stream()
                .map(Neighbor::id)
                .filter(other -> !other.equals(id))
                .map(index::vector)
                .filter(Objects::nonNull)
                .filter(other -> similar(vector, other))
                .count();
      }
    }
  }
}
