package io.lookalike;

import io.lookalike.Explanation.Verdict;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Variants are those products that share an attribute's value. */
final class VariantGroupStage implements VariantStage {

  private final VariantPolicy policy;
  private final @Nullable VariantGroups groups;
  private final Set<Object> own = new LinkedHashSet<>();

  /**
   * Checks that the policy can be followed.
   *
   * @param consulted the consulted products; none for pictures
   * @throws IllegalStateException if the shop has not said what variants are
   */
  VariantGroupStage(VariantPolicy policy, @Nullable VariantGroups groups, List<Product> consulted) {
    if (policy != VariantPolicy.KEEP && groups == null) {
      throw new IllegalStateException(
          "variants are to be treated as "
              + policy
              + ", but the shop does not know them; call variantsBy or variantsAbove when building it");
    }
    this.policy = policy;
    this.groups = groups;
    for (Product product : consulted) {
      Object group = groups == null ? null : groups.group(product);
      if (group != null) {
        own.add(group);
      }
    }
  }

  @Override
  public Filter restrict(Filter filter) {
    if (policy == VariantPolicy.ONLY) {
      return own.isEmpty() ? Filter.or() : Filter.and(filter, in(own));
    }
    if (policy == VariantPolicy.EXCLUDE_OWN && !own.isEmpty()) {
      return Filter.and(filter, Filter.not(in(own)));
    }
    return filter;
  }

  private Filter in(Set<Object> values) {
    String attribute = Objects.requireNonNull(groups).attribute();
    return values.size() == 1
        ? Filter.equal(attribute, values.iterator().next())
        : Filter.in(attribute, values.toArray());
  }

  @Override
  public String whyRestricted() {
    if (policy == VariantPolicy.ONLY) {
      return own.isEmpty()
          ? "only variants of the consulted product are shown, and it has none"
          : "only variants of the consulted product are shown: those with " + in(own);
    }
    return "it is a variant of the consulted product";
  }

  @Override
  public boolean mayBeShown(Product product, @Nullable UnitVector vector) {
    return true; // the filter has seen to it
  }

  @Override
  public boolean needsVectors() {
    return false;
  }

  @Override
  public boolean endsBefore(float similarity) {
    return false;
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
    var seen = new HashSet<Object>();
    for (int i = 0; i < candidates.size(); i++) {
      seen.add(key(candidates.get(i).product()));
      if (seen.size() > entries) {
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
    var seen = new HashSet<Object>();
    candidates.forEach(c -> seen.add(key(c.product())));
    return seen.size();
  }

  @Override
  public @Nullable Filter others(List<Candidate> candidates) {
    var seen = new LinkedHashSet<Object>();
    for (Candidate candidate : candidates) {
      Object group = groups == null ? null : groups.group(candidate.product());
      if (group != null) {
        seen.add(group);
      }
    }
    return policy != VariantPolicy.COLLAPSE || seen.isEmpty() ? null : Filter.not(in(seen));
  }

  @Override
  public List<Recommendation> apply(List<Recommendation> ranked, Round round) {
    if (policy != VariantPolicy.COLLAPSE) {
      return ranked;
    }
    var seen = new HashSet<Object>();
    return ranked.stream().filter(r -> seen.add(key(round.candidate(r).product()))).toList();
  }

  @Override
  public Verdict why(Candidate leftOut, int rank, List<Recommendation> left, Round round) {
    String representative =
        left.stream()
            .filter(r -> key(round.candidate(r).product()).equals(key(leftOut.product())))
            .map(Recommendation::id)
            .findFirst()
            .orElseThrow();
    return new Verdict(
        Explanation.Stage.VARIANTS,
        "it is a variant of " + representative + ", which ranks higher");
  }

  @Override
  public List<Recommendation> counted(
      List<Recommendation> page, Round round, NeighborSearcher index, Eligibility eligible) {
    if (policy != VariantPolicy.COLLAPSE) {
      return page;
    }
    VariantGroups known = Objects.requireNonNull(groups);
    Map<String, List<String>> others = new HashMap<>();
    var all = new LinkedHashSet<String>();
    for (Recommendation shown : page) {
      List<String> variants = new ArrayList<>();
      for (String id : known.others(round.candidate(shown).product())) {
        if (!eligible.excluded().contains(id)) {
          variants.add(id);
        }
      }
      others.put(shown.id(), variants);
      all.addAll(variants);
    }
    // All in one call; none where no filter has to be asked.
    Map<String, IndexItem> items =
        eligible.filter().equals(Filter.ALL) || all.isEmpty() ? Map.of() : index.items(all);
    var counted = new ArrayList<Recommendation>();
    for (Recommendation shown : page) {
      int count = 0;
      for (String id : others.getOrDefault(shown.id(), List.of())) {
        IndexItem item = items.get(id);
        if (eligible.filter().equals(Filter.ALL)
            || (item != null && eligible.filter().matches(item.attributes()))) {
          count++;
        }
      }
      counted.add(shown.withVariants(count));
    }
    return counted;
  }

  /** Equal for variants of one group and for no others. */
  private Object key(Product product) {
    Object group = Objects.requireNonNull(groups).group(product);
    return group == null ? product : group;
  }
}
