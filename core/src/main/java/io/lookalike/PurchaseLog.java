package io.lookalike;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often each product was bought on each day (UTC). Memory grows with the number of products and
 * of days on which each was sold, not with the number of purchases.
 *
 * <p>Safe for use by several threads: counting never waits for recording, and every purchase whose
 * recording has returned is counted.
 */
public final class PurchaseLog {

  private final ConcurrentHashMap<String, DailyCounts> byProduct = new ConcurrentHashMap<>();
  private final LongAdder total = new LongAdder();

  /** Creates an empty log. */
  public PurchaseLog() {}

  /**
   * Counts a purchase.
   *
   * @param purchase what was bought, when and how many; its product need not be known
   * @throws IllegalArgumentException if the time lies beyond the years that a {@link LocalDate} has
   * @throws ArithmeticException if the product's pieces would no longer fit a {@code long}; nothing
   *     has been counted
   */
  public void record(Purchase purchase) {
    add(purchase.productId(), day(purchase.time()).toEpochDay(), purchase.quantity());
  }

  /**
   * Counts many purchases, after all of them have been looked at. While this runs, others may see
   * some of them counted and others not yet.
   *
   * @param purchases what was bought, when and how many; their products need not be known
   * @throws IllegalArgumentException if a time lies beyond the years that a {@link LocalDate} has;
   *     nothing has been counted
   * @throws ArithmeticException if a product's pieces would no longer fit a {@code long}; nothing
   *     has been counted
   */
  void recordAll(Iterable<Purchase> purchases) {
    var byId = new LinkedHashMap<String, TreeMap<LocalDate, Long>>();
    for (Purchase purchase : purchases) {
      Objects.requireNonNull(purchase, "a purchase");
      byId.computeIfAbsent(purchase.productId(), id -> new TreeMap<>())
          .merge(day(purchase.time()), purchase.quantity(), Math::addExact);
    }
    var more = new LinkedHashMap<String, DailyCounts>();
    byId.forEach((id, daily) -> more.put(id, DailyCounts.of(id, daily)));
    more.forEach((id, counts) -> Math.addExact(count(id), counts.total));
    more.forEach(this::add);
  }

  /**
   * Counts what a product has sold day by day, as {@link #daily} tells it: the quick way to load a
   * history. Days that are counted already add up.
   *
   * @param productId what was bought; it need not be known
   * @param daily pieces sold by day (UTC), each at least 1; empty if none
   * @throws IllegalArgumentException if the id is blank or a number of pieces is less than 1;
   *     nothing has been counted
   * @throws ArithmeticException if the product's pieces would no longer fit a {@code long}; nothing
   *     has been counted
   */
  public void record(String productId, Map<LocalDate, Long> daily) {
    if (productId.isBlank()) {
      throw new IllegalArgumentException("a purchase's product id is blank, expected a text");
    }
    DailyCounts more = DailyCounts.of(productId, daily);
    if (more.total > 0) {
      add(productId, more);
    }
  }

  /**
   * All purchases of a product.
   *
   * @param productId the product
   * @return pieces sold, 0 if none
   */
  public long count(String productId) {
    Objects.requireNonNull(productId, "productId");
    DailyCounts counts = byProduct.get(productId);
    return counts == null ? 0 : counts.total;
  }

  /**
   * The purchases of a product in a stretch of days, such as those before a replay's cut.
   *
   * @param productId the product
   * @param from the first day (UTC) that counts
   * @param until the first day after {@code from} that no longer counts
   * @return pieces sold, 0 if none
   */
  public long count(String productId, LocalDate from, LocalDate until) {
    DailyCounts counts = byProduct.get(productId);
    return counts == null ? 0 : counts.between(from.toEpochDay(), until.toEpochDay());
  }

  /**
   * All purchases of all products.
   *
   * @return pieces sold
   */
  public long total() {
    return total.sum();
  }

  /**
   * How many products have been bought at least once.
   *
   * @return the number of distinct ids recorded
   */
  public int products() {
    return byProduct.size();
  }

