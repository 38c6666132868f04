package io.lookalike;

import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What products have sold together: those of each category, and all of them. Smoothed popularity
 * draws a product towards the mean of these. Written under the lock of the {@link PurchaseLog},
 * read without.
 */
final class CategorySales {

  private final SalesTotals catalogue = new SalesTotals();
  private final ConcurrentHashMap<String, Object> categoryOf = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Object, SalesTotals> byCategory = new ConcurrentHashMap<>();

  /** All products. */
  SalesTotals catalogue() {
    return catalogue;
  }

  /** A product's category, or all products if it has none or none of it has sold. */
  SalesTotals of(String productId) {
    Object category = categoryOf.get(productId);
    SalesTotals totals = category == null ? null : byCategory.get(category);
    return totals == null ? catalogue : totals;
  }

  /**
   * Follows a product, whose days change.
   *
   * @param before its days
   * @param more what is added to them
   * @param after their sum
   */
  void changed(String productId, Days before, Days more, Days after) {
    catalogue.changed(before, more, after);
    changed(categoryOf.get(productId), before, more, after);
  }

  private void changed(@Nullable Object category, Days before, Days more, Days after) {
    if (category == null || more.isEmpty()) {
      return;
    }
    SalesTotals totals = byCategory.computeIfAbsent(category, c -> new SalesTotals());
    totals.changed(before, more, after);
    if (totals.firstSales().isEmpty()) {
      byCategory.remove(category);
    }
  }

  /** Puts a product with its days into another category, or into none. */
  void categorise(String productId, @Nullable Object category, Days days) {
    Object before =
        category == null ? categoryOf.remove(productId) : categoryOf.put(productId, category);
    if (!Objects.equals(before, category)) {
      changed(before, days, days.negated(), Days.NONE);
      changed(category, Days.NONE, days, days);
    }
  }
}
