package io.lookalike.benchmarks;

import io.lookalike.AuditReport;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.store.jdbc.JdbcStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How long an audit of a whole catalogue takes: clustered vectors in the graph and in SQLite.
 *
 * <pre>
 * AuditBenchmark FOLDER [PRODUCTS] [DIMENSION] [PAGES]
 * AuditBenchmark FOLDER FASHION-MNIST - [PAGES]
 * </pre>
 *
 * The store is filled if it is empty. {@code -} instead of a folder leaves it out. With
 * Fashion-MNIST's folder its pictures are the products, and recall and queries a second of its test
 * pictures are printed before and after the audits.
 */
public final class AuditBenchmark {

  private static final int CLUSTERS = 2_000;
  private static final int DIRECTIONS = 64;
  private static final int TIMES = 3;

  private AuditBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if the store cannot be opened
   */
  public static void main(String[] args) throws IOException {
    Unseen unseen =
        args.length > 1 && Files.isDirectory(Path.of(args[1]))
            ? new Unseen(Path.of(args[1]))
            : null;
    int products =
        unseen != null
            ? unseen.products.size()
            : args.length < 2 ? 100_000 : Integer.parseInt(args[1]);
    int dimension =
        unseen != null ? unseen.dimension() : args.length < 3 ? 1_280 : Integer.parseInt(args[2]);
    int pages = args.length < 4 ? 1_000 : Integer.parseInt(args[3]);
    RecommenderBuilder builder =
        Recommender.builder().dimension(dimension).index(HnswIndex.factory());
    if (!args[0].equals("-")) {
      builder.store(JdbcStore.sqlite(Path.of(args[0])));
    }
    long start = System.nanoTime();
    try (Recommender shop = builder.build()) {
      if (shop.size() == 0) {
        Iterable<ProductFeatures> items =
            unseen != null ? unseen.items() : () -> items(products, dimension);
        shop.addAll(items);
        for (int i = 0; i < products; i += 10) {
          shop.recordPurchase("p" + i, Instant.EPOCH.plusSeconds(86_400L * (i % 700)));
        }
      }
      System.out.printf(Locale.ROOT, "ready after %.1f s%n", (System.nanoTime() - start) / 1e9);
      if (unseen != null) {
        unseen.ask(shop);
      }
      for (int i = 0; i < TIMES; i++) {
        double busy = processor();
        AuditReport report = shop.audit(Integer.MAX_VALUE, pages);
        busy = processor() - busy;
        System.out.println(report);
        System.out.printf(
            Locale.ROOT,
            "{\"jdk\":\"%s\",\"processors\":%d,\"load\":%.1f,\"products\":%d,\"dimension\":%d,"
                + "\"store\":%b,\"pages\":%d,\"seconds\":%.1f,\"processorSeconds\":%.1f,\"healthy\":%b,\"unfindable\":%d,"
                + "\"rightPages\":%d,\"mendedPages\":%d,\"recall\":%.4f}%n",
            System.getProperty("java.version"),
            Runtime.getRuntime().availableProcessors(),
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
            report.products(),
            dimension,
            report.compared() > 0,
            report.pages(),
            report.millis() / 1e3,
            busy,
            report.healthy(),
            report.unfindable().number(),
            report.rightPages(),
            report.mendedPages(),
            report.recall());
      }
      if (unseen != null) {
        unseen.ask(shop);
      }
    }
  }

  /** Fashion-MNIST's test pictures, and the true ten nearest of 1,000 of them. */
  private static final class Unseen {
    private static final int QUERIES = 1_000;
    private static final int K = 10;
    private static final int ROUNDS = 9;

    final List<float[]> products;
    private final List<float[]> queries;
    private final List<Set<String>> truth = new ArrayList<>();

    Unseen(Path folder) throws IOException {
      products = IdxFile.read(folder.resolve("train-images-idx3-ubyte.gz"));
      queries = IdxFile.read(folder.resolve("t10k-images-idx3-ubyte.gz")).subList(0, QUERIES);
      try (NeighborIndex exact = BruteForceIndex.factory().create(dimension())) {
        var all = new ArrayList<IndexItem>();
        items().forEach(item -> all.add(IndexItem.of(item.product().id(), item.features())));
        exact.upsertAll(all);
        for (float[] query : queries) {
          truth.add(
              exact.search(Query.of(query, K)).stream()
                  .map(Neighbor::id)
                  .collect(Collectors.toSet()));
        }
      }
    }

    int dimension() {
      return products.get(0).length;
    }

    Iterable<ProductFeatures> items() {
      return () ->
          IntStream.range(0, products.size())
              .mapToObj(i -> new ProductFeatures(Product.of("p" + i), products.get(i)))
              .iterator();
    }

    /** The best of some rounds. */
    void ask(Recommender shop) {
      double best = 0;
      long found = 0;
      for (int round = 0; round < ROUNDS; round++) {
        found = 0;
        long start = System.nanoTime();
        for (int i = 0; i < QUERIES; i++) {
          List<Recommendation> page = shop.similarTo(queries.get(i), K);
          Set<String> wanted = truth.get(i);
          found += page.stream().filter(each -> wanted.contains(each.id())).count();
        }
        best = Math.max(best, QUERIES * 1e9 / (System.nanoTime() - start));
      }
      System.out.printf(
          Locale.ROOT,
          "{\"jdk\":\"%s\",\"what\":\"unseen queries\",\"recall\":%.4f,\"pagesPerSecond\":%.0f}%n",
          System.getProperty("java.version"),
          (double) found / QUERIES / K,
          best);
    }
  }

  private static double processor() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : Double.NaN;
  }

  private static Iterator<ProductFeatures> items(int products, int dimension) {
    var random = new Random(1);
    float[][] directions = gaussian(random, DIRECTIONS, dimension);
    var centers = new float[CLUSTERS][dimension];
    for (float[] center : centers) {
      add(center, random, directions, 1);
    }
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < products;
      }

      @Override
      public ProductFeatures next() {
        float[] vector = centers[random.nextInt(CLUSTERS)].clone();
        add(vector, random, directions, .5);
        for (int i = 0; i < dimension; i++) {
          vector[i] += .05f * (float) random.nextGaussian();
        }
        Product product =
            Product.of("p" + next++)
                .with("brand", "b" + random.nextInt(200))
                .with("price", random.nextInt(100));
        return new ProductFeatures(product, vector);
      }
    };
  }

  private static float[][] gaussian(Random random, int rows, int dimension) {
    var all = new float[rows][dimension];
    for (float[] row : all) {
      for (int i = 0; i < dimension; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return all;
  }

  /** A mixture of directions, of which the first weigh most. */
  private static void add(float[] vector, Random random, float[][] directions, double scale) {
    for (int d = 0; d < directions.length; d++) {
      float weight = (float) (scale * random.nextGaussian() / Math.sqrt(1 + d));
      for (int i = 0; i < vector.length; i++) {
        vector[i] += weight * directions[d][i];
      }
    }
  }
}
