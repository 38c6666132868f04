package io.lookalike;

/**
 * What a group of products has sold by day, and on which days how many of them sold their first
 * piece: all that the group's mean needs. Writers take turns, by their owner's lock; readers need
 * none, and may see a purchase in the one before it is in the other.
 */
final class SalesTotals {

  private final DayCounts pieces = new DayCounts();
  private final DayCounts firstSales = new DayCounts();

  /**
   * Follows a product, whose days change.
   *
   * @param before its days
   * @param more what is added to them
   * @param after their sum
   */
  void changed(Days before, Days more, Days after) {
    pieces.add(more);
    boolean same = !before.isEmpty() && !after.isEmpty() && before.first() == after.first();
    if (!same) {
      firstSales.add(first(after, 1).plus(first(before, -1)));
    }
  }

  private static Days first(Days days, int products) {
    return days.isEmpty() ? Days.NONE : Days.of(days.first(), products);
  }

  Days pieces() {
    return pieces.now();
  }

  Days firstSales() {
    return firstSales.now();
  }
}
