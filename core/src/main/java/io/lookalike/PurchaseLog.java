package io.lookalike;

import io.lookalike.catalog.Ids;
import io.lookalike.store.StoreChange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often each product was bought on each day (UTC). Memory grows with the number of products and
 * of days on which each was sold, not with the number of purchases; {@link #forgetDaysBefore}
 * bounds it.
 *
 * <p><b>Returns.</b> A {@link Purchase} of fewer than 0 pieces takes pieces away, on the day on
 * which they came back; a product's total never falls below 0. A product whose pieces all came back
 * counts as never sold, whatever day is asked about: the log forgets its days.
 *
 * <p><b>Delivered twice.</b> Of purchases with the same {@linkplain Purchase#id id} the first one
 * counts. The log remembers the ids of the latest 200,000 purchases that had one, which takes about
 * 25 MB; what is delivered again after more than these is counted again.
 *
 * <p>Counting a purchase takes O(log n) steps for n products, but for a return, or for one that
 * comes in on a day before the last that its product was sold on: that takes as long as its product
 * and its category have days. What was counted does not depend on the order in which it came in,
 * unless all pieces of a product came back in between.
 *
 * <p>Safe for use by several threads: reading never waits, and every purchase whose recording has
 * returned is counted. Those who record take turns. What one method reads of one product are the
 * days of one moment, and perhaps some purchases that are recorded meanwhile; a return or the
 * forgetting of days is seen whole or not at all. Between products nothing is promised but by
 * {@link #copy} and {@link #bestSellers}.
 */
public final class PurchaseLog {

  private static final Logger LOG = LoggerFactory.getLogger(PurchaseLog.class);

  private static final long SECONDS_A_DAY = 86_400;

  private final ConcurrentHashMap<String, Ledger> byProduct = new ConcurrentHashMap<>();
  private final SalesOrder order = new SalesOrder();
  private final CategorySales categories = new CategorySales();
  private volatile long total;

  /** Counted after each change of the above. */
  private volatile long changes;

  /** Held for every change. */
  private final ReentrantLock writing = new ReentrantLock();

  /** What sold best up to a day before the last, as of a change. */
  private record PastOrder(long changes, long day, List<String> ids) {}

  private volatile @Nullable PastOrder pastOrder;

  private final PurchaseIds ids = new PurchaseIds();

  private volatile @Nullable Keeper keeper;

  /**
   * All products' and days' pieces, without their signs: as long as these fit, so does every sum.
   */
  private long magnitude;

  /** A product's purchases; one that has none has no ledger. */
  private static final class Ledger {
    final DayCounts days = new DayCounts();
    volatile long total;
  }

  /** What is to be counted of a product, after it has been checked. */
  private record Change(String id, Days before, Days more, long totalBefore, long total) {
    /** Whether no piece is left. */
    boolean ends() {
      return total == 0;
    }
  }

  /** Creates an empty log. */
  public PurchaseLog() {}

  /**
   * Counts a purchase, or takes off what came back.
   *
   * @param purchase what was bought, when and how many; its product need not be known
   * @return whether it was counted: false if a purchase with its id was before
   * @throws IllegalArgumentException if the time lies beyond the years that a {@link LocalDate}
   *     has, or if more pieces come back than were sold; nothing has been counted
   * @throws ArithmeticException if all pieces sold, of all products, would no longer fit a {@code
   *     long}, returned ones on other days counted as well; nothing has been counted
   */
  public boolean record(Purchase purchase) {
    if (keeper != null) {
      return !write(() -> counted(List.of(purchase))).isEmpty();
    }
    long day = day(purchase.time());
    writing.lock();
    try {
      if (ids.contains(purchase.id())) {
        return false;
      }
      count(purchase.productId(), Days.of(day, purchase.quantity()));
      ids.add(purchase.id());
      return true;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Counts many purchases: all of them, or, if that cannot be, none. They are taken together, so
   * that a return may come before its sale. While this runs, others who record wait, and readers
   * may see the purchases of some products and not yet those of others.
   *
   * @param purchases what was bought, when and how many, read to the end before anything is
   *     counted; their products need not be known. Those whose ids were counted before, or come
   *     twice, are left out
   * @throws IllegalArgumentException as {@link #record(Purchase)}; nothing has been counted
   * @throws ArithmeticException as {@link #record(Purchase)}; nothing has been counted
   */
  public void recordAll(Iterable<Purchase> purchases) {
    var all = new ArrayList<Purchase>();
    for (Purchase purchase : purchases) {
      all.add(Objects.requireNonNull(purchase, "a purchase"));
    }
    if (!all.isEmpty()) {
      write(() -> counted(all));
    }
  }

  /**
   * Counts what a product has sold day by day, as {@link #daily} tells it: the quick way to load a
   * history. Days that are counted already add up. Readers see all of it or nothing.
   *
   * @param productId what was bought; it need not be known
   * @param daily pieces sold by day (UTC), none of them 0; less than 0 where more came back than
   *     were sold; empty if none
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids}, a number
   *     of pieces is 0, or more came back than were sold; nothing has been counted
   * @throws ArithmeticException as {@link #record(Purchase)}; nothing has been counted
   */
  public void record(String productId, Map<LocalDate, Long> daily) {
    Ids.checked(productId, "a purchase's product id");
    var more = new TreeMap<Long, Long>();
    daily.forEach(
        (day, pieces) -> {
          if (pieces == 0) {
            throw new IllegalArgumentException(
                productId
                    + " has quantity 0 on "
                    + day
                    + ", expected 1 or more, or -1 or less for what came back");
          }
          more.put(day.toEpochDay(), pieces);
        });
    write(() -> counted(Map.of(productId, more), List.of()));
  }

  /**
   * All purchases of a product, less what came back.
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
   * @return pieces sold, 0 if none; less than 0 if more came back in these days than were sold
   */
  public long count(String productId, LocalDate from, LocalDate until) {
    return days(productId).between(from.toEpochDay(), until.toEpochDay());
  }

  /**
   * All purchases of all products, less what came back.
   *
   * @return pieces sold
   */
  public long total() {
    return total;
  }

  /**
   * How many products have sold.
   *
   * @return the number of products of which a piece is sold
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
   * As {@link #bestSellers()}, by what was sold up to a moment's day (UTC). That is the order which
   * is kept, unless something was sold later: then all products are counted and sorted, once until
   * something else is counted or another day is asked about.
   */
  Iterable<String> bestSellers(Instant now) {
    // Read first: what is counted while they are sorted makes it an order of before.
    long known = changes;
    long day = anyDay(now);
    Days pieces = categories.catalogue().pieces();
    if (pieces.isEmpty() || pieces.last() <= day) {
      return order;
    }
    PastOrder before = pastOrder;
    if (before == null || before.changes != known || before.day != day) {
      before = new PastOrder(known, day, sorted(now));
      pastOrder = before;
    }
    return before.ids;
  }

  private List<String> sorted(Instant now) {
    Map<String, Long> sold = new HashMap<>();
    for (String id : byProduct.keySet()) {
      long count = count(id, now);
      if (count > 0) {
        sold.put(id, count);
      }
    }
    return sold.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Pieces of a product that were sold up to a moment's day (UTC). */
  long count(String productId, Instant now) {
    return Math.max(0, before(productId, anyDay(now) + 1));
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
   * A product's purchases day by day. With {@link #soldIds}, all that the log knows.
   *
   * @param productId the product
   * @return pieces sold by day (UTC), in the days' order, less what came back on that day; days
   *     without either left out
   */
  public Map<LocalDate, Long> daily(String productId) {
    var daily = new TreeMap<LocalDate, Long>();
    days(productId).visit((day, count) -> daily.put(LocalDate.ofEpochDay(day), count));
    return daily;
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
    Days sold = days(productId);
    long end = today.toEpochDay() + 1;
    long middle = end - days;
    return Trend.between(sold.between(middle - days, middle), sold.between(middle, end));
  }

  /**
   * The last day on which anything was bought: what counts as today where past sales are replayed.
   *
   * @return the day (UTC), or nothing if there are no purchases
   */
  public Optional<LocalDate> lastDay() {
    Days pieces = categories.catalogue().pieces();
    return pieces.isEmpty() ? Optional.empty() : Optional.of(LocalDate.ofEpochDay(pieces.last()));
  }

  /**
   * Bounds the memory: of what was bought before a day, it keeps how much, but not when. Each
   * product's older pieces are counted on the first day that it was sold on, so that {@link
   * #count(String)} and {@link #total} stay what they are. After that, no product takes more than
   * one day besides those kept.
   *
   * <p>Of each product, readers and {@link #copy} see the days before this or after; a product's
   * days are put together one product after the other, and purchases are recorded in between.
   *
   * @param day the first day (UTC) that is kept
   */
  public void forgetDaysBefore(LocalDate day) {
    long until = day.toEpochDay();
    for (String id : byProduct.keySet()) {
      Keeper store = keeper;
      if (store == null) {
        forgotten(id, until);
      } else {
        store.keepNow(() -> forgotten(id, until));
      }
    }
  }

  /**
   * A log of its own that knows what this one knows at one moment, ids of purchases included. Those
   * who record wait while it looks at each product.
   *
   * @return the copy
   */
  public PurchaseLog copy() {
    return of(content());
  }

  /**
   * Saves what the log knows at one moment, ids of purchases included, to a file that is replaced
   * whole or not at all. Those who record wait while this looks at each product, not while it
   * writes.
   *
   * @param file where to; a file that is there is replaced, or stays if anything fails
   * @throws IOException if it cannot be written; the message names the file and the reason
   */
  public void save(Path file) throws IOException {
    Objects.requireNonNull(file, "file");
    PurchaseFile.save(content(), file);
  }

  /**
   * Loads a saved log.
   *
   * @param file where {@link #save} wrote it
   * @return a log of its own, which the file does not follow
   * @throws IOException if it cannot be read, is no purchase log, is of a newer version, or is
   *     damaged, which a checksum tells; the message names the file and says what to do
   */
  public static PurchaseLog load(Path file) throws IOException {
    Objects.requireNonNull(file, "file");
    PurchaseFile.Content content = PurchaseFile.read(file);
    try {
      return of(content);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw PurchaseFile.damaged(file, e);
    }
  }

  private PurchaseFile.Content content() {
    writing.lock();
    try {
      var products = new ArrayList<Map.Entry<String, Days>>(byProduct.size());
      byProduct.forEach((id, ledger) -> products.add(Map.entry(id, ledger.days.now().copy())));
      return new PurchaseFile.Content(products, ids.all());
    } finally {
      writing.unlock();
    }
  }

  private static PurchaseLog of(PurchaseFile.Content content) {
    var log = new PurchaseLog();
    log.writing.lock(); // nobody else has it, but what changes a log holds its lock
    try {
      content.products().forEach(product -> log.count(product.getKey(), product.getValue()));
      content.ids().forEach(log.ids::add);
    } finally {
      log.writing.unlock();
    }
    return log;
  }

  /** Pieces sold before a day: mostly all, which need not be added up. */
  long before(String productId, long day) {
    Ledger ledger = byProduct.get(productId);
    if (ledger == null) {
      return 0;
    }
    Days days = ledger.days.now();
    return days.isEmpty() || days.last() < day ? ledger.total : days.between(Long.MIN_VALUE, day);
  }

  /** A product's days; none if it never sold. */
  Days days(String productId) {
    Objects.requireNonNull(productId, "productId");
    Ledger ledger = byProduct.get(productId);
    return ledger == null ? Days.NONE : ledger.days.now();
  }

  /** What all products together have sold. */
  SalesTotals catalogue() {
    return categories.catalogue();
  }

  /** What a product's category has sold, or all products if it has none. */
  SalesTotals category(String productId) {
    return categories.of(productId);
  }

  /** Says in which category a product is, from now on and for all that it has sold. */
  void categorise(String productId, @Nullable Object category) {
    writing.lock();
    try {
      categories.categorise(productId, category, days(productId));
    } finally {
      writing.unlock();
    }
  }

  // ---- writing

  /** What has been counted, for a store to remember; one thread at a time looks at it. */
  final class Counted {
    private final List<Change> counted;
    private final List<StoreChange.Sold> rows;

    private Counted(List<Change> counted, List<StoreChange.Sold> rows) {
      this.counted = counted;
      this.rows = rows;
    }

    /** As a store takes it. */
    List<StoreChange> changes() {
      var changes = new ArrayList<StoreChange>(rows);
      for (Change change : counted) {
        if (change.ends()) {
          changes.add(new StoreChange.Unsold(change.id));
        }
      }
      return changes;
    }

    private Set<String> products() {
      return counted.stream().map(Change::id).collect(Collectors.toSet());
    }

    /** Takes back what was counted of some products; it stays to be counted again. */
    private void takeOut(Set<String> products) {
      for (Change change : counted) {
        if (products.contains(change.id)) {
          count(change.id, change.ends() ? change.before : change.more.negated());
        }
      }
      for (StoreChange.Sold row : rows) {
        if (products.contains(row.productId())) {
          ids.remove(row.id());
        }
      }
    }

    /** Counts again what was taken out, as far as that can be by now. */
    private void countAgain(Set<String> products) {
      var again = new LinkedHashMap<String, List<StoreChange.Sold>>();
      for (StoreChange.Sold row : rows) {
        if (products.contains(row.productId()) && !ids.contains(row.id())) {
          again.computeIfAbsent(row.productId(), id -> new ArrayList<>()).add(row);
        }
      }
      counted.removeIf(change -> products.contains(change.id));
      rows.removeIf(row -> products.contains(row.productId()));
      again.forEach(
          (id, sold) -> {
            countWhatFits(id, sold);
            rows.addAll(sold);
            sold.forEach(row -> ids.add(row.id()));
          });
    }

    private void countWhatFits(String id, List<StoreChange.Sold> sold) {
      while (!sold.isEmpty()) {
        try {
          counted.add(count(id, Days.of(sums(sold))));
          return;
        } catch (IllegalArgumentException | ArithmeticException e) {
          StoreChange.Sold surplus = sold.remove(lastReturn(sold));
          LOG.warn(
              "{} pieces of {} on {} (purchase {}) were counted here and are left out, since another"
                  + " process has changed what is sold before they were written: {}",
              surplus.pieces(),
              id,
              surplus.day(),
              surplus.id() == null ? "without id" : surplus.id(),
              e.getMessage());
        }
      }
    }
  }

  private static TreeMap<Long, Long> sums(List<StoreChange.Sold> sold) {
    var sums = new TreeMap<Long, Long>();
    for (StoreChange.Sold row : sold) {
      sums.merge(row.day().toEpochDay(), row.pieces(), PurchaseLog::exactly);
    }
    return sums;
  }

  /** The place of the last return, or of the last sale if nothing came back. */
  private static int lastReturn(List<StoreChange.Sold> sold) {
    for (int i = sold.size() - 1; i >= 0; i--) {
      if (sold.get(i).pieces() < 0) {
        return i;
      }
    }
    return sold.size() - 1;
  }

  /** Makes durable what is counted. */
  interface Keeper {
    /**
     * Counts, and returns when what was counted is durable. If that fails, it is taken back.
     *
     * @param counting called on any thread, again if what it counted was taken back; what it throws
     *     is thrown here
     */
    List<StoreChange> keep(Supplier<Counted> counting);

    /** As {@link #keep}, of what depends on all that others have counted: it is never delayed. */
    List<StoreChange> keepNow(Supplier<Counted> counting);
  }

  /** From now on, everything that is counted goes to a store first. */
  void keptBy(Keeper store) {
    keeper = store;
  }

  private List<StoreChange> write(Supplier<Counted> counting) {
    Keeper store = keeper;
    return store == null ? counting.get().changes() : store.keep(counting);
  }

  private Counted counted(List<Purchase> purchases) {
    writing.lock();
    try {
      var byId = new LinkedHashMap<String, TreeMap<Long, Long>>();
      var fresh = new ArrayList<Purchase>(purchases.size());
      var seen = new HashSet<String>();
      for (Purchase purchase : purchases) {
        String id = purchase.id();
        if (id == null || (!ids.contains(id) && seen.add(id))) {
          fresh.add(purchase);
          byId.computeIfAbsent(purchase.productId(), p -> new TreeMap<>())
              .merge(day(purchase.time()), purchase.quantity(), PurchaseLog::exactly);
        }
      }
      return counted(byId, fresh);
    } finally {
      writing.unlock();
    }
  }

  /**
   * Counts pieces by product and day.
   *
   * @param single the purchases that these pieces are of; empty where only the sums are known
   */
  private Counted counted(
      Map<String, ? extends SortedMap<Long, Long>> pieces, List<Purchase> single) {
    writing.lock();
    try {
      var changes = new ArrayList<Change>(pieces.size());
      pieces.forEach((id, daily) -> changes.add(change(id, Days.of(daily))));
      magnitude = magnitudeAfter(changes);
      changes.forEach(this::apply);
      single.forEach(purchase -> ids.add(purchase.id()));
      return new Counted(changes, keeper == null ? List.of() : toStore(changes, single));
    } finally {
      writing.unlock();
    }
  }

  private static List<StoreChange.Sold> toStore(List<Change> changes, List<Purchase> single) {
    var rows = new ArrayList<StoreChange.Sold>();
    for (Purchase purchase : single) {
      rows.add(
          new StoreChange.Sold(
              purchase.productId(),
              LocalDate.ofEpochDay(day(purchase.time())),
              purchase.quantity(),
              purchase.id()));
    }
    if (single.isEmpty()) {
      for (Change change : changes) {
        change.more.visit(
            (day, n) ->
                rows.add(new StoreChange.Sold(change.id, LocalDate.ofEpochDay(day), n, null)));
      }
    }
    return rows;
  }

  /** Adds a product's days up on the first of them that is before another. */
  private Counted forgotten(String id, long until) {
    writing.lock();
    try {
      Days days = days(id);
      var older = new TreeMap<Long, Long>();
      if (!days.isEmpty()) {
        long first = days.first();
        days.visit(first + 1, until, (old, pieces) -> older.put(old, -pieces));
        older.put(first, days.between(first + 1, until));
      }
      return older.size() > 1
          ? counted(Map.of(id, older), List.of())
          : new Counted(List.of(), List.of());
    } finally {
      writing.unlock();
    }
  }

  /**
   * Counts what others have sold, as a store tells it, before what is counted here and not in the
   * store yet. Of that, what has the same id as a purchase that is told is left out, and so, with a
   * warning, are returns of more pieces than are sold then. Readers see products whose counts
   * depend on the order without their unwritten pieces for a moment.
   *
   * @param unwritten what is not in the store yet, in the order in which it was counted
   */
  void replay(List<StoreChange> told, List<Counted> unwritten) {
    writing.lock();
    try {
      Set<String> disputed = disputed(told, unwritten);
      takeOut(unwritten, disputed);
      try {
        replay(told.iterator());
      } finally {
        unwritten.forEach(counted -> counted.countAgain(disputed));
      }
    } finally {
      writing.unlock();
    }
  }

  /**
   * Takes back what is not written after all, whatever was counted later.
   *
   * @param unwritten what is not in the store yet, in the order in which it was counted; what is
   *     taken back is among it
   */
  void withdraw(Counted gone, List<Counted> unwritten) {
    writing.lock();
    try {
      Set<String> products = gone.products();
      takeOut(unwritten, products);
      for (Counted counted : unwritten) {
        if (!counted.equals(gone)) {
          counted.countAgain(products);
        }
      }
    } finally {
      writing.unlock();
    }
  }

  /** The last first: each is taken out of what it was counted into. */
  private static void takeOut(List<Counted> unwritten, Set<String> products) {
    for (int i = unwritten.size() - 1; i >= 0; i--) {
      unwritten.get(i).takeOut(products);
    }
  }

  /**
   * The products of which it matters in which order is counted what others and what this process
   * sold: returns need their sales, the first purchase of an id counts. If the numbers come near
   * what fits, all.
   */
  private Set<String> disputed(List<StoreChange> told, List<Counted> unwritten) {
    if (unwritten.isEmpty()) {
      return Set.of();
    }
    var sold = new HashSet<String>();
    var returned = new HashSet<String>();
    var toldIds = new HashSet<String>();
    double most = magnitude;
    for (StoreChange change : told) {
      if (change instanceof StoreChange.Sold row) {
        (row.pieces() < 0 ? returned : sold).add(row.productId());
        most += Math.abs((double) row.pieces());
        if (row.id() != null) {
          toldIds.add(row.id());
        }
      } else if (change instanceof StoreChange.Unsold unsold) {
        returned.add(unsold.productId());
      }
    }
    var disputed = new HashSet<String>();
    for (Counted counted : unwritten) {
      for (StoreChange.Sold row : counted.rows) {
        String product = row.productId();
        if (returned.contains(product)
            || (row.pieces() < 0 && sold.contains(product))
            || (row.id() != null && toldIds.contains(row.id()))
            || most > Long.MAX_VALUE / 4.0) {
          disputed.add(product);
        }
      }
    }
    return disputed;
  }

  /**
   * Counts what a store tells, not to be stored again. What was counted together was checked
   * together: a return may be told before its sale, with other products in between.
   */
  void replay(Iterator<StoreChange> told) {
    writing.lock();
    try {
      String id = "";
      var sums = new TreeMap<Long, Long>();
      var owed = new HashMap<String, TreeMap<Long, Long>>();
      while (told.hasNext()) {
        StoreChange change = told.next();
        if (change instanceof StoreChange.Sold sold) {
          if (!sold.productId().equals(id)) {
            countSums(id, sums, owed);
            id = sold.productId();
          }
          sums.merge(sold.day().toEpochDay(), sold.pieces(), PurchaseLog::exactly);
          ids.add(sold.id());
        } else if (change instanceof StoreChange.Unsold unsold) {
          countSums(id, sums, owed);
          owed.remove(unsold.productId());
          long pieces = count(unsold.productId());
          if (pieces != 0) {
            count(unsold.productId(), days(unsold.productId()).copy().negated());
          }
        }
      }
      countSums(id, sums, owed);
      owed.forEach((product, pieces) -> count(product, Days.of(pieces)));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw DurableCatalogue.damaged(e);
    } finally {
      writing.unlock();
    }
  }

  /** Counts a product's sums; if no piece would be left, what is told next decides on that. */
  private void countSums(
      String id, TreeMap<Long, Long> sums, Map<String, TreeMap<Long, Long>> owed) {
    TreeMap<Long, Long> before = owed.remove(id);
    if (before != null) {
      before.forEach((day, pieces) -> sums.merge(day, pieces, PurchaseLog::exactly));
    }
    if (sums.isEmpty()) {
      return;
    }
    Days days = Days.of(sums);
    if (days.sum() <= -count(id)) {
      owed.put(id, new TreeMap<>(sums));
    } else {
      count(id, days);
    }
    sums.clear();
  }

  /** Remembers the ids of purchases that were counted, the oldest first. */
  void remember(Iterator<String> purchaseIds) {
    writing.lock();
    try {
      purchaseIds.forEachRemaining(ids::add);
    } finally {
      writing.unlock();
    }
  }

  // The lock is held by whoever calls what follows.

  private Change count(String productId, Days more) {
    Change change = change(productId, more);
    magnitude = magnitudeAfter(List.of(change));
    apply(change);
    return change;
  }

  /** Checks that no more comes back than was sold. */
  private Change change(String id, Days more) {
    Ledger ledger = byProduct.get(id);
    long before = ledger == null ? 0 : ledger.total;
    long pieces = more.sum();
    if (pieces < -before) {
      throw new IllegalArgumentException(
          id
              + " has "
              + before
              + " pieces sold, to which "
              + pieces
              + " cannot be added: no more can come back than were sold");
    }
    return new Change(id, days(id), more, before, exactly(before, pieces));
  }

  /** Checks that all pieces fit together. */
  private long magnitudeAfter(List<Change> changes) {
    long less = 0;
    long more = 0;
    for (Change change : changes) {
      if (change.ends()) {
        less += change.before.magnitude();
        continue;
      }
      for (int i = 0; i < change.more.size(); i++) {
        long old = change.before.on(change.more.days()[i]);
        long now = exactly(old, change.more.count(i));
        less += Math.abs(old);
        more = exactly(more, now == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(now));
      }
    }
    return exactly(magnitude - less, more);
  }

  private void apply(Change change) {
    String id = change.id;
    if (change.ends()) {
      byProduct.remove(id);
      categories.changed(id, change.before, change.before.negated(), Days.NONE);
    } else {
      Ledger known = byProduct.get(id);
      Ledger ledger = known == null ? new Ledger() : known;
      ledger.days.add(change.more);
      ledger.total = change.total;
      categories.changed(id, change.before, change.more, ledger.days.now());
      if (known == null) {
        byProduct.put(id, ledger);
      }
    }
    order.move(id, change.totalBefore, change.total);
    long all = total;
    total = all + change.total - change.totalBefore;
    long before = changes;
    changes = before + 1;
  }

  /** A number that no two contents of this log have in common. */
  long changes() {
    return changes;
  }

  /** A sum that fits. */
  static long exactly(long one, long other) {
    try {
      return Math.addExact(one, other);
    } catch (ArithmeticException e) {
      throw new ArithmeticException(
          "the purchases cannot be counted: with them, more than "
              + Long.MAX_VALUE
              + " pieces would be sold or returned in all");
    }
  }

  /** From 1970, whether a calendar has it or not. */
  private static long anyDay(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), SECONDS_A_DAY);
  }

  private static long day(Instant time) {
    long day = anyDay(time);
    if (day < LocalDate.MIN.toEpochDay() || day > LocalDate.MAX.toEpochDay()) {
      throw new IllegalArgumentException("the purchase's time " + time + " is no calendar day");
    }
    return day;
  }

  /** Returns how much is in the log. */
  @Override
  public String toString() {
    return "purchases: " + total + " pieces of " + products() + " products";
  }
}
