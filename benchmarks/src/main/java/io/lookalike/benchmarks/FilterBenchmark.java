package io.lookalike.benchmarks;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Recall and queries per second of the graph where only some products match: the ten nearest of 200
 * queries, one at a time on one thread, default settings. A line of JSON for each share, with
 * matches that lie anywhere (scattered), and with those most similar to one of two products (near
 * A, near B).
 *
 * <pre>
 * FilterBenchmark FOLDER     Fashion-MNIST
 * FilterBenchmark PRODUCTS   this number of products of 256 numbers, with a spectrum like features'
 * </pre>
 *
 * The true neighbours are found by exact search, whose answers are certified.
 */
public final class FilterBenchmark {

  private static final int K = 10;
  private static final int QUERIES = 200;
  private static final int ROUNDS = 5;
  private static final int DIMENSION = 256;
  private static final int A = 77;
  private static final int B = 4242;
  private static final double[] SHARES = {.5, .1, .03, .01, .001};

  private FilterBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] args) throws IOException {
    List<UnitVector> base;
    List<UnitVector> queries;
    if (args[0].matches("\\d+")) {
      var data = new SpectrumData(DIMENSION, 1);
      base = rows(data, 0, Integer.parseInt(args[0]));
      queries = rows(data, -QUERIES, QUERIES);
    } else {
      Path folder = Path.of(args[0]);
      base = vectors(IdxFile.read(folder.resolve("train-images-idx3-ubyte.gz")));
      queries =
          vectors(IdxFile.read(folder.resolve("t10k-images-idx3-ubyte.gz")).subList(0, QUERIES));
    }
    var random = new SplittableRandom(1);
    int[] scattered = random.ints(base.size(), 0, base.size()).toArray();
    int[] nearA = ranks(base, base.get(A));
    int[] nearB = ranks(base, base.get(B));
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < base.size(); i++) {
      Attributes attributes =
          Attributes.none()
              .with("scattered", scattered[i])
              .with("near A", nearA[i])
              .with("near B", nearB[i]);
      items.add(new IndexItem("p" + i, base.get(i), attributes));
    }
    int dimension = base.get(0).dimension();
    try (var index = (HnswIndex) HnswIndex.factory().create(dimension);
        var exact = (BruteForceIndex) BruteForceIndex.factory().create(dimension)) {
      index.upsertAll(items);
      exact.upsertAll(items);
      exact.optimize();
      measure(index, exact, queries, "all", 1, Filter.ALL);
      for (String matches : List.of("scattered", "near A", "near B")) {
        for (double share : SHARES) {
          Filter filter = Filter.lessThan(matches, (int) (share * base.size()));
          measure(index, exact, queries, matches, share, filter);
        }
      }
    }
  }

  private static List<UnitVector> rows(SpectrumData data, int from, int count) {
    return IntStream.range(from, from + count)
        .parallel()
        .mapToObj(i -> UnitVector.of(data.row(i)))
        .toList();
  }

  private static List<UnitVector> vectors(List<float[]> rows) {
    return rows.stream().map(UnitVector::of).toList();
  }

  /** For each product, the number of those that are closer to another. */
  private static int[] ranks(List<UnitVector> base, UnitVector to) {
    var similarities = new float[base.size()];
    to.cosines(base, similarities);
    int[] closestFirst =
        IntStream.range(0, base.size())
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -similarities[i]))
            .mapToInt(i -> i)
            .toArray();
    var ranks = new int[base.size()];
    for (int rank = 0; rank < ranks.length; rank++) {
      ranks[closestFirst[rank]] = rank;
    }
    return ranks;
  }

  private static void measure(
      HnswIndex index,
      BruteForceIndex exact,
      List<UnitVector> vectors,
      String matches,
      double share,
      Filter filter) {
    List<Query> queries = vectors.stream().map(v -> Query.of(v, K).where(filter)).toList();
    var truth =
        exact.searchAll(queries).stream()
            .map(answer -> answer.stream().map(Neighbor::id).collect(Collectors.toSet()))
            .toList();
    double best = Double.POSITIVE_INFINITY;
    var fastest = new long[QUERIES];
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var nanos = new long[QUERIES];
      var answers = new ArrayList<List<Neighbor>>();
      long start = System.nanoTime();
      for (int i = 0; i < QUERIES; i++) {
        long before = System.nanoTime();
        answers.add(index.search(queries.get(i)));
        nanos[i] = System.nanoTime() - before;
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      if (seconds < best) {
        best = seconds;
        fastest = nanos;
      }
      found = 0;
      for (int i = 0; i < QUERIES; i++) {
        for (Neighbor neighbor : answers.get(i)) {
          found += truth.get(i).contains(neighbor.id()) ? 1 : 0;
        }
      }
    }
    Arrays.sort(fastest);
    System.out.printf(
        Locale.ROOT,
        "{\"products\":%d,\"dimension\":%d,\"jdk\":\"%s\",\"matches\":\"%s\",\"share\":%s,"
            + "\"recall\":%.4f,\"queriesPerSecond\":%.0f,\"p50Micros\":%.0f,\"p99Micros\":%.0f}%n",
        index.size(),
        index.dimension(),
        System.getProperty("java.version"),
        matches,
        share,
        found / (double) truth.stream().mapToInt(ids -> ids.size()).sum(),
        QUERIES / best,
        fastest[QUERIES / 2] / 1e3,
        fastest[QUERIES * 99 / 100] / 1e3);
  }
}
