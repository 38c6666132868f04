package io.lookalike.evaluation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The questions of a cut and a task, and what was bought after it: what answers never see. */
final class Questions {

  private final Past past;
  private final Task task;
  private final int k;

  /** Number of products bought before the cut that make a customer's page. */
  private final int recent;

  /** Number of each question's page: product pages are the same for all who look at one. */
  private final List<Question> pages = new ArrayList<>();

  private final List<One> all = new ArrayList<>();

  /**
   * A question.
   *
   * @param page number of its page
   * @param customer who bought
   * @param bought what, numbers of the catalogue, each once
   * @param slices for each of these, whether it counts in each slice, as bits
   */
  record One(int page, int customer, int[] bought, byte[] slices) {}

  private Questions(Past past, Task task, int k, int recent) {
    this.past = past;
    this.task = task;
    this.k = k;
    this.recent = recent;
  }

  List<Question> pages() {
    return pages;
  }

  List<One> all() {
    return all;
  }

  /** A purchase after the cut. */
  private record Sale(int product, int second) {}

  /**
   * Makes the questions from what was bought from the cut on.
   *
   * @param until the end of the time that is asked about
   * @param horizon how long after a purchase others count as its next ones
   */
  static Questions of(
      Past past,
      Task task,
      int k,
      int recent,
      Duration until,
      Duration horizon,
      Replay.CustomerSample sample) {
    var made = new Questions(past, task, k, recent);
    PurchaseHistory history = past.history();
    int from = history.before(past.at());
    int to = history.before(past.at().plus(until));
    Map<Integer, List<Sale>> byCustomer = new LinkedHashMap<>();
    for (int row = from; row < to; row++) {
      int customer = history.customer(row);
      int product = past.product(row);
      if (customer != PurchaseHistory.NOBODY
          && product >= 0
          && history.quantity(row) > 0
          && past.catalogue().launchedBefore(product, past.at())
          && sample.holds(history.customerId(customer))) {
        byCustomer
            .computeIfAbsent(customer, c -> new ArrayList<>(4))
            .add(new Sale(product, history.second(row)));
      }
    }
    var pageOf = new LinkedHashMap<Integer, Integer>();
    byCustomer.forEach(
        (customer, sales) -> {
          if (task == Task.ITEM) {
            made.products(customer, sales, pageOf, horizon.toSeconds());
          } else {
            made.customer(customer, sales);
          }
        });
    return made;
  }

  /** One question for each product that the customer bought. */
  private void products(
      int customer, List<Sale> sales, Map<Integer, Integer> pageOf, long horizon) {
    Set<Integer> before = boughtBefore(customer);
    var asked = new HashSet<Integer>();
    for (Sale sale : sales) {
      if (!asked.add(sale.product)) {
        continue;
      }
      var bought = new ArrayList<Integer>();
      for (Sale other : sales) {
        if (other.product != sale.product
            && other.second >= sale.second
            && (long) other.second - sale.second <= horizon
            && !bought.contains(other.product)) {
          bought.add(other.product);
        }
      }
      if (!bought.isEmpty()) {
        int page =
            pageOf.computeIfAbsent(
                sale.product,
                product -> {
                  String id = past.catalogue().product(product).id();
                  pages.add(new Question(id, null, List.of(), k, false));
                  return pages.size() - 1;
                });
        add(page, customer, bought, before);
      }
    }
  }

  /** One question for the customer. */
  private void customer(int customer, List<Sale> sales) {
    var bought = new ArrayList<Integer>();
    for (Sale sale : sales) {
      boolean counts = task != Task.NEW || past.pieces(sale.product) == 0;
      if (counts && !bought.contains(sale.product)) {
        bought.add(sale.product);
      }
    }
    if (!bought.isEmpty()) {
      pages.add(
          new Question(
              null,
              past.history().customerId(customer),
              past.lastBought(customer, recent),
              k,
              task == Task.NEW));
      add(pages.size() - 1, customer, bought, boughtBefore(customer));
    }
  }

  private Set<Integer> boughtBefore(int customer) {
    var before = new HashSet<Integer>();
    for (int row : past.rowsOf(customer)) {
      before.add(past.product(row));
    }
    return before;
  }

  private void add(int page, int customer, List<Integer> bought, Set<Integer> before) {
    Set<Integer> designs = designs(pages.get(page));
    var slices = new byte[bought.size()];
    for (int i = 0; i < slices.length; i++) {
      int product = bought.get(i);
      int design = past.catalogue().design(product);
      slices[i] =
          (byte)
              (bit(Slice.ALL)
                  | bit(past.pieces(product) > 0 ? Slice.WARM : Slice.COLD)
                  | bit(design >= 0 && designs.contains(design) ? Slice.VARIANTS : Slice.OTHERS)
                  | bit(before.contains(product) ? Slice.REPEAT : Slice.FIRST));
    }
    all.add(new One(page, customer, bought.stream().mapToInt(i -> i).toArray(), slices));
  }

  private static int bit(Slice slice) {
    return 1 << slice.column();
  }

  /** The designs of what a page is about. */
  Set<Integer> designs(Question question) {
    return groups(question, true);
  }

  /** The categories of what a page is about. */
  Set<Integer> categories(Question question) {
    return groups(question, false);
  }

  private Set<Integer> groups(Question question, boolean designs) {
    var groups = new HashSet<Integer>();
    for (int product : about(question)) {
      int group = designs ? past.catalogue().design(product) : past.catalogue().category(product);
      if (group >= 0) {
        groups.add(group);
      }
    }
    return groups;
  }

  /** The product consulted, or those bought before, latest first. */
  int[] about(Question question) {
    @Nullable String consulted = question.consulted();
    return consulted != null
        ? new int[] {past.catalogue().number(Objects.requireNonNull(consulted))}
        : question.history().stream()
            .mapToInt(bought -> past.catalogue().number(bought.productId()))
            .toArray();
  }

  /** How many of what was bought count in a slice. */
  static int relevant(One one, Slice slice) {
    int count = 0;
    for (byte slices : one.slices) {
      count += (slices >> slice.column()) & 1;
    }
    return count;
  }

  /** For each place of a page, whether it holds what was bought and counts in a slice. */
  static boolean[] hits(One one, int[] shown, Slice slice) {
    var hits = new boolean[shown.length];
    for (int i = 0; i < one.bought.length; i++) {
      if ((one.slices[i] >> slice.column() & 1) == 1) {
        for (int j = 0; j < shown.length; j++) {
          hits[j] |= shown[j] == one.bought[i];
        }
      }
    }
    return hits;
  }

  /** A number that tells these questions from others, whatever the catalogue is called. */
  long fingerprint() {
    long hash = task.toString().hashCode() * 31L + k;
    for (Question page : pages) {
      hash = hash * 31 + Objects.hashCode(page.consulted());
      hash = hash * 31 + Objects.hashCode(page.customer());
      hash = hash * 31 + Boolean.hashCode(page.newOnly());
      hash = hash * 31 + page.history().size();
      for (Question.Bought bought : page.history()) {
        hash = hash * 31 + bought.productId().hashCode();
        hash = hash * 31 + bought.time().getEpochSecond();
      }
    }
    for (One one : all) {
      hash = hash * 31 + one.page;
      hash = hash * 31 + past.history().customerId(one.customer).hashCode();
      for (int product : one.bought) {
        hash = hash * 31 + past.catalogue().product(product).id().hashCode();
      }
      hash = hash * 31 + Arrays.hashCode(one.slices);
    }
    return hash;
  }
}
