package io.lookalike.evaluation;

import io.lookalike.catalog.Ids;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.datasets.ReadReport;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who bought what, and when, in the order of time. Takes some 12 bytes a purchase, 20 if quantities
 * differ, besides the ids of products and customers. Immutable and safe for use by several threads.
 *
 * <p>A time counts to the second. Purchases of one customer at the same time are a basket: where a
 * file has days alone, all of a day.
 */
public final class PurchaseHistory {

  private static final long SECONDS_A_DAY = 86_400;

  /** Of a purchase that names no customer. */
  static final int NOBODY = -1;

  private final List<String> products;
  private final List<String> customers;
  private final long base;

  // By row, in the order of time.
  private final int[] second;
  private final int[] product;
  private final int[] customer;
  private final long @Nullable [] quantity;

  private PurchaseHistory(Builder built, int[] order) {
    this.products = List.copyOf(built.products.ids);
    this.customers = List.copyOf(built.customers.ids);
    this.base = built.base == null ? 0 : built.base;
    this.second = built.sorted(built.second, order);
    this.product = built.sorted(built.product, order);
    this.customer = built.sorted(built.customer, order);
    this.quantity = built.quantity == null ? null : built.sorted(built.quantity, order);
  }

  /**
   * Begins an empty history.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a file of purchases. Those that are yet to come are left out, and so are those made more
   * than 136 years ago: a replay of the past can do nothing with either.
   *
   * @param file which should have the column {@code customer}
   * @param report is told what was read, and what was not and why
   * @return the history
   * @throws io.lookalike.datasets.DatasetException as {@link PurchasesCsv#read}
   * @throws IOException if reading fails
   */
  public static PurchaseHistory of(PurchasesCsv file, Consumer<? super ReadReport> report)
      throws IOException {
    Builder builder = Builder.ofThePast();
    report.accept(
        file.read(
            (purchase, customer) -> {
              if (builder.holds(purchase.time().getEpochSecond())) {
                builder.add(customer, purchase.productId(), purchase.time(), purchase.quantity());
              }
            }));
    return builder.build();
  }

  /**
   * Reads the transactions of H&amp;M's set; those that are yet to come are left out, as in the
   * other.
   *
   * @param files the set
   * @param report is told what was read, and what was not and why
   * @return the history
   * @throws io.lookalike.datasets.DatasetException as {@link HmDataset#readPurchases}
   * @throws IOException if reading fails
   */
  public static PurchaseHistory of(HmDataset files, Consumer<? super ReadReport> report)
      throws IOException {
    Builder builder = Builder.ofThePast();
    report.accept(
        files.readPurchases(
            (customer, productId, day) -> {
              if (builder.holds(day.toEpochDay() * SECONDS_A_DAY)) {
                builder.add(customer, productId, day);
              }
            }));
    return builder.build();
  }

  /**
   * How many purchases there are.
   *
   * @return rows, whatever their quantity
   */
  public int size() {
    return product.length;
  }

  /**
   * How many customers bought something.
   *
   * @return those that are named
   */
  public int customers() {
    return customers.size();
  }

  /**
   * When the first purchase was made.
   *
   * @return to the second
   * @throws IllegalStateException if there are none
   */
  public Instant first() {
    return time(checkedRow(0));
  }

  /**
   * When the last purchase was made.
   *
   * @return to the second
   * @throws IllegalStateException if there are none
   */
  public Instant last() {
    return time(checkedRow(size() - 1));
  }

  private int checkedRow(int row) {
    if (size() == 0) {
      throw new IllegalStateException("there are no purchases");
    }
    return row;
  }

