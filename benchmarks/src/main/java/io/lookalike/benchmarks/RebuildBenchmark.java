package io.lookalike.benchmarks;

import io.lookalike.Recommender;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How long a shop takes to open whose saved index is gone until the index is built from the store,
 * beside building the same index of the same vectors in memory, in turn in one JVM; and until it is
 * saved again. A line of JSON for each round.
 *
 * <pre>
 * RebuildBenchmark STORE [PRODUCTS] [DIMENSION] [ROUNDS]
 * </pre>
 *
 * The store is one that {@link RestartBenchmark} made with the same numbers; its saved index is
 * deleted.
 */
public final class RebuildBenchmark {

  private RebuildBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if the store cannot be read
   */
  public static void main(String[] args) throws IOException {
    Path store = Path.of(args[0]);
    int products = args.length < 2 ? 105_542 : Integer.parseInt(args[1]);
    int dimension = args.length < 3 ? 1_280 : Integer.parseInt(args[2]);
    int rounds = args.length < 4 ? 3 : Integer.parseInt(args[3]);
    List<IndexItem> items = items(products, dimension);
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      try (NeighborIndex index = HnswIndex.factory().build(dimension, items)) {
        double memory = (System.nanoTime() - start) / 1e9;
        deleteIndex(store);
        var factory = new Timed(HnswIndex.factory());
        start = System.nanoTime();
        try (Recommender shop =
            Recommender.builder().dimension(dimension).index(factory).store(store).build()) {
          double opened = (System.nanoTime() - start) / 1e9;
          double built = (factory.built - start) / 1e9;
          System.out.printf(
              Locale.ROOT,
              "{\"jdk\":\"%s\",\"products\":%d,\"dimension\":%d,\"fromMemorySeconds\":%.1f,"
                  + "\"fromStoreSeconds\":%.1f,\"ratio\":%.2f,\"withSavingSeconds\":%.1f}%n",
              System.getProperty("java.version"),
              Math.min(shop.size(), index.size()),
              dimension,
              memory,
              built,
              built / memory,
              opened);
        }
      }
    }
  }

  /** Notes when an index is built, before it is saved. */
  private static final class Timed implements IndexFactory {
    private final IndexFactory factory;
    private long built;

    Timed(IndexFactory factory) {
      this.factory = factory;
    }

    @Override
    public NeighborIndex create(int dimension) {
      return factory.create(dimension);
    }

    @Override
    public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
      NeighborIndex index = factory.build(dimension, items);
      built = System.nanoTime();
      return index;
    }
  }

  private static List<IndexItem> items(int products, int dimension) {
    var items = new ArrayList<IndexItem>(products);
    Iterator<ProductFeatures> each = RestartBenchmark.items(products, dimension);
    while (each.hasNext()) {
      ProductFeatures next = each.next();
      items.add(
          new IndexItem(
              next.product().id(), UnitVector.of(next.features()), next.product().attributes()));
    }
    return items;
  }

  private static void deleteIndex(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store.resolve("index"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
