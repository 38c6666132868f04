package io.lookalike.benchmarks;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.bruteforce.NeighborTable;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The ten nearest of each of Fashion-MNIST's 60,000 pictures: {@code AllPairs FOLDER [THREADS]
 * [TIMES]}, the folder with {@code train-images-idx3-ubyte.gz}. Compares a sample with the plain
 * scan.
 */
public final class AllPairs {

  private static final int SAMPLE = 500;

  private AllPairs() {}

  /**
   * Runs.
   *
   * @param args the folder, the number of threads (2) and of rounds (3)
   * @throws IOException if the pictures cannot be read
   */
  public static void main(String[] args) throws IOException {
    int threads = args.length > 1 ? Integer.parseInt(args[1]) : 2;
    int times = args.length > 2 ? Integer.parseInt(args[2]) : 3;
    List<float[]> pictures = IdxFile.read(Path.of(args[0], "train-images-idx3-ubyte.gz"));
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < pictures.size(); i++) {
      items.add(IndexItem.of(Integer.toString(i), pictures.get(i)));
    }
    int dimension = items.get(0).vector().dimension();
    try (BruteForceIndex plain = index(false, dimension, items)) {
      NeighborTable table = null;
      for (int i = 0; i < times; i++) {
        long start = System.nanoTime();
        long cpu = cpuNanos();
        var begun = new AtomicLong();
        try (BruteForceIndex index = index(true, dimension, items)) {
          table =
              NeighborTable.builder()
                  .k(10)
                  .threads(threads)
                  .progress((done, total) -> begun.compareAndSet(0, System.nanoTime()))
                  .build(index);
        }
        System.out.printf(
            Locale.ROOT,
            "{\"data\":\"fashion-mnist, all pairs\",\"count\":%d,\"dimension\":%d,\"jdk\":\"%s\",\"math\":\"%s\","
                + "\"threads\":%d,\"indexSeconds\":%.1f,\"neighborSeconds\":%.1f,\"allPairsSeconds\":%.1f,"
                + "\"processorSeconds\":%.1f}%n",
            items.size(),
            dimension,
            System.getProperty("java.version"),
            VectorMath.active().name(),
            threads,
            (begun.get() - start) / 1e9,
            (System.nanoTime() - begun.get()) / 1e9,
            seconds(start),
            (cpuNanos() - cpu) / 1e9);
      }
      if (table != null) {
        compare(table, plain);
      }
    }
  }

  private static BruteForceIndex index(boolean pruning, int dimension, List<IndexItem> items) {
    var index =
        (BruteForceIndex) BruteForceIndex.builder().pruning(pruning).factory().create(dimension);
    index.upsertAll(items);
    return index;
  }

  private static void compare(NeighborTable table, BruteForceIndex plain) {
    var random = new Random(1);
    var queries = new ArrayList<Query>();
    var ids = new ArrayList<String>();
    for (int i = 0; i < SAMPLE; i++) {
      String id = table.ids().get(random.nextInt(table.size()));
      UnitVector vector = plain.vector(id);
      if (vector != null) {
        ids.add(id);
        queries.add(Query.of(vector, table.k()).excluding(Set.of(id)));
      }
    }
    List<List<Neighbor>> expected = plain.searchAll(queries);
    for (int i = 0; i < ids.size(); i++) {
      if (!table.neighbors(ids.get(i)).equals(expected.get(i))) {
        throw new IllegalStateException(
            ids.get(i) + ": " + table.neighbors(ids.get(i)) + ", expected " + expected.get(i));
      }
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static long cpuNanos() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    return system instanceof com.sun.management.OperatingSystemMXBean own
        ? own.getProcessCpuTime()
        : 0;
  }
}
