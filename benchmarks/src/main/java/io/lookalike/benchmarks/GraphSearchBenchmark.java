package io.lookalike.benchmarks;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.hnsw.HnswIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Search in the graph, 60,000 products of 784 features on one thread: queries a second, by SIMD and
 * by scalar arithmetic, which differ by the flags of the JVM alone. The products are a mixture of
 * directions of which the first weigh most, as features are.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 10, time = 2)
public class GraphSearchBenchmark {
  private static final int PRODUCTS = 60_000;
  private static final int DIMENSION = 784;
  private static final int DIRECTIONS = 64;
  private static final int QUERIES = 500;

  /** How thorough the search is. */
  @Param({"20", "80"})
  public int efSearch;

  private HnswIndex index = create();
  private final List<Query> queries = new ArrayList<>();
  private int next;

  /** For JMH. */
  public GraphSearchBenchmark() {}

  /** Builds the graph. */
  @Setup
  public void build() {
    index.close();
    index = create();
    index.setEfSearch(efSearch);
    var random = new Random(1);
    var directions = new float[DIRECTIONS][DIMENSION];
    for (float[] direction : directions) {
      for (int i = 0; i < DIMENSION; i++) {
        direction[i] = (float) random.nextGaussian();
      }
    }
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < PRODUCTS; i++) {
      items.add(IndexItem.of("p" + i, mixture(random, directions)));
    }
    index.upsertAll(items);
    for (int i = 0; i < QUERIES; i++) {
      queries.add(Query.of(mixture(random, directions), 10));
    }
  }

  /** Closes the index. */
  @TearDown
  public void close() {
    index.close();
  }

  /**
   * One query at a time, by SIMD.
   *
   * @return the neighbours
   */
  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Dlookalike.simd=require"})
  public List<Neighbor> simd() {
    return search();
  }

  /**
   * The same by scalar arithmetic.
   *
   * @return the neighbours
   */
  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {"-Dlookalike.simd=scalar"})
  public List<Neighbor> scalar() {
    return search();
  }

  private List<Neighbor> search() {
    next = (next + 1) % QUERIES;
    return index.search(queries.get(next));
  }

  private static HnswIndex create() {
    return (HnswIndex) HnswIndex.factory().create(DIMENSION);
  }

  private static float[] mixture(Random random, float[][] directions) {
    var values = new float[DIMENSION];
    for (int d = 0; d < directions.length; d++) {
      float weight = (float) (random.nextGaussian() / Math.sqrt(1 + d));
      for (int i = 0; i < DIMENSION; i++) {
        values[i] += weight * directions[d][i];
      }
    }
    return values;
  }
}
