package io.lookalike.benchmarks;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.index.hnswlib.HnswlibIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Recall against queries per second of the graph, on Fashion-MNIST (60,000 x 784), the ten nearest
 * of 1,000 test queries, one query at a time on one thread; with how long the graph takes to build
 * and how much memory. A line of JSON for each.
 *
 * <pre>
 * GraphBenchmark FOLDER [hnsw|hnswlib] [M] [EF_CONSTRUCTION] [THREADS] [VECTORS_IN]
 * </pre>
 *
 * The true neighbours are found by exact search, whose answers are certified.
 */
public final class GraphBenchmark {

  private static final int K = 10;
  private static final int ROUNDS = 20;

  /** Indexes that are built and searched before the first that counts: the compiler takes two. */
  private static final int WARM_UPS = 2;

  private static final int[] EF = {15, 18, 20, 30, 50, 80, 160};

  private GraphBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    boolean ours = args.length < 2 || args[1].equals("hnsw");
    int m = args.length < 3 ? 16 : Integer.parseInt(args[2]);
    int efConstruction = args.length < 4 ? 100 : Integer.parseInt(args[3]);
    int threads = args.length < 5 ? 1 : Integer.parseInt(args[4]);
    List<float[]> base = IdxFile.read(folder.resolve("train-images-idx3-ubyte.gz"));
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < base.size(); i++) {
      items.add(IndexItem.of("p" + i, base.get(i)));
    }
    List<Query> queries =
        IdxFile.read(folder.resolve("t10k-images-idx3-ubyte.gz")).subList(0, 1000).stream()
            .map(v -> Query.of(v, K))
            .toList();
    int dimension = base.get(0).length;
    List<Set<String>> truth = truth(items, queries, dimension);
    var factories = new ArrayList<IndexFactory>();
    for (int ef : EF) {
      if (!ours) {
        factories.add(
            HnswlibIndex.builder().m(m).efConstruction(efConstruction).efSearch(ef).factory());
        continue;
      }
      HnswIndex.Builder builder =
          HnswIndex.builder().m(m).efConstruction(efConstruction).efSearch(ef).threads(threads);
      factories.add((args.length < 6 ? builder : builder.vectorsIn(Path.of(args[5]))).factory());
    }
    for (int i = -WARM_UPS; i < factories.size(); i++) {
      int chosen = Math.max(0, i);
      try (NeighborIndex index = factories.get(chosen).create(dimension)) {
        long start = System.nanoTime();
        index.upsertAll(items);
        double seconds = (System.nanoTime() - start) / 1e9;
        String line = measure(index, EF[chosen], seconds, queries, truth, items.size());
        if (i >= 0) {
          System.out.println(line);
        }
      }
    }
  }

  private static String measure(
      NeighborIndex index,
      int ef,
      double buildSeconds,
      List<Query> queries,
      List<Set<String>> truth,
      int size) {
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
    long floats = (long) size * index.dimension() * Float.BYTES;
    return String.format(
        Locale.ROOT,
        "{\"index\":\"%s\",\"jdk\":\"%s\",\"ef\":%d,\"recall\":%.4f,\"queriesPerSecond\":%.0f,"
            + "\"buildSeconds\":%.1f%s}",
        index.getClass().getSimpleName(),
        System.getProperty("java.version"),
        ef,
        found / (double) (K * queries.size()),
        queries.size() / best,
        buildSeconds,
        index instanceof HnswIndex hnsw
            ? String.format(
                Locale.ROOT, ",\"memory\":%.3f", hnsw.memoryBytes() / (double) floats - 1)
            : "");
  }

  private static List<Set<String>> truth(
      List<IndexItem> items, List<Query> queries, int dimension) {
    try (var exact = (BruteForceIndex) BruteForceIndex.factory().create(dimension)) {
      exact.upsertAll(items);
      exact.optimize();
      return exact.searchAll(queries).stream()
          .map(
              answer ->
                  answer.stream().map(Neighbor::id).collect(Collectors.toCollection(HashSet::new)))
          .map(ids -> (Set<String>) ids)
          .toList();
    }
  }
}