  /**
   * The same purchases, of which those from an instant on tell something else: each product has
   * become another one, and the customers of these rows are dealt out anew.
   *
   * @param cut from when on
   * @param seed decides the deal
   */
  PurchaseHistory shuffledFrom(Instant cut, long seed) {
    var random = new Random(seed);
    int from = before(cut);
    var whats = new ArrayList<>(products);
    Collections.shuffle(whats, random);
    var whos = new ArrayList<Integer>();
    for (int row = from; row < size(); row++) {
      whos.add(customer[row]);
    }
    Collections.shuffle(whos, random);
    var shuffled = new Builder();
    shuffled.base = base;
    for (int row = 0; row < size(); row++) {
      int who = row < from ? customer[row] : whos.get(row - from);
      String what = (row < from ? products : whats).get(product[row]);
      shuffled.add(who == NOBODY ? null : customers.get(who), what, time(row), quantity(row));
    }
    return shuffled.build();
  }

  // ---- by number, for this package

  List<String> productIds() {
    return products;
  }

  String customerId(int number) {
    return customers.get(number);
  }

  int product(int row) {
    return product[row];
  }

  /** Who bought it; {@link #NOBODY} if that is not known. */
  int customer(int row) {
    return customer[row];
  }

  long quantity(int row) {
    return quantity == null ? 1 : quantity[row];
  }

  /** Seconds from an instant of this history's own, which may be after it. */
  int second(int row) {
    return second[row];
  }

  Instant time(int row) {
    return Instant.ofEpochSecond(base + second[row]);
  }

  long epochDay(int row) {
    return Math.floorDiv(base + second[row], SECONDS_A_DAY);
  }

