package io.lookalike;

import java.time.LocalDate;

/**
 * How popular a product is on a day. Higher is more popular; 0 is the least. Implementations are
 * safe for use by several threads and give the same for the same log, whatever the order in which
 * its purchases came in.
 *
 * <p>Formulas and sources are in {@code docs/ranking.md}.
 */
@FunctionalInterface
public interface Popularity {

  /**
   * Tells how popular a product is.
   *
   * @param candidate the product, with its sales up to {@code today}
   * @param purchases all purchases recorded, also those of later days
   * @param today the last day (UTC) that counts
   * @return finite, at least 0
   */
  double of(Candidate candidate, PurchaseLog purchases, LocalDate today);

  /** Pieces sold, each weighted by how long ago that was. */
  interface Weighted extends Popularity {

    /**
     * Pieces a day instead of pieces, drawn towards the mean of the product's {@linkplain
     * RecommenderBuilder#categoryBy category} (or of the catalogue): what sold 3 pieces on its
     * first two days is not yet known to sell better than what sold 300 in a year. A product that
     * has been on sale for as many days as this prior counts half with its own sales.
     *
     * @param priorDays how many days of the mean's sales are added to each product's own, greater
     *     than 0
     * @return the smoothed popularity
     * @throws IllegalArgumentException if it is not finite or not greater than 0
     */
    Popularity smoothed(double priorDays);
  }

  /**
   * All pieces sold up to the day: the paper's purchase frequency.
   *
   * @return the popularity
   */
  static Popularity purchases() {
    return PieceCount.ALL;
  }

  /**
   * The pieces sold in a sliding window.
   *
   * @param days how many days count, at least 1; 1 is today alone
   * @return the popularity
   * @throws IllegalArgumentException if it is less than 1
   */
  static Weighted window(int days) {
    if (days < 1) {
      throw new IllegalArgumentException("days is " + days + ", expected 1 or more");
    }
    return new WeightedSales(TimeDecay.window(days), 0);
  }

  /**
   * Pieces sold, of which each counts half as much after a half-life.
   *
   * @param halfLifeDays in days, greater than 0
   * @return the popularity
   * @throws IllegalArgumentException if it is not finite or not greater than 0
   */
  static Weighted decay(double halfLifeDays) {
    return new WeightedSales(TimeDecay.decay(halfLifeDays), 0);
  }

  /**
   * By what factor sales have grown at least (95 % sure) from one stretch of days to the next:
   * above 1 for what certainly sells better than before. See {@link PurchaseLog#trend}.
   *
   * @param days how long each of the two stretches is, at least 1
   * @return the popularity
   * @throws IllegalArgumentException if it is less than 1
   */
  static Popularity trend(int days) {
    if (days < 1) {
      throw new IllegalArgumentException("days is " + days + ", expected 1 or more");
    }
    return new SalesTrend(days);
  }
}
