package io.lookalike.benchmarks;

import io.lookalike.math.CodeMath;
import io.lookalike.math.VectorMath;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The kernels with data in the cache. Each pair of benchmarks differs by the flags of its fork
 * alone.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
  private static final String MODULES = "--add-modules=jdk.incubator.vector";
  private static final String SIMD = "-Dlookalike.simd=require";
  private static final String SCALAR = "-Dlookalike.simd=scalar";
  private static final int QUERIES = 32;
  private static final int ROWS = 32;

  /** Numbers in a vector. */
  @Param({"207", "784", "1280", "4096"})
  public int length;

  private VectorMath math = VectorMath.active();
  private float[] queries = {};
  private float[] rows = {};
  private final float[] products = new float[QUERIES * ROWS];
  private final int[] offsets = new int[QUERIES];
  private CodeMath codeMath = CodeMath.active();
  private byte[] codes = {};
  private final float[] sums = new float[CodeMath.BLOCK];

  /** For JMH. */
  public KernelBenchmark() {}

  /** Fills the vectors. */
  @Setup
  public void fill() {
    math = VectorMath.active();
    codeMath = CodeMath.active();
    var random = new Random(1);
    queries = new float[QUERIES * length];
    rows = new float[ROWS * length];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = random.nextFloat() - .5f;
      rows[i] = random.nextFloat() - .5f;
    }
    codes = new byte[length * CodeMath.BLOCK];
    random.nextBytes(codes);
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i * length;
    }
  }

  /**
   * One product.
   *
   * @return the product
   */
  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {MODULES, SIMD})
  public float dotSimd() {
    return math.dot(queries, 0, rows, length, length);
  }

  /**
   * One product.
   *
   * @return the product
   */
  @Benchmark
  @Fork(value = 1, jvmArgsAppend = SCALAR)
  public float dotScalar() {
    return math.dot(queries, 0, rows, length, length);
  }

  /**
   * One query by 32 rows.
   *
   * @return the products
   */
  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {MODULES, SIMD})
  public float[] oneByManySimd() {
    math.dots(queries, offsets, 1, rows, offsets, ROWS, length, products);
    return products;
  }

  /**
   * One query by 32 rows.
   *
   * @return the products
   */
  @Benchmark
  @Fork(value = 1, jvmArgsAppend = SCALAR)
  public float[] oneByManyScalar() {
    math.dots(queries, offsets, 1, rows, offsets, ROWS, length, products);
    return products;
  }

  /**
   * 32 queries by 32 rows.
   *
   * @return the products
   */
  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {MODULES, SIMD})
  public float[] manyByManySimd() {
    math.dots(queries, offsets, QUERIES, rows, offsets, ROWS, length, products);
    return products;
  }

  /**
   * 32 queries by 32 rows.
   *
   * @return the products
   */
  @Benchmark
  @Fork(value = 1, jvmArgsAppend = SCALAR)
  public float[] manyByManyScalar() {
    math.dots(queries, offsets, QUERIES, rows, offsets, ROWS, length, products);
    return products;
  }

  /**
   * A block of 64 products' codes, by as many weights as a vector has numbers.
   *
   * @return the sums
   */
  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {MODULES, SIMD})
  public float[] codesSimd() {
    codeMath.addWeighted(codes, 0, length, queries, 0, sums);
    return sums;
  }

  /**
   * A block of 64 products' codes, by as many weights as a vector has numbers.
   *
   * @return the sums
   */
  @Benchmark
  @Fork(value = 1, jvmArgsAppend = SCALAR)
  public float[] codesScalar() {
    codeMath.addWeighted(codes, 0, length, queries, 0, sums);
    return sums;
  }
}
