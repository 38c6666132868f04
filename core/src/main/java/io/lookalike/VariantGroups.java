package io.lookalike;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which products are variants of each other, as an attribute tells: the ids of each group. Written
 * to by one thread at a time, read by any. Takes some 50 bytes of heap a product.
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

  /** What all variants of a product have in common; null if it has no others. */
  @Nullable Object group(Product product) {
    return group(product.attributes());
  }

  private @Nullable Object group(Attributes attributes) {
    Object value = attributes.get(attribute);
    return value instanceof Set<?> ? null : value;
  }

  /** A product came, went (now is null), or changed. */
  void changed(String id, @Nullable Attributes before, @Nullable Attributes now) {
    Object left = before == null ? null : group(before);
    Object entered = now == null ? null : group(now);
    if (left != null && !left.equals(entered)) {
      members.computeIfPresent(left, (group, ids) -> ids.remove(id) && ids.isEmpty() ? null : ids);
    }
    if (entered != null && !entered.equals(left)) {
      members.computeIfAbsent(entered, group -> ConcurrentHashMap.newKeySet()).add(id);
    }
  }

  /** The ids of a product's variants without its own, a new list. */
  List<String> others(Product product) {
    Object group = group(product);
    return group == null
        ? List.of()
        : members.getOrDefault(group, Set.of()).stream()
            .filter(id -> !id.equals(product.id()))
            .toList();
  }
}
