package io.lookalike.benchmarks;

import io.lookalike.Purchase;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.hnsw.HnswIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What it costs a shop to be durable, through {@code Recommender} with an SQLite store and {@code
 * HnswIndex}: a first load beside one in memory, products in groups, purchases, and attribute
 * changes beside pages, with the pages' times with and without them.
 *
 * <pre>
 * DurableShop FOLDER [PRODUCTS] [DIMENSION] [SECONDS]
 * </pre>
 */
public final class DurableShop {

  private static final int GROUP = 256;
  private static final int WRITERS = 400;
  private static final int PAGES_A_SECOND = 400;
  private static final int CHANGES_A_SECOND = 20_500;

  private final int products;
  private final int dimension;
  private final int seconds;

  private DurableShop(int products, int dimension, int seconds) {
    this.products = products;
    this.dimension = dimension;
    this.seconds = seconds;
  }

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws Exception if the store cannot be written, or a thread is interrupted
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    new DurableShop(number(args, 1, 20_000), number(args, 2, 1_280), number(args, 3, 10))
        .measure(folder);
  }

  private static int number(String[] args, int at, int otherwise) {
    return args.length > at ? Integer.parseInt(args[at]) : otherwise;
  }

  private RecommenderBuilder builder() {
    return Recommender.builder().dimension(dimension).index(HnswIndex.factory());
  }

  private void measure(Path folder) throws Exception {
    List<ProductFeatures> items = items();
    int loaded = products * 3 / 4;
    long start = System.nanoTime();
    try (Recommender inMemory = builder().build()) {
      inMemory.addAll(items.subList(0, loaded));
    }
    print("first load in memory, products a second", loaded / since(start));
    start = System.nanoTime();
    try (Recommender shop = builder().store(folder).build()) {
      shop.addAll(items.subList(0, loaded));
      print("first load, durable, products a second", loaded / since(start));
      start = System.nanoTime();
      for (int i = loaded; i < products; i += GROUP) {
        shop.addAll(items.subList(i, Math.min(products, i + GROUP)));
      }
      print("products in groups of 256, durable, a second", (products - loaded) / since(start));
      purchases(shop);
      changes(shop);
      shop.save();
    }
    try (Stream<Path> files = Files.list(folder)) {
      long bytes =
          files
              .filter(f -> f.toString().contains("lookalike.db"))
              .mapToLong(DurableShop::size)
              .sum();
      print("size of the database by that of the floats", bytes / (4.0 * products * dimension));
    }
    start = System.nanoTime();
    int n = 200_000;
    try (Recommender shop =
        builder().store(folder).purchasesDurableWithin(Duration.ofMillis(10)).build()) {
      start = System.nanoTime();
      for (int i = 0; i < n; i++) {
        shop.recordPurchase("p" + i % products, Instant.EPOCH);
      }
    }
    print("purchases one by one, durable within 10 ms, a second", n / since(start));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void purchases(Recommender shop) {
    int n = 200_000;
    long start = System.nanoTime();
    for (int i = 0; i < n; i += 500) {
      var group = new ArrayList<Purchase>(500);
      for (int j = i; j < i + 500; j++) {
        group.add(
            Purchase.of("p" + j * 31L % products, Instant.EPOCH.plusSeconds(86_400L * (j % 90))));
      }
      shop.recordPurchases(group);
    }
    print("purchases in groups of 500, durable, a second", n / since(start));
  }

  /** Pages at a steady rate, first alone, then beside attribute changes. */
  private void changes(Recommender shop) throws InterruptedException {
    pages(shop, seconds); // until it is warm
    double[] alone = pages(shop, seconds);
    print("p99 of a page without changes, ms", alone[1]);
    print("median of a page without changes, ms", alone[0]);
    changes(shop, "as many as can be", 0);
    changes(shop, "at a steady rate", 1_000_000_000L * WRITERS / CHANGES_A_SECOND);
  }

  /**
   * Many writers, each of which waits until its change is durable.
   *
   * @param period nanoseconds from one change of a writer to its next
   */
  private void changes(Recommender shop, String how, long period) throws InterruptedException {
    var done = new AtomicBoolean();
    var changed = new AtomicLong();
    var threads = new ArrayList<Thread>();
    for (int t = 0; t < WRITERS; t++) {
      int writer = t;
      var thread =
          new Thread(
              () -> {
                var random = new Random(writer);
                long due = System.nanoTime() + (long) (random.nextDouble() * period);
                while (!done.get()) {
                  awaitTime(due);
                  due += period;
                  int stock = random.nextInt(100);
                  shop.update("p" + random.nextInt(products), a -> a.with("stock", stock));
                  changed.incrementAndGet();
                }
              });
      threads.add(thread);
      thread.start();
    }
    long before = changed.get();
    long start = System.nanoTime();
    double[] beside = pages(shop, seconds);
    print(
        "attribute changes, durable, " + how + ", beside 400 pages a second, a second",
        (changed.get() - before) / since(start));
    done.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    print("p99 of a page beside changes " + how + ", ms", beside[1]);
    print("median of a page beside changes " + how + ", ms", beside[0]);
  }

  private static void awaitTime(long due) {
    while (System.nanoTime() - due < 0) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  /** Pages at a steady rate; times count from when each was due. */
  private double[] pages(Recommender shop, int seconds) throws InterruptedException {
    int n = PAGES_A_SECOND * seconds;
    var millis = new double[n];
    var finished = new CountDownLatch(1);
    var thread =
        new Thread(
            () -> {
              var random = new Random(7);
              long first = System.nanoTime();
              for (int i = 0; i < n; i++) {
                long due = first + i * 1_000_000_000L / PAGES_A_SECOND;
                awaitTime(due);
                shop.similarTo("p" + random.nextInt(products), 12);
                millis[i] = (System.nanoTime() - due) / 1e6;
              }
              finished.countDown();
            });
    thread.start();
    finished.await();
    Arrays.sort(millis);
    return new double[] {millis[n / 2], millis[n * 99 / 100]};
  }

  private List<ProductFeatures> items() {
    var random = new Random(1);
    var directions = new float[64][dimension];
    for (float[] direction : directions) {
      for (int i = 0; i < dimension; i++) {
        direction[i] = (float) random.nextGaussian();
      }
    }
    var items = new ArrayList<ProductFeatures>(products);
    for (int p = 0; p < products; p++) {
      var vector = new float[dimension];
      for (int d = 0; d < directions.length; d++) {
        float weight = (float) (random.nextGaussian() / Math.sqrt(1 + d));
        for (int i = 0; i < dimension; i++) {
          vector[i] += weight * directions[d][i];
        }
      }
      items.add(
          new ProductFeatures(
              Product.of("p" + p)
                  .with("brand", "b" + random.nextInt(200))
                  .with("price", random.nextInt(100))
                  .with("stock", random.nextInt(10)),
              vector));
    }
    return items;
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void print(String what, double value) {
    System.out.printf(
        Locale.ROOT,
        "{\"jdk\":\"%s\",\"what\":\"%s\",\"value\":%.2f}%n",
        System.getProperty("java.version"),
        what,
        value);
  }
}
