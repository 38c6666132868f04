package io.lookalike.benchmarks;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.hnsw.HnswIndex;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A shop's restart: how long it takes from the start of the JVM, and from the call of {@code
 * build}, to the first page, what of this the thread that waits computes itself, and how much heap
 * a recommender takes. The first run makes the store; each run after it is one restart.
 *
 * <pre>
 * RestartBenchmark STORE [PRODUCTS] [DIMENSION]
 * </pre>
 */
public final class RestartBenchmark {

  private static final int DIRECTIONS = 64;

  private RestartBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if the store cannot be written or read
   */
  public static void main(String[] args) throws IOException {
    Path store = Path.of(args[0]);
    int products = args.length < 2 ? 105_542 : Integer.parseInt(args[1]);
    int dimension = args.length < 3 ? 1_280 : Integer.parseInt(args[2]);
    RecommenderBuilder builder =
        Recommender.builder()
            .dimension(dimension)
            .index(HnswIndex.factory())
            .purchasesDurableWithin(Duration.ofMillis(10))
            .store(store);
    if (!Files.exists(store)) {
      make(builder, products, dimension);
      return;
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long ownStart = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    try (Recommender shop = builder.build()) {
      long opened = System.nanoTime();
      List<Recommendation> page = shop.similarTo("p" + products / 2, 10);
      long answered = System.nanoTime();
      long ownAnswered = threads.getCurrentThreadCpuTime();
      long sinceStart =
          System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
      System.out.printf(
          Locale.ROOT,
          "{\"jdk\":\"%s\",\"products\":%d,\"dimension\":%d,\"openMillis\":%.0f,"
              + "\"toFirstPageMillis\":%.0f,\"ofItsOwnThread\":%.0f,\"fromJvmStartMillis\":%d,"
              + "\"page\":%d,\"heapMiB\":%d}%n",
          System.getProperty("java.version"),
          shop.size(),
          dimension,
          (opened - start) / 1e6,
          (answered - start) / 1e6,
          (ownAnswered - ownStart) / 1e6,
          sinceStart,
          page.size(),
          UsedHeap.bytes() >> 20);
    }
  }

  private static void make(RecommenderBuilder builder, int products, int dimension)
      throws IOException {
    long start = System.nanoTime();
    try (Recommender shop = builder.build()) {
      Iterable<ProductFeatures> items = () -> items(products, dimension);
      shop.addAll(items);
      for (int i = 0; i < products; i += 10) {
        shop.recordPurchase("p" + i, Instant.EPOCH.plusSeconds(86_400L * (i % 700)));
      }
      long filled = System.nanoTime();
      shop.save();
      System.out.printf(
          Locale.ROOT,
          "{\"jdk\":\"%s\",\"products\":%d,\"dimension\":%d,\"fillSeconds\":%.1f,"
              + "\"saveSeconds\":%.1f,\"heapMiB\":%d,\"vectorsMiB\":%d}%n",
          System.getProperty("java.version"),
          products,
          dimension,
          (filled - start) / 1e9,
          (System.nanoTime() - filled) / 1e9,
          UsedHeap.bytes() >> 20,
          4L * products * dimension >> 20);
    }
  }

  /** A seeded catalogue. */
  static Iterator<ProductFeatures> items(int products, int dimension) {
    var random = new Random(1);
    var directions = new float[DIRECTIONS][dimension];
    for (float[] direction : directions) {
      for (int i = 0; i < dimension; i++) {
        direction[i] = (float) random.nextGaussian();
      }
    }
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < products;
      }

      @Override
      public ProductFeatures next() {
        Product product =
            Product.of("p" + next++)
                .with("brand", "b" + random.nextInt(200))
                .with("category", "c" + random.nextInt(40))
                .with("price", random.nextInt(100))
                .with("stock", random.nextInt(10));
        return new ProductFeatures(product, vector(random, directions, dimension));
      }
    };
  }

  /** A mixture of directions, of which the first weigh most, and a little noise. */
  private static float[] vector(Random random, float[][] directions, int dimension) {
    var vector = new float[dimension];
    for (int d = 0; d < directions.length; d++) {
      float weight = (float) (random.nextGaussian() / Math.sqrt(1 + d));
      for (int i = 0; i < dimension; i++) {
        vector[i] += weight * directions[d][i];
      }
    }
    for (int i = 0; i < dimension; i++) {
      vector[i] += .05f * (float) random.nextGaussian();
    }
    return vector;
  }
}
