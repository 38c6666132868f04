package io.lookalike.benchmarks;

import io.lookalike.CoPurchases;
import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.PurchaseLog;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What knowing who bought what takes: heap, microseconds to record a purchase, and microseconds for
 * what was bought with a product. Customers buy over a year, of products of which a few sell most.
 *
 * <pre>
 * CoPurchasesBenchmark CUSTOMERS PURCHASES_EACH PRODUCTS
 * </pre>
 */
public final class CoPurchasesBenchmark {

  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  private static final int SECONDS = 365 * 86_400;
  private static final int QUESTIONS = 2_000;

  private CoPurchasesBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args numbers of customers, of purchases of each, and of products
   */
  public static void main(String[] args) {
    int customers = Integer.parseInt(args[0]);
    int each = Integer.parseInt(args[1]);
    int products = Integer.parseInt(args[2]);
    var random = new SplittableRandom(7);
    long before = UsedHeap.bytes();
    CoPurchases counts = CoPurchases.builder().maxCustomers(customers).build();
    long all = (long) customers * each;
    long start = System.nanoTime();
    // In the order of time, as a shop records them.
    for (long i = 0; i < all; i++) {
      counts.record(
          new Event(
              Customer.of("customer-" + random.nextInt(customers)),
              Event.Kind.BOUGHT,
              product(random, products),
              FIRST.plusSeconds(SECONDS * i / all)));
    }
    double record = (System.nanoTime() - start) / 1e3 / all;
    long heap = UsedHeap.bytes() - before;
    var log = new PurchaseLog();
    var micros = new double[QUESTIONS];
    for (int i = 0; i < QUESTIONS; i++) {
      String id = product(random, products);
      start = System.nanoTime();
      counts.boughtWith(id, FIRST.plusSeconds(SECONDS), log, 100);
      micros[i] = (System.nanoTime() - start) / 1e3;
    }
    Arrays.sort(micros);
    System.out.printf(
        Locale.ROOT,
        "%,d customers of %,d purchases on average, %,d products: heap %,d MB (%.0f bytes a purchase),"
            + " %.2f us to record, bought with: %.0f us median, %.0f us p99%n",
        counts.customers(),
        each,
        products,
        heap >> 20,
        (double) heap / all,
        record,
        micros[QUESTIONS / 2],
        micros[QUESTIONS * 99 / 100]);
  }

  private static String product(SplittableRandom random, int products) {
    double share = random.nextDouble();
    return "product-" + (int) (products * share * share * share);
  }
}