  /**
   * A product's purchases day by day.
   *
   * @param productId the product
   * @return pieces sold by day (UTC), in the days' order, days without sales left out
   */
  public Map<LocalDate, Long> daily(String productId) {
    var days = new TreeMap<LocalDate, Long>();
    DailyCounts counts = byProduct.get(productId);
    if (counts != null) {
      for (int i = 0; i < counts.days.length; i++) {
        days.put(LocalDate.ofEpochDay(counts.days[i]), counts.counts[i]);
      }
    }
    return days;
  }

  /** The ids that have been recorded, as they are at the time of iteration. */
  Iterable<String> productIds() {
    return byProduct.keySet();
  }

  private void add(String productId, DailyCounts more) {
    byProduct.merge(productId, more, DailyCounts::plus);
    total.add(more.total);
  }

  void add(String productId, long epochDay, long quantity) {
    byProduct.compute(
        productId,
        (id, counts) -> (counts == null ? DailyCounts.NONE : counts).plus(epochDay, quantity));
    total.add(quantity);
  }

  private static LocalDate day(Instant time) {
    try {
      return LocalDate.ofInstant(time, ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("the purchase's time " + time + " is no calendar day", e);
    }
  }

  /** Immutable, so that readers need no lock; a purchase on a known day copies one array. */
  private record DailyCounts(long[] days, long[] counts, long total) {
    static final DailyCounts NONE = new DailyCounts(new long[0], new long[0], 0);

    static DailyCounts of(String productId, Map<LocalDate, Long> daily) {
      boolean inOrder =
          daily instanceof SortedMap<LocalDate, Long> sorted && sorted.comparator() == null;
      Map<LocalDate, Long> ordered = inOrder ? daily : new TreeMap<>(daily);
      long[] days = new long[ordered.size()];
      long[] counts = new long[days.length];
      long total = 0;
      int n = 0;
      for (Map.Entry<LocalDate, Long> e : ordered.entrySet()) {
        if (e.getValue() < 1) {
          throw new IllegalArgumentException(
              productId
                  + " has quantity "
                  + e.getValue()
                  + " on "
                  + e.getKey()
                  + ", expected 1 or more");
        }
        days[n] = e.getKey().toEpochDay();
        counts[n++] = e.getValue();
        total = Math.addExact(total, e.getValue());
      }
      return new DailyCounts(days, counts, total);
    }

    /** Merges two histories. */
    DailyCounts plus(DailyCounts more) {
      long newTotal = Math.addExact(total, more.total);
      long[] newDays = new long[days.length + more.days.length];
      long[] newCounts = new long[newDays.length];
      int n = 0;
      for (int i = 0, j = 0; i < days.length || j < more.days.length; n++) {
        long day =
            j == more.days.length || (i < days.length && days[i] < more.days[j])
                ? days[i]
                : more.days[j];
        newDays[n] = day;
        if (i < days.length && days[i] == day) {
          newCounts[n] += counts[i++];
        }
        if (j < more.days.length && more.days[j] == day) {
          newCounts[n] += more.counts[j++];
        }
      }
      return new DailyCounts(Arrays.copyOf(newDays, n), Arrays.copyOf(newCounts, n), newTotal);
    }

    DailyCounts plus(long day, long quantity) {
      long newTotal = Math.addExact(total, quantity);
      int at = Arrays.binarySearch(days, day);
      if (at >= 0) {
        long[] newCounts = counts.clone();
        newCounts[at] += quantity;
        return new DailyCounts(days, newCounts, newTotal);
      }
      int insert = -at - 1;
      return new DailyCounts(
          inserted(days, insert, day), inserted(counts, insert, quantity), newTotal);
    }

    long between(long from, long until) {
      long sum = 0;
      for (int i = firstFrom(from); i < days.length && days[i] < until; i++) {
        sum += counts[i];
      }
      return sum;
    }

    private int firstFrom(long day) {
      int at = Arrays.binarySearch(days, day);
      return at >= 0 ? at : -at - 1;
    }

    private static long[] inserted(long[] values, int at, long value) {
      long[] longer = Arrays.copyOf(values, values.length + 1);
      System.arraycopy(values, at, longer, at + 1, values.length - at);
      longer[at] = value;
      return longer;
    }
  }
}
