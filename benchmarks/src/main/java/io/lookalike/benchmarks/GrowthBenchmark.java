package io.lookalike.benchmarks;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * What a search costs as the catalogue grows from 10,000 to 1,000,000 products: vectors of 1,280
 * numbers with a spectrum like features', or pictures made of Fashion-MNIST's, which PICTURES
 * holds. They are kept in files ({@link HnswIndex.Builder#vectorsIn}), in one index that grows by
 * 20,000 products at a time.
 *
 * <pre>
 * GrowthBenchmark FOLDER [MOST_PRODUCTS] [THREADS] [PICTURES]
 * </pre>
 *
 * A line of JSON for each number of products and each efSearch. The ten nearest, one query at a
 * time on one thread; recall of 200 queries against exact search, times of 2,000. Build times count
 * neither the making of the vectors nor the exact search, both of which happen in between.
 */
public final class GrowthBenchmark {

  private static final int[] SIZES = {10_000, 30_000, 100_000, 300_000, 1_000_000};
  private static final int DIMENSION = 1280;
  private static final int BATCH = 20_000;
  private static final int K = 10;
  private static final int QUERIES = 2000;
  private static final int WITH_TRUTH = 200;
  private static final int[] EF = {15, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640};

  /** Beyond it no larger efSearch is tried. */
  private static final double ENOUGH = .99;

  private final String name;
  private final LongFunction<float[]> data;
  private final int dimension;
  private final List<Query> queries = new ArrayList<>();
  private final List<UnitVector> sought = new ArrayList<>();
  private final float[][] nearest = new float[WITH_TRUTH][K];
  private final int[][] numbers = new int[WITH_TRUTH][K];

  private GrowthBenchmark(String name, LongFunction<float[]> data) {
    this.name = name;
    this.data = data;
    dimension = data.apply(0).length;
    for (int i = 0; i < QUERIES; i++) {
      queries.add(Query.of(data.apply(-1 - i), K));
    }
    for (int i = 0; i < WITH_TRUTH; i++) {
      sought.add(queries.get(i).vector());
      Arrays.fill(nearest[i], Float.NEGATIVE_INFINITY);
    }
  }

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if the pictures cannot be read
   */
  public static void main(String[] args) throws IOException {
    int most = args.length < 2 ? SIZES[SIZES.length - 1] : Integer.parseInt(args[1]);
    int threads = args.length < 3 ? 2 : Integer.parseInt(args[2]);
    var benchmark =
        args.length < 4
            ? new GrowthBenchmark("spectrum", new SpectrumData(DIMENSION, 1)::row)
            : new GrowthBenchmark("pictures", new PictureData(Path.of(args[3]))::row);
    benchmark.run(Path.of(args[0]), most, threads);
  }

  private void run(Path folder, int most, int threads) {
    try (var index =
        (HnswIndex)
            HnswIndex.builder().vectorsIn(folder).threads(threads).factory().create(dimension)) {
      long nanos = 0;
      int count = 0;
      for (int size : SIZES) {
        if (size > most) {
          return;
        }
        while (count < size) {
          int from = count;
          int to = Math.min(size, from + BATCH);
          var items = new IndexItem[to - from];
          var similarities = new float[to - from][WITH_TRUTH];
          IntStream.range(from, to)
              .parallel()
              .forEach(
                  i -> {
                    items[i - from] = IndexItem.of(id(i), data.apply(i));
                    items[i - from].vector().cosines(sought, similarities[i - from]);
                  });
          note(similarities, from);
          long start = System.nanoTime();
          index.upsertAll(Arrays.asList(items));
          nanos += System.nanoTime() - start;
          count = to;
        }
        measure(index, threads, nanos / 1e9);
      }
    }
  }

  /** As shops' are: ten characters. */
  private static String id(int number) {
    return String.valueOf(1_000_000_000L + number);
  }

  /** Keeps the nearest of every query. */
  private void note(float[][] similarities, int from) {
    for (int i = 0; i < similarities.length; i++) {
      for (int q = 0; q < WITH_TRUTH; q++) {
        float similarity = similarities[i][q];
        float[] best = nearest[q];
        if (similarity > best[K - 1]) {
          int rank = K - 1;
          while (rank > 0 && best[rank - 1] < similarity) {
            best[rank] = best[rank - 1];
            numbers[q][rank] = numbers[q][rank - 1];
            rank--;
          }
          best[rank] = similarity;
          numbers[q][rank] = from + i;
        }
      }
    }
  }

  private void measure(HnswIndex index, int threads, double buildSeconds) {
    System.gc();
    long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    for (int ef : EF) {
      index.setEfSearch(ef);
      double recall = recall(index);
      double seconds = Double.POSITIVE_INFINITY;
      var nanos = new long[QUERIES];
      for (int round = 0; round < 3; round++) {
        var these = new long[QUERIES];
        long start = System.nanoTime();
        for (int i = 0; i < QUERIES; i++) {
          long before = System.nanoTime();
          index.search(queries.get(i));
          these[i] = System.nanoTime() - before;
        }
        double took = (System.nanoTime() - start) / 1e9;
        if (took < seconds) {
          seconds = took;
          nanos = these;
        }
      }
      Arrays.sort(nanos);
      System.out.printf(
          Locale.ROOT,
          "{\"data\":\"%s\",\"products\":%d,\"dimension\":%d,\"jdk\":\"%s\",\"threads\":%d,\"buildSeconds\":%.1f,"
              + "\"heapBytes\":%d,\"memoryBytes\":%d,\"efSearch\":%d,\"recall\":%.4f,"
              + "\"queriesPerSecond\":%.0f,\"p50Micros\":%.0f,\"p99Micros\":%.0f}%n",
          name,
          index.size(),
          dimension,
          System.getProperty("java.version"),
          threads,
          buildSeconds,
          heap,
          index.memoryBytes(),
          ef,
          recall,
          QUERIES / seconds,
          nanos[QUERIES / 2] / 1e3,
          nanos[QUERIES * 99 / 100] / 1e3);
      if (recall >= ENOUGH) {
        return;
      }
    }
  }

  private double recall(HnswIndex index) {
    int found = 0;
    for (int q = 0; q < WITH_TRUTH; q++) {
      Set<String> truth = new HashSet<>();
      for (int number : numbers[q]) {
        truth.add(id(number));
      }
      for (Neighbor neighbor : index.search(queries.get(q))) {
        found += truth.contains(neighbor.id()) ? 1 : 0;
      }
    }
    return found / (double) (K * WITH_TRUTH);
  }
}
