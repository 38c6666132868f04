package io.lookalike;

import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;

/**
 * Sales weighted by their age, as they are or as a smoothed rate.
 *
 * @param decay the weights
 * @param priorDays of a mean product's sales to add; 0 for none, and pieces instead of a rate
 */
record WeightedSales(TimeDecay decay, double priorDays) implements Popularity.Weighted {

  @Override
  public Popularity smoothed(double days) {
    if (!(days > 0) || !Double.isFinite(days)) {
      throw new IllegalArgumentException("priorDays is " + days + ", expected more than 0");
    }
    return new WeightedSales(decay, days);
  }

  @Override
  public double of(Candidate candidate, PurchaseLog purchases, LocalDate today) {
    return new Day(purchases, today).of(candidate);
  }

  /** Returns the settings in words. */
  @Override
  public String toString() {
    return "pieces sold, "
        + decay
        + (priorDays == 0 ? "" : ", a day, smoothed by " + priorDays + " days of the mean's");
  }

  /** Popularities of one day, with each mean computed once. */
  final class Day {
    private final PurchaseLog purchases;
    private final long now;
    private final Map<SalesTotals, Double> means = new HashMap<>();

    Day(PurchaseLog purchases, LocalDate today) {
      this.purchases = purchases;
      this.now = today.toEpochDay();
    }

    double of(Candidate candidate) {
      String id = candidate.product().id();
      Days days = purchases.days(id);
      // More may have come back of late than was sold.
      double pieces = Math.max(0, pieces(days, now));
      if (priorDays == 0) {
        return pieces;
      }
      // The mean of a gamma posterior: the prior is worth priorDays days at the mean rate.
      double mean = mean(purchases.category(id));
      if (mean == 0) {
        mean = mean(purchases.catalogue());
      }
      return (pieces + priorDays * mean) / (exposure(days, now) + priorDays);
    }

    private double mean(SalesTotals totals) {
      return means.computeIfAbsent(totals, t -> WeightedSales.this.mean(t, now));
    }
  }

  private double pieces(Days days, long now) {
    var sum = new Sum();
    days.visit(firstDay(now), now + 1, (day, count) -> sum.add(count * decay.weight(now - day)));
    return sum.value;
  }

  /** For how many (weighted) days a product has been on sale, told by its first sale. */
  private double exposure(Days days, long now) {
    return days.isEmpty() || days.first() > now ? 0 : decay.sum(now - days.first());
  }

  /** Pieces a day and product. */
  private double mean(SalesTotals totals, long now) {
    var onSale = new Sum();
    totals
        .firstSales()
        .visit(
            Long.MIN_VALUE,
            now + 1,
            (day, products) -> onSale.add(products * decay.sum(now - day)));
    return onSale.value > 0 ? Math.max(0, pieces(totals.pieces(), now)) / onSale.value : 0;
  }

  private long firstDay(long now) {
    return decay.end() == Long.MAX_VALUE ? Long.MIN_VALUE : now - decay.end() + 1;
  }

  private static final class Sum {
    double value;

    void add(double more) {
      value += more;
    }
  }
}
