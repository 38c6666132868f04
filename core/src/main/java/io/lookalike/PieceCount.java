package io.lookalike;

import java.time.LocalDate;

/** See {@link Popularity#purchases}. */
enum PieceCount implements Popularity {
  ALL;

  @Override
  public double of(Candidate candidate, PurchaseLog purchases, LocalDate today) {
    return upTo(today.toEpochDay(), candidate, purchases);
  }

  /**
   * A candidate's pieces less those that the log knows to have been sold later: a candidate may be
   * older than the log's latest purchase, or stand for one in a test, of which the log knows
   * nothing.
   */
  static long upTo(long day, Candidate candidate, PurchaseLog purchases) {
    Days days = purchases.days(candidate.product().id());
    boolean all = days.isEmpty() || days.last() <= day;
    return all
        ? candidate.sales()
        : Math.max(0, candidate.sales() - days.between(day + 1, Long.MAX_VALUE));
  }

  /** Returns the settings in words. */
  @Override
  public String toString() {
    return "pieces sold";
  }
}
