package io.lookalike;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Applies one policy about {@link Variants} to one page. */
final class VariantStage {

  private final Variants policy;
  private final @Nullable Designs designs;
  private final Set<Object> own = new LinkedHashSet<>();
  private final Function<String, @Nullable Product> catalogue;

  /**
   * Checks that the policy can be followed.
   *
   * @param consulted the consulted products; none for pictures
   * @throws IllegalStateException if the shop has not said what variants are
   * @throws IllegalArgumentException if a picture's variants are wanted
   */
  VariantStage(
      Variants policy,
      @Nullable Designs designs,
      List<Product> consulted,
      Function<String, @Nullable Product> catalogue) {
    if (policy != Variants.KEEP && designs == null) {
      throw new IllegalStateException(
          "variants are to be treated as "
              + policy
              + ", but the shop does not know them; call variantsBy(attribute, ...) when building"
              + " it");
    }
    if (policy == Variants.ONLY && consulted.isEmpty()) {
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

  /** Narrows what is searched. */
  Filter restrict(Filter filter) {
    if (policy == Variants.ONLY) {
      return own.isEmpty() ? Filter.or() : Filter.and(filter, isOwn());
    }
    if (policy == Variants.EXCLUDE_OWN && !own.isEmpty()) {
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

  /** Why {@link #restrict} keeps a product out that it keeps out. */
  String whyRestricted() {
    if (policy == Variants.ONLY) {
      return own.isEmpty()
          ? "only variants of the consulted product are shown, and it has none"
          : "only variants of the consulted product are shown: those with "
              + FilterText.of(isOwn());
    }
    return "it is a variant of the consulted product";
  }

  /**
   * The first candidates that make up so many entries of a page.
   *
   * @return all of them if they do not make up as many
   */
  List<Candidate> first(List<Candidate> candidates, int entries) {
    if (policy != Variants.COLLAPSE) {
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

  /** How many entries of a page these candidates make up. */
  int entries(List<Candidate> candidates) {
    if (policy != Variants.COLLAPSE) {
      return candidates.size();
    }
    var seen = new HashSet<Object>();
    candidates.forEach(c -> seen.add(key(c.product())));
    return seen.size();
  }

  /** Leaves the best of each design. */
  List<Recommendation> collapse(List<Recommendation> ranked) {
    if (policy != Variants.COLLAPSE) {
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

  /** The id of the entry that stands for a product's design. */
  String representative(Product product, List<Recommendation> entries) {
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

  /** Says how many variants are behind each product shown. */
  List<Recommendation> counted(List<Recommendation> page, Filter filter, Set<String> excluded) {
    if (policy != Variants.COLLAPSE) {
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

  /** Equal for variants of one design and for no others. */
  private Object key(Product product) {
    Object design = Objects.requireNonNull(designs).design(product);
    return design == null ? product : design;
  }
}
