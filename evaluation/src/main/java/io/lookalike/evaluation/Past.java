package io.lookalike.evaluation;

import io.lookalike.CoPurchases;
import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.PurchaseLog;
import io.lookalike.catalog.Product;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a shop knows at the instant of a cut: the products that have been launched, and the
 * purchases made before. It is made of these alone, so whatever is computed of it cannot know what
 * comes after. Safe for use by several threads.
 */
public final class Past {

  private final PurchaseHistory history;
  private final ReplayCatalogue catalogue;
  private final Instant cut;

  /** Number of rows of the history that have happened. */
  private final int rows;

  /** The catalogue's number of each of the history's products; -1 for those that it lacks. */
  private final int[] inCatalogue;

  /** Numbers of the products that have been launched. */
  private final int[] launched;

  private final long[] pieces;
  private final @Nullable Instant[] firstSold;
  private @Nullable PurchaseLog log;
  private @Nullable CoPurchases coPurchases;
  private final Map<String, List<CoPurchases.Pair>> pairs = new ConcurrentHashMap<>();
  private @Nullable Rows byCustomer;
  private @Nullable Rows byProduct;
  private long fingerprint;

  Past(PurchaseHistory history, ReplayCatalogue catalogue, int[] inCatalogue, Instant cut) {
    this.history = history;
    this.catalogue = catalogue;
    this.inCatalogue = inCatalogue;
    this.cut = cut;
    this.rows = history.before(cut);
    this.launched =
        IntStream.range(0, catalogue.size())
            .filter(i -> catalogue.launchedBefore(i, cut))
            .toArray();
    this.pieces = new long[catalogue.size()];
    this.firstSold = new Instant[catalogue.size()];
    for (int row = 0; row < rows; row++) {
      int product = inCatalogue[history.product(row)];
      if (product >= 0) {
        pieces[product] += history.quantity(row);
        if (firstSold[product] == null && history.quantity(row) > 0) {
          firstSold[product] = history.time(row);
        }
      }
    }
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = Math.max(0, pieces[i]); // what came back was sold before the history begins
    }
  }

  /** Rows of the history, in the order of time, by customer or by product. */
  private record Rows(int[] from, int[] rows) {
    int size(int key) {
      return from[key + 1] - from[key];
    }

    int row(int key, int i) {
      return rows[from[key] + i];
    }
  }

  /**
   * The cut.
   *
   * @return the first instant that is not known
   */
  public Instant at() {
    return cut;
  }

  /**
   * A clock that stands still at the last second before the cut, for rules that look at the day.
   *
   * @return the clock
   */
  public InstantSource clock() {
    return InstantSource.fixed(cut.minusSeconds(1));
  }

  /**
   * The products that had been launched.
   *
   * @return in the catalogue's order
   */
  public List<Product> products() {
    return Arrays.stream(launched).mapToObj(catalogue::product).toList();
  }

  /**
   * A product's features.
   *
   * @param productId one of {@link #products}
   * @return not to be changed, or null if it has no photo
   */
  public float @Nullable [] features(String productId) {
    int number = catalogue.number(productId);
    return number < 0 ? null : catalogue.features(number);
  }

  /**
   * Pieces sold of a product, less what came back.
   *
   * @param productId the product
   * @return at least 0
   */
  public long sold(String productId) {
    int number = catalogue.number(productId);
    return number < 0 ? 0 : pieces[number];
  }

  /**
   * All purchases as a recommender counts them.
   *
   * @return a log that all settings share, so that none may record into it
   */
  public synchronized PurchaseLog log() {
    if (log == null) {
      log = makeLog();
    }
    return log;
  }

  private PurchaseLog makeLog() {
    var made = new PurchaseLog();
    Rows all = byProduct();
    for (int i : launched) {
      if (pieces[i] > 0) {
        Map<LocalDate, Long> daily = new HashMap<>();
        for (int r = 0; r < all.size(i); r++) {
          int row = all.row(i, r);
          daily.merge(
              LocalDate.ofEpochDay(history.epochDay(row)), history.quantity(row), Long::sum);
        }
        daily.values().removeIf(sum -> sum == 0);
        made.record(catalogue.product(i).id(), daily);
      }
    }
    return made;
  }

  /**
   * Who bought what, as a recommender counts it.
   *
   * @return co-purchases that all settings share, so that none may record into them
   */
  public synchronized CoPurchases coPurchases() {
    if (coPurchases == null) {
      coPurchases = makeCoPurchases();
    }
    return coPurchases;
  }

  private CoPurchases makeCoPurchases() {
    CoPurchases made =
        CoPurchases.builder()
            .maxCustomers(Math.max(1, history.customers()))
            .maxPurchases(Integer.MAX_VALUE)
            .build();
    var customers = new Customer[history.customers()];
    for (int row = 0; row < rows; row++) {
      int product = product(row);
      int customer = history.customer(row);
      if (product >= 0 && customer != PurchaseHistory.NOBODY && history.quantity(row) > 0) {
        if (customers[customer] == null) {
          customers[customer] = Customer.of(history.customerId(customer));
        }
        made.record(
            new Event(
                customers[customer],
                Event.Kind.BOUGHT,
                catalogue.product(product).id(),
                history.time(row)));
      }
    }
    return made;
  }

  /** What was bought together with a product, the strongest first. */
  List<CoPurchases.Pair> boughtWith(String productId) {
    return pairs.computeIfAbsent(
        productId, id -> coPurchases().boughtWith(id, clock().instant(), log(), Baselines.DEPTH));
  }

  // ---- by number, for this package

  ReplayCatalogue catalogue() {
    return catalogue;
  }

  PurchaseHistory history() {
    return history;
  }

  int[] launched() {
    return launched;
  }

  long pieces(int product) {
    return pieces[product];
  }

  long[] pieces() {
    return pieces;
  }

  /** Whether a product was launched, or first sold where that is not known, since an instant. */
  boolean isNew(int product, Instant since) {
    if (catalogue.hasLaunch(product)) {
      return catalogue.launched(product, since, cut);
    }
    Instant first = firstSold[product];
    return first != null && !first.isBefore(since);
  }

  /** Pieces sold of each product of the catalogue since an instant, less what came back. */
  long[] piecesSince(Instant since) {
    var sold = new long[catalogue.size()];
    for (int row = history.before(since); row < rows; row++) {
      int product = inCatalogue[history.product(row)];
      if (product >= 0) {
        sold[product] += history.quantity(row);
      }
    }
    for (int i = 0; i < sold.length; i++) {
      sold[i] = Math.max(0, sold[i]);
    }
    return sold;
  }

  /** A customer's purchases of products of the catalogue, oldest first, as rows. */
  int[] rowsOf(int customer) {
    Rows all = byCustomer();
    return Arrays.copyOfRange(all.rows, all.from[customer], all.from[customer + 1]);
  }

  /** The catalogue's number of what was bought in a row; -1 if it is not in the catalogue. */
  int product(int row) {
    return inCatalogue[history.product(row)];
  }

  /** A number that tells this past from others. */
  synchronized long fingerprint() {
    if (fingerprint == 0) {
      long hash = catalogue.fingerprint();
      for (int row = 0; row < rows; row++) {
        hash = hash * 31 + product(row);
        hash = hash * 31 + history.customer(row);
        hash = hash * 31 + history.quantity(row);
        hash = hash * 31 + history.time(row).getEpochSecond();
      }
      fingerprint = hash;
    }
    return fingerprint;
  }

  private synchronized Rows byCustomer() {
    if (byCustomer == null) {
      byCustomer = grouped(history.customers(), true);
    }
    return byCustomer;
  }

  private synchronized Rows byProduct() {
    if (byProduct == null) {
      byProduct = grouped(catalogue.size(), false);
    }
    return byProduct;
  }

  /** Sorts the rows that have happened by a key, by counting. */
  private Rows grouped(int keys, boolean customers) {
    var from = new int[keys + 1];
    for (int row = 0; row < rows; row++) {
      int key = customers ? history.customer(row) : product(row);
      if (key >= 0 && product(row) >= 0) {
        from[key + 1]++;
      }
    }
    for (int i = 0; i < keys; i++) {
      from[i + 1] += from[i];
    }
    var next = Arrays.copyOf(from, keys);
    var grouped = new int[from[keys]];
    for (int row = 0; row < rows; row++) {
      int key = customers ? history.customer(row) : product(row);
      if (key >= 0 && product(row) >= 0) {
        grouped[next[key]++] = row;
      }
    }
    return new Rows(from, grouped);
  }

  /** What a customer bought, latest first, at most so many different products. */
  List<Question.Bought> lastBought(int customer, int most) {
    var last = new ArrayList<Question.Bought>();
    int[] bought = rowsOf(customer);
    var seen = new ArrayList<Integer>();
    for (int i = bought.length - 1; i >= 0 && last.size() < most; i--) {
      int product = product(bought[i]);
      if (history.quantity(bought[i]) > 0
          && catalogue.launchedBefore(product, cut)
          && !seen.contains(product)) {
        seen.add(product);
        last.add(new Question.Bought(catalogue.product(product).id(), history.time(bought[i])));
      }
    }
    return List.copyOf(last);
  }

  /** Returns when it ends and how much it holds. */
  @Override
  public String toString() {
    return "before " + cut + ": " + launched.length + " products, " + rows + " purchases";
  }
}
