package io.lookalike;

import static io.lookalike.AttributeSuggester.valuesOf;

import io.lookalike.Explanation.Stage;
import io.lookalike.Explanation.Verdict;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.Hit;
import io.lookalike.index.NeighborSearcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What all products of a page have in common with what was consulted.
 *
 * @param guards one for each attribute of which a value is known
 */
record Guards(List<Guard> guards) {

  /** Numbers of nearest products that are looked at, one after the other, for a value. */
  private static final List<Integer> DEPTHS = List.of(16, 256, 4_096);

  /**
   * One attribute.
   *
   * @param values what a page's products may have
   * @param model whose values these are, in words
   */
  private record Guard(String attribute, Set<Object> values, String model) {
    Filter filter() {
      return values.size() == 1
          ? Filter.equal(attribute, values.iterator().next())
          : Filter.in(attribute, values);
    }
  }

  /**
   * Finds the values: those of the consulted products; else that of the first of the session's that
   * has one; else that of the nearest product that may be shown and has one, if one of the first
   * thousands has; else that of the first pinned.
   *
   * @param consulted the consulted products
   * @param session the products that a customer likes, the most liked first
   * @param pinned the products that are to stand first
   */
  static Guards of(
      List<String> attributes,
      List<Product> consulted,
      List<Product> session,
      List<Product> pinned,
      Objective objective,
      NeighborSearcher index,
      Eligibility eligible) {
    var guards = new ArrayList<Guard>();
    Eligibility left = eligible;
    for (String attribute : attributes) {
      Guard guard = guard(attribute, consulted, session, pinned, objective, index, left);
      if (guard != null) {
        guards.add(guard);
        left = left.and(guard.filter());
      }
    }
    return new Guards(List.copyOf(guards));
  }

  private static @Nullable Guard guard(
      String attribute,
      List<Product> consulted,
      List<Product> session,
      List<Product> pinned,
      Objective objective,
      NeighborSearcher index,
      Eligibility eligible) {
    Set<Object> values = new LinkedHashSet<>();
    consulted.forEach(product -> values.addAll(valuesOf(product.attributes(), attribute)));
    if (!values.isEmpty()) {
      return new Guard(attribute, values, "what was consulted");
    }
    for (Product product : session) {
      values.addAll(valuesOf(product.attributes(), attribute));
      if (!values.isEmpty()) {
        return new Guard(attribute, values, product.id() + ", which the session is about");
      }
    }
    for (int depth : DEPTHS) {
      List<Hit> nearest = objective.nearest(index, depth, eligible, false);
      for (Hit hit : nearest) {
        values.addAll(valuesOf(hit.attributes(), attribute));
        if (!values.isEmpty()) {
          return new Guard(attribute, values, hit.id() + ", which comes first");
        }
      }
      if (nearest.size() < depth) {
        break;
      }
    }
    for (Product product : pinned) {
      values.addAll(valuesOf(product.attributes(), attribute));
      if (!values.isEmpty()) {
        return new Guard(attribute, values, product.id() + ", which is pinned");
      }
    }
    return null;
  }

  Eligibility restrict(Eligibility eligible) {
    Eligibility restricted = eligible;
    for (Guard guard : guards) {
      restricted = restricted.and(guard.filter());
    }
    return restricted;
  }

  /** Why a product is kept out; null if it is not. */
  @Nullable Verdict why(Attributes attributes) {
    for (Guard guard : guards) {
      if (!guard.filter().matches(attributes)) {
        Set<?> own = valuesOf(attributes, guard.attribute);
        return new Verdict(
            Stage.GUARD,
            (own.isEmpty()
                    ? "it has no " + guard.attribute
                    : "its " + guard.attribute + " is " + shown(own))
                + ", and the page is to have the same as "
                + guard.model
                + ": "
                + guard.filter());
      }
    }
    return null;
  }

  private static String shown(Set<?> values) {
    String all = values.stream().map(Attributes::shown).collect(Collectors.joining(", "));
    return values.size() == 1 ? all : "[" + all + "]";
  }
}
