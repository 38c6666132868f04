package io.lookalike.benchmarks;

import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * How much of the memory's bandwidth an exact search uses: one thread searches 50,000 products of
 * 4,096 features (819 MB), and in turn with it a plain loop adds up as many floats. Prints the
 * median rates and their ratio.
 */
public final class ScanBandwidth {
  private static final int PRODUCTS = 50_000;
  private static final int DIMENSION = 4096;
  private static final int BATCH = 500;
  private static final int WARM_UPS = 5;
  private static final int ROUNDS = 21;
  private static final int STRETCH = 1 << 20;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private ScanBandwidth() {}

  /**
   * Runs for about half a minute.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    var plain = new float[PRODUCTS * DIMENSION];
    var random = new Random(1);
    try (NeighborIndex index =
        BruteForceIndex.builder().threads(1).pruning(false).factory().create(DIMENSION)) {
      for (int from = 0; from < PRODUCTS; from += BATCH) {
        var batch = new ArrayList<IndexItem>(BATCH);
        for (int i = from; i < from + BATCH; i++) {
          UnitVector vector = randomVector(random);
          vector.copyTo(plain, i * DIMENSION);
          batch.add(IndexItem.of("p" + i, vector.toArray()));
        }
        index.upsertAll(batch);
      }

      var searchSeconds = new double[ROUNDS];
      var readSeconds = new double[ROUNDS];
      double check = 0;
      for (int round = -WARM_UPS; round < ROUNDS; round++) {
        Query query = Query.of(randomVector(random), 10);
        long start = System.nanoTime();
        check += index.search(query).get(0).similarity();
        long searched = System.nanoTime();
        for (int from = 0; from < plain.length; from += STRETCH) {
          check += sum(plain, from, Math.min(STRETCH, plain.length - from));
        }
        long read = System.nanoTime();
        if (round >= 0) {
          searchSeconds[round] = (searched - start) / 1e9;
          readSeconds[round] = (read - searched) / 1e9;
        }
      }
      double search = rate(searchSeconds);
      double read = rate(readSeconds);
      System.out.printf(
          Locale.ROOT,
          "%s, Java %s, %d x %d floats, one thread, medians of %d (check sum %.3f)%n"
              + "plain read   %6.2f GB/s%nexact search %6.2f GB/s, %.1f %% of it%n",
          VectorMath.active().name(),
          Runtime.version().feature(),
          PRODUCTS,
          DIMENSION,
          ROUNDS,
          check,
          read,
          search,
          100 * search / read);
    }
  }

  private static double rate(double[] seconds) {
    Arrays.sort(seconds);
    return (double) PRODUCTS * DIMENSION * Float.BYTES / seconds[seconds.length / 2] / 1e9;
  }

  private static UnitVector randomVector(Random random) {
    var values = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      values[i] = random.nextFloat() - .5f;
    }
    return UnitVector.of(values);
  }

  /** Four chains of additions, nothing else to do: bound by the loads alone. */
  private static float sum(float[] values, int offset, int length) {
    var s0 = FloatVector.zero(SPECIES);
    var s1 = s0;
    var s2 = s0;
    var s3 = s0;
    int lanes = SPECIES.length();
    int end = offset + length - length % (4 * lanes);
    for (int i = offset; i < end; i += 4 * lanes) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, values, i));
      s1 = s1.add(FloatVector.fromArray(SPECIES, values, i + lanes));
      s2 = s2.add(FloatVector.fromArray(SPECIES, values, i + 2 * lanes));
      s3 = s3.add(FloatVector.fromArray(SPECIES, values, i + 3 * lanes));
    }
    return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
  }
}
