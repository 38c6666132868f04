package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Variants are those products that share an attribute's value. */
final class VariantGroupStage implements VariantStage {

  private final VariantPolicy policy;
  private final @Nullable VariantGroups designs;
  private final Set<Object> own = new LinkedHashSet<>();
  private final Function<String, @Nullable Product> catalogue;

  /**
   * Checks that the policy can be followed.
   *
   * @param consulted the consulted products; none for pictures
   * @throws IllegalStateException if the shop has not said what variants are
   * @throws IllegalArgumentException if a picture's variants are wanted
   */
  VariantGroupStage(
      VariantPolicy policy,
      @Nullable VariantGroups designs,
      List<Product> consulted,
      Function<String, @Nullable Product> catalogue) {
    if (policy != VariantPolicy.KEEP && designs == null) {
      throw new IllegalStateException(
          "variants are to be treated as "
              + policy
              + ", but the shop does not know them; call variantsBy or variantsAbove when building it");
    }
    if (policy == VariantPolicy.ONLY && consulted.isEmpty()) {
      throw new IllegalArgumentException(
          "variants are ONLY, but no product was consulted; ask with a product's id");
    }
    this.policy = policy;
    this.designs = designs;
    for (Product product : consulted) {
      Object design = designs == null ? null : designs.design(product);
      if (design != null) {
        own.add(design);
      }
    }
    this.catalogue = catalogue;
  }

  @Override
  public Filter restrict(Filter filter) {
    if (policy == VariantPolicy.ONLY) {
      return own.isEmpty() ? Filter.or() : Filter.and(filter, isOwn());
    }
    if (policy == VariantPolicy.EXCLUDE_OWN && !own.isEmpty()) {
      return Filter.and(filter, Filter.not(isOwn()));
    }
    return filter;
  }

  private Filter isOwn() {
    String attribute = Objects.requireNonNull(designs).attribute();
    return own.size() == 1
        ? Filter.equal(attribute, own.iterator().next())
        : Filter.in(attribute, own.toArray());
  }

  @Override
  public String whyRestricted() {
    if (policy == VariantPolicy.ONLY) {
      return own.isEmpty()
          ? "only variants of the consulted product are shown, and it has none"
          : "only variants of the consulted product are shown: those with " + isOwn();
    }
    return "it is a variant of the consulted product";
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
  public List<Recommendation> collapse(List<Recommendation> ranked) {
    if (policy != VariantPolicy.COLLAPSE) {
      return ranked;
    }
    var seen = new HashSet<Object>();
    var best = new ArrayList<Recommendation>();
    for (Recommendation r : ranked) {
      Product product = catalogue.apply(r.id());
      if (product == null || seen.add(key(product))) {
        best.add(r);
      }
    }
    return best;
  }

  @Override
  public String representative(Product product, List<Recommendation> entries) {
    return entries.stream()
        .map(Recommendation::id)
        .filter(
            id -> {
              Product entry = catalogue.apply(id);
              return entry != null && key(entry).equals(key(product));
            })
        .findFirst()
        .orElse("another");
  }

  @Override
  public List<Recommendation> counted(
      List<Recommendation> page, Filter filter, Set<String> excluded) {
    if (policy != VariantPolicy.COLLAPSE) {
      return page;
    }
    return page.stream().map(r -> r.withVariants(others(r.id(), filter, excluded))).toList();
  }

  private int others(String id, Filter filter, Set<String> excluded) {
    Product shown = catalogue.apply(id);
    if (shown == null) {
      return 0;
    }
    return Objects.requireNonNull(designs)
        .others(
            shown,
            other -> {
              Product product = catalogue.apply(other);
              return product != null
                  && key(product).equals(key(shown))
                  && filter.matches(product.attributes())
                  && !excluded.contains(other);
            });
  }

  @Override
  public boolean looks() {
    return false;
  }

  @Override
  public boolean mayBeShown(UnitVector product) {
    return true; // the filter has seen to it
  }

  @Override
  public boolean endsBefore(float similarity) {
    return false;
  }

  /** Equal for variants of one design and for no others. */
  private Object key(Product product) {
    Object design = Objects.requireNonNull(designs).design(product);
    return design == null ? product : design;
  }
}