  /** The number of rows before a time of whole seconds: purchases at that very time are not. */
  int before(Instant time) {
    long wanted = time.getEpochSecond() - base;
    int from = 0;
    int to = size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (second[middle] < wanted) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** Numbers ids in the order in which they come. */
  private static final class Numbers {
    private final Map<String, Integer> byId = new HashMap<>();
    private final List<String> ids = new ArrayList<>();
    private final String what;
    private @Nullable String last;
    private int lastNumber;

    Numbers(String what) {
      this.what = what;
    }

    @SuppressWarnings("ReferenceEquality") // a shortcut: readers hand the same text over again
    int of(String id) {
      if (id != last) {
        Integer known = byId.putIfAbsent(id, ids.size());
        if (known == null) {
          ids.add(Ids.checked(id, what));
        }
        last = id;
        lastNumber = known == null ? ids.size() - 1 : known;
      }
      return lastNumber;
    }
  }

  /** Takes purchases in any order. Not safe for use by several threads. */
  public static final class Builder {
    private final Numbers products = new Numbers("a purchase's product id");
    private final Numbers customers = new Numbers("a purchase's customer");
    private int size;
    private int[] second = new int[1 << 10];
    private int[] product = new int[1 << 10];
    private int[] customer = new int[1 << 10];
    private long @Nullable [] quantity;
    private @Nullable Long base;
    private Instant soon = Instant.MAX;

    /** Pieces of all purchases and returns. */
    private long pieces;

    private Builder() {}

    /** A builder for what has happened by now, whatever the time zone. */
    private static Builder ofThePast() {
      var builder = new Builder();
      builder.soon = Instant.now().plus(Duration.ofDays(1));
      builder.base = builder.soon.getEpochSecond() - Integer.MAX_VALUE;
      return builder;
    }

    /** Whether a time has come, and is not too long ago to be told. */
    private boolean holds(long epochSecond) {
      long offset = epochSecond - Objects.requireNonNull(base);
      return offset == (int) offset && epochSecond <= soon.getEpochSecond();
    }

    /**
     * Adds a purchase.
     *
     * @param customer who bought it, or null if that is not known: then it counts for how popular
     *     the product is, and nothing else
     * @param productId what was bought
     * @param time when
     * @param pieces how many, at least 1; or -1 or less for pieces that came back
     * @return this builder
     * @throws IllegalArgumentException if an id breaks the {@linkplain Ids rule for ids}, there are
     *     0 pieces or those of all purchases are more than a {@code long} holds, or the time is
     *     more than 68 years from the first one's
     */
    public Builder add(@Nullable String customer, String productId, Instant time, long pieces) {
      if (pieces == 0) {
        throw new IllegalArgumentException(
            "a purchase of " + productId + " has " + pieces + " pieces, expected 1 or more");
      }
      return add(customer, productId, time.getEpochSecond(), pieces);
    }

    /**
     * Adds the purchase of one piece.
     *
     * @param customer who bought it
     * @param productId what was bought
     * @param day when, at its first second (UTC)
     * @throws IllegalArgumentException as {@link #add(String, String, Instant, long)}
     */
    public void add(@Nullable String customer, String productId, LocalDate day) {
      add(customer, productId, day.toEpochDay() * SECONDS_A_DAY, 1);
    }

    private Builder add(@Nullable String who, String productId, long epochSecond, long number) {
      if (base == null) {
        base = epochSecond;
      }
      long offset = epochSecond - base;
      if (offset != (int) offset) {
        throw new IllegalArgumentException(
            "a purchase of "
                + productId
                + " was made at "
                + Instant.ofEpochSecond(epochSecond)
                + ", expected a time within 68 years of "
                + Instant.ofEpochSecond(base));
      }
      long all = pieces + Math.abs(number);
      if (all < 0 || number == Long.MIN_VALUE) {
        throw new IllegalArgumentException(
            "a purchase of "
                + productId
                + " has "
                + number
                + " pieces, expected no more than "
                + Long.MAX_VALUE
                + " in all purchases and returns");
      }
      pieces = all;
      if (size == product.length) {
        grow();
      }
      if (number != 1 && quantity == null) {
        quantity = new long[product.length];
        Arrays.fill(quantity, 0, size, 1);
      }
      if (quantity != null) {
        quantity[size] = number;
      }
      second[size] = (int) offset;
      product[size] = products.of(productId);
      customer[size] = who == null ? NOBODY : customers.of(who);
      size++;
      return this;
    }

    private void grow() {
      int more = (int) Math.min(Integer.MAX_VALUE - 8L, size + (size >> 1) + 8L);
      second = Arrays.copyOf(second, more);
      product = Arrays.copyOf(product, more);
      customer = Arrays.copyOf(customer, more);
      quantity = quantity == null ? null : Arrays.copyOf(quantity, more);
    }

    /**
     * Puts the purchases in the order of time; those of the same second stay as they came.
     *
     * @return the history
     */
    public PurchaseHistory build() {
      return new PurchaseHistory(this, order());
    }

    /** The rows in the order of time; empty if they are in it. */
    private int[] order() {
      boolean ordered = true;
      for (int i = 1; i < size && ordered; i++) {
        ordered = second[i - 1] <= second[i];
      }
      if (ordered) {
        return new int[0];
      }
      var keys = new long[size];
      for (int i = 0; i < size; i++) {
        keys[i] = (long) second[i] << 32 | i;
      }
      Arrays.parallelSort(keys);
      var order = new int[size];
      for (int i = 0; i < size; i++) {
        order[i] = (int) keys[i];
      }
      return order;
    }

    private long[] sorted(long[] values, int[] order) {
      if (order.length == 0) {
        return Arrays.copyOf(values, size);
      }
      var sorted = new long[size];
      for (int i = 0; i < size; i++) {
        sorted[i] = values[order[i]];
      }
      return sorted;
    }

    private int[] sorted(int[] values, int[] order) {
      if (order.length == 0) {
        return Arrays.copyOf(values, size);
      }
      var sorted = new int[size];
      for (int i = 0; i < size; i++) {
        sorted[i] = values[order[i]];
      }
      return sorted;
    }
  }

  /** Returns how much is in the history. */
  @Override
  public String toString() {
    return "history: "
        + size()
        + " purchases of "
        + products.size()
        + " products by "
        + customers()
        + " customers";
  }
}
