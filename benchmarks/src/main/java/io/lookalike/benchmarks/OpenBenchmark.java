package io.lookalike.benchmarks;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Query;
import io.lookalike.index.hnsw.HnswIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How long a saved graph takes from its file to the first answer: vectors whose spectrum falls off
 * as a power of the axis, as features' do.
 *
 * <pre>
 * OpenBenchmark FILE [PRODUCTS] [DIMENSION]
 * </pre>
 *
 * Makes the file if it is not there. A line of JSON for every opening, the first by a machine that
 * has run nothing else if the file was there.
 */
public final class OpenBenchmark {

  private static final int TIMES = 7;
  private static final int DIRECTIONS = 256;

  private OpenBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if the file cannot be written or read
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    int products = args.length < 2 ? 105_542 : Integer.parseInt(args[1]);
    int dimension = args.length < 3 ? 4096 : Integer.parseInt(args[2]);
    var random = new Random(1);
    float[][] directions = directions(random, dimension);
    if (!Files.exists(file)) {
      make(file, products, dimension, directions, random);
    }
    var queries = new ArrayList<Query>();
    var other = new Random(2);
    for (int i = 0; i < 100; i++) {
      queries.add(Query.of(vector(other, directions, dimension), 10));
    }
    for (int i = 0; i < TIMES; i++) {
      long start = System.nanoTime();
      try (HnswIndex index = HnswIndex.open(file)) {
        long opened = System.nanoTime();
        index.search(queries.get(0));
        long answered = System.nanoTime();
        queries.forEach(index::search);
        long all = System.nanoTime();
        System.out.printf(
            Locale.ROOT,
            "{\"jdk\":\"%s\",\"products\":%d,\"dimension\":%d,\"fileBytes\":%d,"
                + "\"time\":%d,\"openMillis\":%.0f,\"toFirstAnswerMillis\":%.0f,"
                + "\"next100Micros\":%.0f}%n",
            System.getProperty("java.version"),
            index.size(),
            dimension,
            Files.size(file),
            i + 1,
            (opened - start) / 1e6,
            (answered - start) / 1e6,
            (all - answered) / 1e3 / queries.size());
      }
    }
  }

  private static void make(
      Path file, int products, int dimension, float[][] directions, Random random)
      throws IOException {
    List<IndexItem> items = new ArrayList<>(products);
    for (int i = 0; i < products; i++) {
      items.add(
          IndexItem.of(
              String.format(Locale.ROOT, "%010d", i), vector(random, directions, dimension)));
    }
    long start = System.nanoTime();
    try (var index = (HnswIndex) HnswIndex.factory().create(dimension)) {
      index.upsertAll(items);
      long built = System.nanoTime();
      index.save(file);
      System.out.printf(
          Locale.ROOT,
          "{\"buildSeconds\":%.1f,\"saveSeconds\":%.1f}%n",
          (built - start) / 1e9,
          (System.nanoTime() - built) / 1e9);
    }
  }

  private static float[][] directions(Random random, int dimension) {
    var directions = new float[DIRECTIONS][dimension];
    for (float[] direction : directions) {
      for (int i = 0; i < dimension; i++) {
        direction[i] = (float) random.nextGaussian();
      }
    }
    return directions;
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
