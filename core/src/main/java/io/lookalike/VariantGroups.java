package io.lookalike;

import io.lookalike.catalog.Product;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which products are variants of one design. Written to by one thread at a time, read by any; a
 * reader meanwhile may still see the id of a product that has just changed its design, and so asks
 * the product itself.
 */
final class VariantGroups {

  private final String attribute;
  private final Map<Object, Set<String>> members = new ConcurrentHashMap<>();

  VariantGroups(String attribute) {
    this.attribute = attribute;
  }

  String attribute() {
    return attribute;
  }

  /** What all variants of a product's design have in common; null if it is a design of its own. */
  @Nullable Object design(Product product) {
    Object value = product.attributes().get(attribute);
    return value instanceof Set<?> ? null : value;
  }

  /** A product came, went (now is null), or changed. */
  void changed(@Nullable Product before, @Nullable Product now) {
    Object left = before == null ? null : design(before);
    Object entered = now == null ? null : design(now);
    if (before != null && left != null && !left.equals(entered)) {
      members.computeIfPresent(
          left, (design, ids) -> ids.remove(before.id()) && ids.isEmpty() ? null : ids);
    }
    if (now != null && entered != null && !entered.equals(left)) {
      members.computeIfAbsent(entered, design -> ConcurrentHashMap.newKeySet()).add(now.id());
    }
  }

  /** How many variants of a product's design a page might show, the product itself not counted. */
  int others(Product product, Predicate<String> mayBeShown) {
    Object design = design(product);
    if (design == null) {
      return 0;
    }
    int others = 0;
    for (String id : members.getOrDefault(design, Set.of())) {
      if (!id.equals(product.id()) && mayBeShown.test(id)) {
        others++;
      }
    }
    return others;
  }
}
