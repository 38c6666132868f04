package io.lookalike;

import static io.lookalike.internal.Once.once;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lookalike.internal.TopK;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who bought what, to tell which products are bought together: see {@link #boughtWith} and {@link
 * PopularityReranker#boughtTogether}.
 *
 * <p><b>The rule.</b> Two products count as bought together where one customer bought both within 7
 * days. With T the consulted product's last purchase, a pair whose purchase of that product lies d
 * days before T counts 2<sup>-d / 60</sup>. The sum of these is divided by the square root of the
 * pieces that the other product sold: the cosine of item-to-item collaborative filtering, of which
 * the consulted product's own part changes no order. The same customer, product and second count
 * once. Of each product the latest 5,000 purchases are looked at.
 *
 * <p>Source: Linden, Smith and York, <i>Amazon.com recommendations: item-to-item collaborative
 * filtering</i>, IEEE Internet Computing 7(1), 2003.
 *
 * <p>Pairs are counted when they are asked for, of what had happened by the instant that is asked
 * about. So the same purchases give the same pairs in whatever order they came in, and whatever was
 * bought later, as long as no bound has been reached.
 *
 * <p>Bounds: by default 500,000 customers, of which those go whose last purchase is oldest; of each
 * the latest 50 purchases, twice as many at times; of each product the latest 5,000, twice as many
 * at times. That is some 20 bytes a purchase and 200 bytes a customer: about 1 GB at the very most,
 * and 200 MB for 500,000 customers of 10 purchases each. What was told of the products that are
 * asked about most is kept until something is bought: a million pairs at most, some 40 MB. Times
 * count to the second, from 1952 to 2088.
 *
 * <p>Safe for use by several threads. Reading never waits; those who record take turns.
 */
public final class CoPurchases {

  /** Within so many days, two purchases are of one occasion. */
  private static final int DAYS = 7;

  private static final double HALF_LIFE_DAYS = 60;

  private static final int SECONDS_A_DAY = 86_400;

  /** Of a product, so many purchases count, the latest: best sellers are not read to the end. */
  private static final int MOST_OF_PRODUCT = 5_000;

  /** Number of pairs that were told and are known, of all products together. */
  private static final long TOLD = 1_000_000;

  /** The middle of the times that fit, in seconds from 1970. */
  private static final long NOUGHT = Instant.parse("2020-01-01T00:00:00Z").getEpochSecond();

  private final int maxCustomers;
  private final int maxPurchases;
  private final ConcurrentHashMap<String, Item> items = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Customer, Basket> baskets = new ConcurrentHashMap<>();

  /** Held for every change. */
  private final ReentrantLock writing = new ReentrantLock();

  private volatile @Nullable Keeper keeper;

  /** Counted after each change of what is known. */
  private volatile long changes;

  /** The latest second of a purchase. */
  private volatile int latest = Integer.MIN_VALUE;

  /** What was told last of a product. */
  private final Cache<Item, Answer> answers =
      Caffeine.newBuilder()
          .maximumWeight(TOLD)
          .weigher((Item item, Answer answer) -> 1 + answer.pairs.size())
          .executor(Runnable::run)
          .build();

  /** What an answer follows from. */
  private record Question(
      long changes, PurchaseLog sold, long soldChanges, int until, long tomorrow, int most) {}

  private record Answer(Question question, List<Pair> pairs) {}

  /** A product, and by whom it was bought. */
  private static final class Item {
    final String id;
    volatile Rows<Basket> rows = Rows.none();

    Item(String id) {
      this.id = id;
    }
  }

  /** What a customer bought. */
  private static final class Basket {
    volatile Rows<Item> rows = Rows.none();
  }

  /**
   * Another product.
   *
   * @param productId its id
   * @param times how often one customer bought both
   * @param score the higher, the more the two belong together, beside others of the same product
   */
  public record Pair(String productId, int times, double score) {}

  /** Makes durable what is recorded, and then counts it. */
  interface Keeper {
    void keep(List<Event> bought);
  }

  private CoPurchases(Builder builder) {
    maxCustomers = builder.customers == null ? 500_000 : builder.customers;
    maxPurchases = builder.purchases == null ? 50 : builder.purchases;
  }

  /**
   * Begins with the defaults.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes note of a purchase. {@link Recommender#record(Event)} does so by itself; a history comes
   * in by {@link #recordAll}. A purchase that is delivered twice counts once.
   *
   * @param bought a {@link Event.Kind#BOUGHT}
   * @throws IllegalArgumentException if it is of another kind
   */
  public void record(Event bought) {
    Keeper store = keeper;
    if (store == null) {
      count(checked(bought));
    } else {
      store.keep(List.of(checked(bought)));
    }
  }

  /**
   * Takes note of past purchases, in any order. They are not counted as sold: that is what {@link
   * PurchaseLog#recordAll} is for.
   *
   * @param bought events of the kind {@link Event.Kind#BOUGHT}
   * @throws IllegalArgumentException if one is of another kind; those before it have been noted
   */
  public void recordAll(Iterable<Event> bought) {
    var group = new ArrayList<Event>();
    for (Event each : bought) {
      Keeper store = keeper;
      if (store == null) {
        count(checked(each));
      } else {
        group.add(checked(each));
        if (group.size() == 1_000) {
          store.keep(List.copyOf(group));
          group.clear();
        }
      }
    }
    Keeper store = keeper;
    if (store != null && !group.isEmpty()) {
      store.keep(group);
    }
  }

  private static Event checked(Event bought) {
    if (bought.kind() != Event.Kind.BOUGHT) {
      throw new IllegalArgumentException(
          "the event is " + bought + ", expected what somebody bought");
    }
    return bought;
  }

  /** From now on, everything that is recorded goes to a store first. */
  void keptBy(Keeper store) {
    keeper = store;
  }

  /** Counts what is durable, or need not be. */
  void count(Event bought) {
    int second = second(bought.time());
    writing.lock();
    try {
      Item item = items.computeIfAbsent(bought.productId(), Item::new);
      Basket basket = baskets.computeIfAbsent(bought.customer(), c -> new Basket());
      Rows<Item> before = basket.rows;
      Rows<Item> rows = before.with(second, item, maxPurchases);
      if (rows != before) {
        basket.rows = rows;
        item.rows = item.rows.with(second, basket, MOST_OF_PRODUCT);
        latest = Math.max(latest, second);
      }
      if (baskets.size() > maxCustomers) {
        dropOldest();
      }
      changed();
    } finally {
      writing.unlock();
    }
  }

  /** Called under the lock. */
  private void changed() {
    long before = changes;
    changes = before + 1;
  }

  /** Of whom anything is known. */
  Set<Customer> known() {
    return baskets.keySet();
  }

  /** A tenth at a time, as it takes a look at all of them. */
  private void dropOldest() {
    record Last(Customer customer, int second) {}
    List<Last> oldestFirst =
        baskets.entrySet().stream()
            .map(e -> new Last(e.getKey(), e.getValue().rows.last()))
            .sorted(
                Comparator.comparingInt(Last::second)
                    .thenComparing(last -> last.customer.tenant())
                    .thenComparing(last -> last.customer.id()))
            .toList();
    int left = Math.max(1, maxCustomers - maxCustomers / 10);
    for (Last last : oldestFirst.subList(0, oldestFirst.size() - left)) {
      Basket gone = baskets.remove(last.customer);
      if (gone != null) {
        gone.rows = Rows.none();
      }
    }
    for (Item item : items.values()) {
      item.rows = item.rows.without(basket -> basket.rows.size == 0);
    }
  }

  /**
   * Forgets what a customer bought, as if it had never been recorded. {@link Recommender#forget}
   * does so too, also in the store.
   *
   * @param customer who
   * @return whether anything was known
   */
  public boolean forget(Customer customer) {
    Objects.requireNonNull(customer, "customer");
    writing.lock();
    try {
      Basket gone = baskets.remove(customer);
      if (gone == null) {
        return false;
      }
      Rows<Item> rows = gone.rows;
      gone.rows = Rows.none();
      for (Item item : Set.copyOf(rows.all())) {
        item.rows = item.rows.without(basket -> basket.equals(gone));
      }
      changed();
      return true;
    } finally {
      writing.unlock();
    }
  }

  /**
   * How many customers are known.
   *
   * @return at least 0
   */
  public int customers() {
    return baskets.size();
  }

  /**
   * What was bought together with a product.
   *
   * @param productId the product
   * @param at what was bought after this second does not count
   * @param purchases the pieces that were sold of the others, up to the day (UTC) of that instant
   * @param most how many pairs are wanted at most, at least 0
   * @return the highest score first, equals by ascending id; empty if nothing is known
   */
  public List<Pair> boughtWith(String productId, Instant at, PurchaseLog purchases, int most) {
    Objects.requireNonNull(productId, "productId");
    Objects.requireNonNull(purchases, "purchases");
    Item item = items.get(productId);
    if (item == null) {
      return List.of();
    }
    // Read first: what is changed while an answer is computed makes it one of before.
    long known = changes;
    long sold = purchases.changes();
    var question =
        new Question(
            known,
            purchases,
            sold,
            Math.min(second(at), latest),
            Math.min(day(at), purchases.lastDay().map(LocalDate::toEpochDay).orElse(0L)) + 1,
            most);
    Answer before = answers.getIfPresent(item);
    if (before != null && before.question.equals(question)) {
      return before.pairs;
    }
    List<Pair> pairs = pairs(item, question);
    answers.put(item, new Answer(question, pairs));
    return pairs;
  }

  private static long day(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), (long) SECONDS_A_DAY);
  }

  private static List<Pair> pairs(Item item, Question question) {
    var best =
        new TopK<Pair>(
            question.most,
            Comparator.comparingDouble((Pair pair) -> -pair.score).thenComparing(Pair::productId));
    Map<Item, double[]> sums = sums(item, question.until);
    // Most were bought together once: after the others, few of them can be among the best.
    for (boolean often : List.of(true, false)) {
      sums.forEach(
          (other, sum) -> {
            Pair bar = best.bar();
            // No more than its sum, whatever was sold of it.
            if (sum[0] > 1 == often && (bar == null || sum[1] >= bar.score)) {
              long pieces = question.sold.before(other.id, question.tomorrow);
              double score = sum[1] / Math.sqrt(Math.max(1, pieces));
              if (bar == null || score >= bar.score) {
                best.offer(new Pair(other.id, (int) sum[0], score));
              }
            }
          });
    }
    return List.copyOf(best.sorted());
  }

  /** Of each other product, how often it was bought with one, and that number by age. */
  private static Map<Item, double[]> sums(Item item, int until) {
    var sums = new HashMap<Item, double[]>();
    Rows<Basket> bought = item.rows;
    int end = bought.upTo(until);
    for (int i = Math.max(0, end - MOST_OF_PRODUCT); i < end; i++) {
      long second = bought.seconds[i];
      double age = ((long) bought.seconds[end - 1] - second) / (HALF_LIFE_DAYS * SECONDS_A_DAY);
      double weight = Math.pow(0.5, age);
      Rows<Item> basket = bought.get(i).rows;
      long from = second - (long) DAYS * SECONDS_A_DAY;
      int last = basket.upTo((int) Math.min(until, second + (long) DAYS * SECONDS_A_DAY));
      for (int j = last - 1; j >= 0 && basket.seconds[j] >= from; j--) {
        Item other = basket.get(j);
        if (!other.equals(item)) {
          double[] sum = sums.computeIfAbsent(other, o -> new double[2]);
          sum[0]++;
          sum[1] += weight;
        }
      }
    }
    return sums;
  }

  private static int second(Instant time) {
    long second = time.getEpochSecond() - NOUGHT;
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, second));
  }

  /**
   * What happened when, in the order of time. Writers take turns; readers take one object and look
   * at nothing else. What is appended goes where the size of those taken before does not reach;
   * whatever else changes makes new arrays.
   */
  private static final class Rows<T> {
    private static final Rows<?> NONE = new Rows<>(new int[0], new Object[0], 0);

    final int[] seconds;
    private final Object[] what;
    final int size;

    private Rows(int[] seconds, Object[] what, int size) {
      this.seconds = seconds;
      this.what = what;
      this.size = size;
    }

    @SuppressWarnings("unchecked") // it holds nothing
    static <T> Rows<T> none() {
      return (Rows<T>) NONE;
    }

    @SuppressWarnings("unchecked") // nothing else is put in
    T get(int i) {
      return (T) what[i];
    }

    List<T> all() {
      var all = new ArrayList<T>(size);
      for (int i = 0; i < size; i++) {
        all.add(get(i));
      }
      return all;
    }

    int last() {
      return size == 0 ? Integer.MIN_VALUE : seconds[size - 1];
    }

    /** The number of rows at a second or before it. */
    int upTo(int second) {
      int from = 0;
      int to = size;
      while (from < to) {
        int middle = (from + to) >>> 1;
        if (seconds[middle] <= second) {
          from = middle + 1;
        } else {
          to = middle;
        }
      }
      return from;
    }

    /** With one more; the very same if it is there. Of more than twice as many, the latest stay. */
    Rows<T> with(int second, T one, int most) {
      int at = upTo(second);
      for (int i = at - 1; i >= 0 && seconds[i] == second; i--) {
        if (what[i].equals(one)) {
          return this;
        }
      }
      int dropped = size >= 2L * most ? size - most : 0;
      if (at == size && dropped == 0 && size < seconds.length) {
        seconds[size] = second;
        what[size] = one;
        return new Rows<>(seconds, what, size + 1);
      }
      if (at < dropped) {
        return this; // older than all that stay
      }
      int kept = size - dropped;
      int room = at == size ? Math.max(4, kept + 1 + (kept >> 1)) : kept + 1;
      int[] times = Arrays.copyOfRange(seconds, dropped, dropped + room);
      Object[] whats = Arrays.copyOfRange(what, dropped, dropped + room);
      int place = at - dropped;
      System.arraycopy(seconds, at, times, place + 1, size - at);
      System.arraycopy(what, at, whats, place + 1, size - at);
      times[place] = second;
      whats[place] = one;
      return new Rows<>(times, whats, kept + 1);
    }

    /** Without some; the very same if there are none of these. */
    Rows<T> without(Predicate<T> gone) {
      var times = new int[size];
      var whats = new Object[size];
      int left = 0;
      for (int i = 0; i < size; i++) {
        if (!gone.test(get(i))) {
          times[left] = seconds[i];
          whats[left++] = what[i];
        }
      }
      return left == size ? this : new Rows<>(times, whats, left);
    }
  }

  /** Returns how much is known, in words. */
  @Override
  public String toString() {
    return "purchases of " + items.size() + " products by " + baskets.size() + " customers";
  }

  /** Bounds. Setting anything twice is an error. Not safe for use by several threads. */
  public static final class Builder {
    private @Nullable Integer customers;
    private @Nullable Integer purchases;

    private Builder() {}

    /**
     * How many customers are known; beyond that, those go whose last purchase is oldest, a tenth at
     * a time.
     *
     * @param customers at least 1; the default is 500,000
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it was already set
     */
    public Builder maxCustomers(int customers) {
      this.customers = once("maxCustomers", this.customers, atLeastOne("maxCustomers", customers));
      return this;
    }

    /**
     * How many purchases of a customer are known, the latest; twice as many at times.
     *
     * @param purchases at least 1; the default is 50
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it was already set
     */
    public Builder maxPurchases(int purchases) {
      this.purchases = once("maxPurchases", this.purchases, atLeastOne("maxPurchases", purchases));
      return this;
    }

    private static int atLeastOne(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " is " + value + ", expected 1 or more");
      }
      return value;
    }

    /**
     * Makes one that knows nothing yet.
     *
     * @return the co-purchases
     */
    public CoPurchases build() {
      return new CoPurchases(this);
    }
  }
}
