package io.lookalike;

import io.lookalike.catalog.Ids;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How often each product was bought on each day (UTC). Memory grows with the number of products and
 * of days on which each was sold, not with the number of purchases; {@link #forgetDaysBefore}
 * bounds it. Counting a purchase takes constant time, but for one that comes in on a day before the
 * last that its product was sold on: that takes as long as the product has such days. What was
 * counted does not depend on the order in which it came in.
 *
 * <p>Safe for use by several threads: counting never waits for recording, and every purchase whose
 * recording has returned is counted.
 */
public final class PurchaseLog {

  private final ConcurrentHashMap<String, Ledger> byProduct = new ConcurrentHashMap<>();
  private final LongAdder total = new LongAdder();
  private final SalesOrder order = new SalesOrder();

  private final SalesTotals catalogue = new SalesTotals();
  private final ConcurrentHashMap<String, Object> categoryOf = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Object, SalesTotals> byCategory = new ConcurrentHashMap<>();

  /** A product's purchases, written under its own lock. */
  private static final class Ledger {
    final DayCounts days = new DayCounts();
    volatile long total;
    @Nullable SalesTotals category;
    boolean categoryKnown;
  }

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
    byId.forEach((id, daily) -> Math.addExact(count(id), sum(id, daily)));
    byId.forEach(this::add);
  }

  /**
   * Counts what a product has sold day by day, as {@link #daily} tells it: the quick way to load a
   * history. Days that are counted already add up.
   *
   * @param productId what was bought; it need not be known
   * @param daily pieces sold by day (UTC), each at least 1; empty if none
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids} or a number
   *     of pieces is less than 1; nothing has been counted
   * @throws ArithmeticException if the product's pieces would no longer fit a {@code long}; nothing
   *     has been counted
   */
  public void record(String productId, Map<LocalDate, Long> daily) {
    Ids.checked(productId, "a purchase's product id");
    long more = sum(productId, daily);
    if (more > 0) {
      Math.addExact(count(productId), more);
      add(productId, new TreeMap<>(daily));
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
    Ledger ledger = byProduct.get(productId);
    return ledger == null ? 0 : ledger.total;
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
    Ledger ledger = byProduct.get(productId);
    return ledger == null ? 0 : ledger.days.between(from.toEpochDay(), until.toEpochDay());
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
   * Products by how often they were bought: most pieces first, equals by ascending id. The order is
   * kept up to date at each purchase, in O(log n) steps; to go through the first k takes O(k + log
   * n).
   *
   * <p>Each iterator goes through the order of one moment, that at which it was made: a product is
   * neither missed nor met twice because something is sold meanwhile. Every purchase whose
   * recording returned before is counted in it. {@link #count(String)} tells what is counted by
   * now, which may be more.
   *
   * @return the ids of all products of which a piece is sold, a live view
   */
  public Iterable<String> bestSellers() {
    return order;
  }

  /**
   * The products that have been bought, for a search among them alone.
   *
   * @return a live view of the ids of which a piece is sold, which cannot be changed; safe for use
   *     by several threads. {@code contains} takes constant time. An iterator meets each product
   *     that was there when it was made and stays, once; of what is first sold meanwhile it may
   *     meet some
   */
  public Set<String> soldIds() {
    return Collections.unmodifiableSet(byProduct.keySet());
  }

  /**
   * A product's purchases day by day.
   *
   * @param productId the product
   * @return pieces sold by day (UTC), in the days' order, days without sales left out
   */
  public Map<LocalDate, Long> daily(String productId) {
    var days = new TreeMap<LocalDate, Long>();
    Ledger ledger = byProduct.get(productId);
    if (ledger != null) {
      ledger.days.visit((day, count) -> days.put(LocalDate.ofEpochDay(day), count));
    }
    return days;
  }

  /** The ids that have been recorded, as they are at the time of iteration. */
  Iterable<String> productIds() {
    return byProduct.keySet();
  }

  /**
   * Whether a product's sales grow: those of a stretch of days against the stretch before it.
   *
   * @param productId the product
   * @param today the last day (UTC) that counts
   * @param days how long each stretch is, at least 1
   * @return the growth and how sure it is; no growth, and not sure at all, for what never sold
   * @throws IllegalArgumentException if {@code days} is less than 1
   */
  public Trend trend(String productId, LocalDate today, int days) {
    if (days < 1) {
      throw new IllegalArgumentException("days is " + days + ", expected 1 or more");
    }
    LocalDate end = today.plusDays(1);
    LocalDate middle = end.minusDays(days);
    return Trend.between(
        count(productId, middle.minusDays(days), middle), count(productId, middle, end));
  }

  /**
   * The last day on which anything was bought: what counts as today where past sales are replayed.
   *
   * @return the day (UTC), or nothing if there are no purchases
   */
  public Optional<LocalDate> lastDay() {
    DayCounts pieces = catalogue.pieces();
    return pieces.isEmpty() ? Optional.empty() : Optional.of(LocalDate.ofEpochDay(pieces.last()));
  }

  /**
   * Bounds the memory: of what was bought before a day, it keeps how much, but not when. Each
   * product's older pieces are counted on the first day that it was sold on, so that {@link
   * #count(String)} and {@link #total} stay what they are. After that, no product takes more than
   * one day besides those kept.
   *
   * @param day the first day (UTC) that is kept
   */
  public void forgetDaysBefore(LocalDate day) {
    byProduct.forEach((id, ledger) -> forgetDaysBefore(ledger, day.toEpochDay()));
    catalogue.trim();
    byCategory.values().forEach(SalesTotals::trim);
  }

  private void forgetDaysBefore(Ledger ledger, long until) {
    synchronized (ledger) {
      if (ledger.days.isEmpty()) {
        return;
      }
      long first = ledger.days.first();
      var older = new TreeMap<Long, Long>();
      ledger.days.visit(first + 1, until, older::put);
      older.forEach(
          (old, count) -> {
            ledger.days.add(first, count);
            ledger.days.add(old, -count);
            for (SalesTotals totals : totals(ledger)) {
              totals.sold(first, count);
              totals.sold(old, -count);
            }
          });
      ledger.days.trim();
    }
  }

  /** What all products together have sold. */
  SalesTotals catalogue() {
    return catalogue;
  }

  /** What a product's category has sold, or all products if it has none. */
  SalesTotals category(String productId) {
    Object category = categoryOf.get(productId);
    SalesTotals totals = category == null ? null : byCategory.get(category);
    return totals == null ? catalogue : totals;
  }

  /** A product's days; null if it never sold. */
  @Nullable DayCounts days(String productId) {
    Ledger ledger = byProduct.get(productId);
    return ledger == null ? null : ledger.days;
  }

  /** Says in which category a product is, from now on and for all that it has sold. */
  void categorise(String productId, @Nullable Object category) {
    if (category == null) {
      categoryOf.remove(productId);
    } else {
      categoryOf.put(productId, category);
    }
    Ledger ledger = byProduct.get(productId);
    if (ledger == null) {
      return; // its first purchase will look
    }
    synchronized (ledger) {
      SalesTotals now = totalsOf(productId);
      if (!ledger.categoryKnown || ledger.category == now) {
        return;
      }
      move(ledger, ledger.category, -1);
      move(ledger, now, 1);
      ledger.category = now;
    }
  }

  private static void move(Ledger ledger, @Nullable SalesTotals totals, int sign) {
    if (totals != null && !ledger.days.isEmpty()) {
      ledger.days.visit((day, count) -> totals.sold(day, sign * count));
      totals.firstSold(ledger.days.first(), sign);
    }
  }

  private @Nullable SalesTotals totalsOf(String productId) {
    Object category = categoryOf.get(productId);
    return category == null ? null : byCategory.computeIfAbsent(category, c -> new SalesTotals());
  }

  private List<SalesTotals> totals(Ledger ledger) {
    return ledger.category == null ? List.of(catalogue) : List.of(catalogue, ledger.category);
  }

  private void add(String productId, SortedMap<LocalDate, Long> daily) {
    daily.forEach((day, quantity) -> add(productId, day.toEpochDay(), quantity));
  }

  void add(String productId, long epochDay, long quantity) {
    Ledger ledger = byProduct.computeIfAbsent(productId, id -> new Ledger());
    synchronized (ledger) {
      long newTotal = Math.addExact(ledger.total, quantity);
      if (!ledger.categoryKnown) {
        ledger.category = totalsOf(productId);
        ledger.categoryKnown = true;
      }
      boolean isNew = ledger.days.isEmpty();
      long first = isNew ? epochDay : ledger.days.first();
      ledger.days.add(epochDay, quantity);
      for (SalesTotals totals : totals(ledger)) {
        totals.sold(epochDay, quantity);
        if (isNew) {
          totals.firstSold(epochDay, 1);
        } else if (epochDay < first) {
          totals.firstSold(first, -1);
          totals.firstSold(epochDay, 1);
        }
      }
      synchronized (order) {
        order.move(productId, ledger.total, newTotal);
      }
      ledger.total = newTotal;
    }
    total.add(quantity);
  }

  private static long sum(String productId, Map<LocalDate, Long> daily) {
    long sum = 0;
    for (Map.Entry<LocalDate, Long> e : daily.entrySet()) {
      if (e.getValue() < 1) {
        throw new IllegalArgumentException(
            productId
                + " has quantity "
                + e.getValue()
                + " on "
                + e.getKey()
                + ", expected 1 or more");
      }
      sum = Math.addExact(sum, e.getValue());
    }
    return sum;
  }

  private static LocalDate day(Instant time) {
    try {
      return LocalDate.ofInstant(time, ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("the purchase's time " + time + " is no calendar day", e);
    }
  }
}
