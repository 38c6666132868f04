package io.lookalike.benchmarks;

import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * Whether it matters how a catalogue came to be: recall at 10 and queries a second of Fashion-MNIST
 * in a {@link Recommender} that was filled in one call, one by one, opened from its saved index,
 * opened without it, and refitted, beside the index alone; in the order of the file, sorted by
 * class as a shop's ids often are, and shuffled.
 *
 * <pre>
 * FeedingBenchmark FOLDER [EF_SEARCH|default] [ORDER...]
 * </pre>
 */
public final class FeedingBenchmark {

  private static final int K = 10;
  private static final int ROUNDS = 7;
  private static final int BATCH = 256;

  private final int dimension;
  private final List<Query> queries;
  private final List<Set<String>> truth;
  private final IndexFactory factory;
  private final String order;

  private FeedingBenchmark(
      int dimension,
      List<Query> queries,
      List<Set<String>> truth,
      IndexFactory factory,
      String order) {
    this.dimension = dimension;
    this.queries = queries;
    this.truth = truth;
    this.factory = factory;
    this.order = order;
  }

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    List<float[]> pictures = IdxFile.read(folder.resolve("train-images-idx3-ubyte.gz"));
    byte[] labels;
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(folder.resolve("train-labels-idx1-ubyte.gz")))) {
      in.skipNBytes(8);
      labels = in.readAllBytes();
    }
    int dimension = pictures.get(0).length;
    List<Query> queries =
        IdxFile.read(folder.resolve("t10k-images-idx3-ubyte.gz")).subList(0, 3000).stream()
            .map(v -> Query.of(v, K))
            .toList();
    IndexFactory factory =
        args.length < 2 || args[1].equals("default")
            ? HnswIndex.factory()
            : HnswIndex.builder().efSearch(Integer.parseInt(args[1])).factory();
    List<String> orders =
        args.length < 3
            ? List.of("class", "file", "shuffled")
            : List.of(args).subList(2, args.length);
    for (String order : orders) {
      List<Integer> numbers = new ArrayList<>(IntStream.range(0, pictures.size()).boxed().toList());
      switch (order) {
        case "class" -> numbers.sort(Comparator.comparingInt(i -> labels[i]));
        case "shuffled" -> Collections.shuffle(numbers, new Random(1));
        default -> {} // as they are
      }
      var items = new ArrayList<ProductFeatures>();
      for (int i : numbers) {
        // Ids in this order, too, as a refit and an opened store go by them.
        String id = String.format(Locale.ROOT, "p%05d", items.size());
        items.add(new ProductFeatures(Product.of(id), pictures.get(i)));
      }
      var benchmark =
          new FeedingBenchmark(
              dimension, queries, truth(items, queries, dimension), factory, order);
      benchmark.run(items);
    }
  }

  private static List<IndexItem> indexItems(List<ProductFeatures> items) {
    return items.stream().map(p -> IndexItem.of(p.product().id(), p.features())).toList();
  }

  private static List<Set<String>> truth(
      List<ProductFeatures> items, List<Query> queries, int dimension) {
    try (NeighborIndex exact = BruteForceIndex.factory().build(dimension, indexItems(items))) {
      exact.optimize();
      List<Set<String>> truth = new ArrayList<>();
      for (List<Neighbor> answer : exact.searchAll(queries)) {
        truth.add(new HashSet<>(answer.stream().map(Neighbor::id).toList()));
      }
      return truth;
    }
  }

  private void run(List<ProductFeatures> items) throws IOException {
    List<IndexItem> indexed = indexItems(items);
    for (int warmUp = 0; warmUp < 2; warmUp++) {
      alone(indexed, "warm-up");
    }
    alone(indexed, "index alone, one call");
    through("added in bulk", shop -> shop.addAll(items));
    through(
        "added by 256",
        shop -> {
          for (int from = 0; from < items.size(); from += BATCH) {
            shop.addAll(items.subList(from, Math.min(items.size(), from + BATCH)));
          }
        });
    through(
        "added one by one",
        shop -> {
          items.forEach(item -> shop.add(item.product(), item.features()));
        });
    through(
        "added one by one, then optimized",
        shop -> {
          items.forEach(item -> shop.add(item.product(), item.features()));
          shop.optimize();
        });
    Path store = Files.createTempDirectory("lookalike-feeding");
    through(
        "added in bulk to a store, refitted",
        builder().store(store),
        shop -> {
          shop.addAll(items);
          long start = System.nanoTime();
          shop.refit();
          System.err.printf(Locale.ROOT, "refit: %.1f s%n", (System.nanoTime() - start) / 1e9);
        });
    opened("opened with its index", store);
    delete(store.resolve("index"));
    opened("opened without it", store);
    delete(store);
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (var all = Files.walk(folder)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  private void alone(List<IndexItem> items, String how) {
    long start = System.nanoTime();
    try (NeighborIndex index = factory.create(dimension)) {
      index.upsertAll(items);
      measure(index, how, (System.nanoTime() - start) / 1e9);
    }
  }

  private RecommenderBuilder builder() {
    return Recommender.builder().dimension(dimension).index(factory);
  }

  private void through(String how, Consumer<Recommender> fill) {
    through(how, builder(), fill);
  }

  private void through(String how, RecommenderBuilder builder, Consumer<Recommender> fill) {
    long start = System.nanoTime();
    try (Recommender shop = builder.build()) {
      fill.accept(shop);
      measure(shop.searcher(), how, (System.nanoTime() - start) / 1e9);
    }
  }

  private void opened(String how, Path store) {
    long start = System.nanoTime();
    try (Recommender shop = builder().store(store).build()) {
      measure(shop.searcher(), how, (System.nanoTime() - start) / 1e9);
    }
  }

  private void measure(NeighborSearcher index, String how, double seconds) {
    double best = Double.POSITIVE_INFINITY;
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var answers = new ArrayList<List<Neighbor>>(queries.size());
      long start = System.nanoTime();
      for (Query query : queries) {
        answers.add(index.search(query));
      }
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
      found = 0;
      for (int i = 0; i < answers.size(); i++) {
        for (Neighbor neighbor : answers.get(i)) {
          found += truth.get(i).contains(neighbor.id()) ? 1 : 0;
        }
      }
    }
    if (!how.equals("warm-up")) {
      System.out.printf(
          Locale.ROOT,
          "{\"order\":\"%s\",\"way\":\"%s\",\"jdk\":\"%s\",\"recall\":%.4f,"
              + "\"queriesPerSecond\":%.0f,\"seconds\":%.1f}%n",
          order,
          how,
          System.getProperty("java.version"),
          found / (double) (K * queries.size()),
          queries.size() / best,
          seconds);
    }
  }
}
