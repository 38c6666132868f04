package io.lookalike.benchmarks;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Exact search, 60,000 products of 784 features on one thread: queries a second. The features'
 * spread falls from one coordinate to the next as those of pictures do along their principal axes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Dlookalike.simd=require"})
public class ExactSearchBenchmark {
  private static final int PRODUCTS = 60_000;
  private static final int DIMENSION = 784;
  private static final int BATCH = 500;

  /** With bounds, or the plain scan. */
  @Param({"true", "false"})
  public boolean pruning;

  private BruteForceIndex index = create(false);
  private final List<Query> queries = new ArrayList<>();
  private int next;

  /** For JMH. */
  public ExactSearchBenchmark() {}

  /** Fills the index. */
  @Setup
  public void fill() {
    index.close();
    index = create(pruning);
    var random = new Random(1);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < PRODUCTS; i++) {
      items.add(IndexItem.of("p" + i, randomVector(random)));
    }
    index.upsertAll(items);
    if (index.optimize() != pruning) {
      throw new IllegalStateException("bounds are of no use here");
    }
    for (int i = 0; i < BATCH; i++) {
      queries.add(Query.of(randomVector(random), 10));
    }
  }

  /** Closes the index. */
  @TearDown
  public void close() {
    index.close();
  }

  /**
   * One query at a time.
   *
   * @return the neighbours
   */
  @Benchmark
  public List<Neighbor> one() {
    next = (next + 1) % BATCH;
    return index.search(queries.get(next));
  }

  /**
   * 500 queries together.
   *
   * @return the neighbours of each
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public List<List<Neighbor>> together() {
    return index.searchAll(queries);
  }

  private static BruteForceIndex create(boolean pruning) {
    return (BruteForceIndex)
        BruteForceIndex.builder().threads(1).pruning(pruning).factory().create(DIMENSION);
  }

  private static float[] randomVector(Random random) {
    var values = new float[DIMENSION];
    values[0] = 2;
    for (int i = 0; i < DIMENSION; i++) {
      values[i] += (float) (random.nextGaussian() / (1 + i));
    }
    return values;
  }
}
