package io.lookalike.benchmarks;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Exact search with bounds beside the plain scan, one query at a time on one thread, in turns.
 * Every answer of the one is compared with the other's.
 *
 * <pre>
 * PruningBenchmark fashion-mnist FOLDER          60,000 x 784, 1,000 test queries
 * PruningBenchmark features FILE.npy COUNT NOISE rows of a NumPy file, repeated with noise up to COUNT
 * PruningBenchmark uniform COUNT DIMENSION       independent coordinates: nothing to prune
 * PruningBenchmark spectrum FOLDER COUNT...      mixtures of Fashion-MNIST's pictures, of ever more
 * </pre>
 */
public final class PruningBenchmark {

  private static final int ROUNDS = 5;
  private static final int K = 10;

  /** Plain scans are slow: this number of the queries is given to both. */
  private static final int SCANNED = 100;

  /** And the more products there are the fewer. */
  private static final int MOST_SCANNED = 10_000_000;

  /** The number of pictures that make a product of the same spectrum. */
  private static final int MIXED = 16;

  private static final int CHUNK = 10_000;

  private PruningBenchmark() {}

  private record Data(String name, List<float[]> base, List<float[]> queries) {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] args) throws IOException {
    switch (args.length == 0 ? "" : args[0]) {
      case "fashion-mnist" -> measure(fashionMnist(Path.of(args[1])));
      case "features" ->
          measure(
              features(Path.of(args[1]), Integer.parseInt(args[2]), Double.parseDouble(args[3])));
      case "uniform" -> measure(uniform(Integer.parseInt(args[1]), Integer.parseInt(args[2])));
      case "spectrum" -> {
        List<float[]> pictures = fashionMnist(Path.of(args[1])).base;
        for (String count : List.of(args).subList(2, args.length)) {
          measure(spectrum(pictures, Integer.parseInt(count)));
        }
      }
      default -> throw new IllegalArgumentException("see the class's comment for arguments");
    }
  }

  private static void measure(Data data) {
    int dimension = data.base.get(0).length;
    int n = data.base.size();
    List<Query> queries = data.queries.stream().map(v -> Query.of(v, K)).toList();
    try (NeighborIndex scan =
            BruteForceIndex.builder().threads(1).pruning(false).factory().create(dimension);
        var exact =
            (BruteForceIndex) BruteForceIndex.builder().threads(1).factory().create(dimension)) {
      fill(scan, data.base);
      fill(exact, data.base);
      long start = System.nanoTime();
      boolean used = exact.optimize();
      double seconds = (System.nanoTime() - start) / 1e9;
      var ratios = new double[ROUNDS];
      var fast = new double[ROUNDS];
      var slow = new double[ROUNDS];
      var batch = new double[ROUNDS];
      for (int i = 0; i < 4; i++) {
        run(exact, queries); // compiles
      }
      int scanned = Math.min(Math.min(SCANNED, queries.size()), Math.max(10, MOST_SCANNED / n));
      List<Query> some = queries.subList(0, scanned);
      for (int round = 0; round < ROUNDS; round++) {
        start = System.nanoTime();
        List<List<Neighbor>> expected = run(scan, some);
        slow[round] = some.size() / ((System.nanoTime() - start) / 1e9);
        start = System.nanoTime();
        List<List<Neighbor>> found = run(exact, queries);
        fast[round] = queries.size() / ((System.nanoTime() - start) / 1e9);
        ratios[round] = fast[round] / slow[round];
        start = System.nanoTime();
        exact.searchAll(queries);
        batch[round] = queries.size() / ((System.nanoTime() - start) / 1e9);
        if (!found.subList(0, some.size()).equals(expected)) {
          throw new IllegalStateException("the answers differ");
        }
      }
      System.out.printf(
          Locale.ROOT,
          "{\"data\":\"%s\",\"count\":%d,\"dimension\":%d,\"jdk\":\"%s\",\"processors\":%d,"
              + "\"bounds\":%b,\"boundsSeconds\":%.1f,\"memory\":%.3f,"
              + "\"scanQueriesPerSecond\":%.0f,\"exactQueriesPerSecond\":%.0f,\"batchQueriesPerSecond\":%.0f,"
              + "\"ratio\":%.1f,\"ratioLeast\":%.1f,\"ratioMost\":%.1f}%n",
          data.name,
          n,
          dimension,
          System.getProperty("java.version"),
          Runtime.getRuntime().availableProcessors(),
          used,
          seconds,
          exact.memoryBytes() / ((double) n * dimension * Float.BYTES),
          median(slow),
          median(fast),
          median(batch),
          median(ratios),
          Arrays.stream(ratios).min().orElseThrow(),
          Arrays.stream(ratios).max().orElseThrow());
    }
  }

  private static void fill(NeighborIndex index, List<float[]> base) {
    var items = new ArrayList<IndexItem>(CHUNK);
    for (int i = 0; i < base.size(); i++) {
      items.add(IndexItem.of("p" + i, base.get(i)));
      if (items.size() == CHUNK || i == base.size() - 1) {
        index.upsertAll(items);
        items.clear();
      }
    }
  }

  private static List<List<Neighbor>> run(NeighborIndex index, List<Query> queries) {
    var answers = new ArrayList<List<Neighbor>>(queries.size());
    for (Query query : queries) {
      answers.add(index.search(query));
    }
    return answers;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static Data fashionMnist(Path folder) throws IOException {
    return new Data(
        "fashion-mnist",
        IdxFile.read(folder.resolve("train-images-idx3-ubyte.gz")),
        IdxFile.read(folder.resolve("t10k-images-idx3-ubyte.gz")).subList(0, 1000));
  }

  /** Rows of unit length, and noise of a given length added to them. */
  private static Data features(Path npy, int count, double noise) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
    int header = bytes.getShort(8) & 0xffff;
    String shape = new String(bytes.array(), 10, header, StandardCharsets.US_ASCII);
    int dimension = Integer.parseInt(shape.replaceAll("(?s).*\\(\\d+, *(\\d+)\\).*", "$1"));
    var values = bytes.position(10 + header).slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    int rows = values.remaining() / dimension;
    var known = new ArrayList<float[]>(rows);
    for (int i = 0; i < rows; i++) {
      var row = new float[dimension];
      values.get(row);
      double squares = 0;
      for (float v : row) {
        squares += (double) v * v;
      }
      for (int j = 0; j < dimension; j++) {
        row[j] /= (float) Math.sqrt(squares);
      }
      known.add(row);
    }
    var random = new Random(1);
    var base = new ArrayList<float[]>(count);
    for (int i = 0; i < count; i++) {
      base.add(count == rows ? known.get(i) : noisy(known.get(i % rows), noise, random));
    }
    var queries = new ArrayList<float[]>();
    for (int i = 0; i < 500; i++) {
      queries.add(noisy(known.get(random.nextInt(rows)), noise, random));
    }
    return new Data("features, noise " + noise, base, queries);
  }

  private static float[] noisy(float[] row, double noise, Random random) {
    var noisy = row.clone();
    for (int j = 0; j < noisy.length; j++) {
      noisy[j] += (float) (random.nextGaussian() * noise / Math.sqrt(noisy.length));
    }
    return noisy;
  }

  private static Data uniform(int count, int dimension) {
    var random = new Random(1);
    var all = new ArrayList<float[]>();
    for (int i = 0; i < count + 200; i++) {
      var row = new float[dimension];
      for (int j = 0; j < dimension; j++) {
        row[j] = random.nextFloat() - .5f;
      }
      all.add(row);
    }
    return new Data("uniform", all.subList(0, count), all.subList(count, count + 200));
  }

  /**
   * Each product is the mean picture plus a random mixture of what other pictures differ from it,
   * which has the pictures' own mean and covariance, and so their spectrum. Made anew at each look,
   * so that a million need no memory.
   */
  private static Data spectrum(List<float[]> pictures, int count) {
    int dimension = pictures.get(0).length;
    var mean = new float[dimension];
    for (float[] picture : pictures) {
      for (int j = 0; j < dimension; j++) {
        mean[j] += picture[j] / pictures.size();
      }
    }
    var base =
        new AbstractList<float[]>() {
          @Override
          public float[] get(int i) {
            var random = new SplittableRandom(i);
            float[] row = mean.clone();
            for (int m = 0; m < MIXED; m++) {
              float[] other = pictures.get(random.nextInt(pictures.size()));
              float weight = (float) (random.nextGaussian() / Math.sqrt(MIXED));
              for (int j = 0; j < dimension; j++) {
                row[j] += weight * (other[j] - mean[j]);
              }
            }
            return row;
          }

          @Override
          public int size() {
            return count;
          }
        };
    var queries = new ArrayList<float[]>();
    for (int i = 0; i < 200; i++) {
      queries.add(base.get(-1 - i));
    }
    return new Data("spectrum", base, queries);
  }
}
