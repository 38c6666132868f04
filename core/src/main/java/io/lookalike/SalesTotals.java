package io.lookalike;

/**
 * What a group of products has sold by day, and on which days how many of them sold their first
 * piece: all that the group's mean needs. Safe for use by several threads.
 */
final class SalesTotals {

  private final DayCounts pieces = new DayCounts();
  private final DayCounts firstSales = new DayCounts();

  synchronized void sold(long day, long quantity) {
    pieces.add(day, quantity);
  }

  /** So many more products (or, if negative, fewer) sold their first piece on a day. */
  synchronized void firstSold(long day, long products) {
    firstSales.add(day, products);
  }

  synchronized void trim() {
    pieces.trim();
    firstSales.trim();
  }

  DayCounts pieces() {
    return pieces;
  }

  DayCounts firstSales() {
    return firstSales;
  }
}
