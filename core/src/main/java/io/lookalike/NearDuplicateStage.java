package io.lookalike;

import io.lookalike.Explanation.Verdict;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.Hit;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

  /** Not more than this many neighbors are asked whether they are variants of a product shown. */
  private static final int MOST_COUNTED = 4_096;

  private final VariantPolicy policy;
  private final float threshold;
  private final List<UnitVector> own;
  private final Objective objective;

  /**
   * Prepares to follow a policy.
   *
   * @param threshold the least similarity of variants
   * @param own the vectors of the consulted products; none for pictures
   */
  NearDuplicateStage(
      VariantPolicy policy, float threshold, List<UnitVector> own, Objective objective) {
    this.policy = policy;
    this.threshold = threshold;
    this.own = own;
    this.objective = objective;
  }

  @Override
  public Filter restrict(Filter filter) {
    return filter;
  }

  @Override
  public boolean needsVectors() {
    return true;
  }

  @Override
  public boolean mayBeShown(Product product, @Nullable UnitVector vector) {
    return switch (policy) {
      case KEEP, COLLAPSE -> true;
      case EXCLUDE_OWN -> vector == null || !isOwn(vector);
      case ONLY -> vector != null && isOwn(vector);
    };
  }

  private boolean isOwn(UnitVector product) {
    return own.stream().anyMatch(vector -> vector.cosine(product) >= threshold);
  }

  @Override
  public boolean endsBefore(float similarity) {
    return policy == VariantPolicy.ONLY
        && own.size() == 1
        && objective.equals(new Objective.Direction(own.get(0)))
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
  public boolean collapses() {
    return policy == VariantPolicy.COLLAPSE;
  }

  @Override
  public List<Candidate> first(List<Candidate> candidates, int entries) {
    if (policy != VariantPolicy.COLLAPSE) {
      return candidates.subList(0, Math.min(entries, candidates.size()));
    }
    var leaders = new ArrayList<UnitVector>();
    for (int i = 0; i < candidates.size(); i++) {
      if (leads(candidates.get(i), leaders) && leaders.size() > entries) {
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
      entries += leads(candidate, leaders) ? 1 : 0;
    }
    return entries;
  }

  @Override
  public @Nullable Filter others(List<Candidate> candidates) {
    return null;
  }

  @Override
  public List<Recommendation> apply(List<Recommendation> ranked, Round round) {
    if (policy != VariantPolicy.COLLAPSE) {
      return ranked;
    }
    var leaders = new ArrayList<UnitVector>();
    return ranked.stream().filter(r -> leads(round.candidate(r), leaders)).toList();
  }

  /** Adds a product to the leaders unless it is a variant of one of them. */
  private boolean leads(Candidate candidate, List<UnitVector> leaders) {
    UnitVector vector = candidate.vector();
    if (vector == null) { // removed meanwhile, or never seen
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
  public Verdict why(Candidate leftOut, int rank, List<Recommendation> left, Round round) {
    UnitVector vector = leftOut.vector();
    String representative =
        left.stream()
            .filter(r -> vector != null && similar(vector, round.candidate(r).vector()))
            .map(Recommendation::id)
            .findFirst()
            .orElse("another");
    return new Verdict(
        Explanation.Stage.VARIANTS,
        "it is a variant of " + representative + ", which ranks higher");
  }

  private boolean similar(UnitVector vector, @Nullable UnitVector other) {
    return other != null && vector.cosine(other) >= threshold;
  }

  @Override
  public List<Recommendation> counted(
      List<Recommendation> page, Round round, NeighborSearcher index, Eligibility eligible) {
    if (policy != VariantPolicy.COLLAPSE) {
      return page;
    }
    return page.stream()
        .map(r -> r.withVariants(others(round.candidate(r), index, eligible)))
        .toList();
  }

  private int others(Candidate shown, NeighborSearcher index, Eligibility eligible) {
    UnitVector vector = shown.vector();
    if (vector == null) {
      return 0;
    }
    for (int wanted = FIRST_COUNTED; ; wanted *= 4) {
      List<Hit> nearest = index.hits(eligible.query(vector, wanted), true);
      if (nearest.size() < wanted
          || nearest.get(wanted - 1).similarity() < threshold - ROUNDING
          || wanted >= MOST_COUNTED) {
        return (int)
            nearest.stream()
                .filter(hit -> !hit.id().equals(shown.product().id()))
                .filter(hit -> similar(vector, hit.vector()))
                .count();
      }
    }
  }
}
