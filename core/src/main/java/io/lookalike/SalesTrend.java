package io.lookalike;

import java.time.LocalDate;

/**
 * See {@link Popularity#trend}.
 *
 * @param days how long each stretch is
 */
record SalesTrend(int days) implements Popularity {

  /** Standard errors to take off, to be 95 % sure (one-sided). */
  private static final double SURE = 1.645;

  @Override
  public double of(Candidate candidate, PurchaseLog purchases, LocalDate today) {
    return Math.exp(purchases.trend(candidate.product().id(), today, days).atLeast(SURE));
  }

  /** Returns the settings in words. */
  @Override
  public String toString() {
    return "growth of sales over " + days + " days";
  }
}
