package io.lookalike.index.bruteforce;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many coordinates each stage of a {@link Pruner} goes up to.
 *
 * @param first coordinates in the first stage
 * @param middle coordinates up to which the second stage goes where that is enough
 * @param second coordinates up to the second stage
 * @param third coordinates up to the third stage
 */
record StagePlan(int first, int middle, int second, int third) {

  private static final int[] CHECKPOINTS = {8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 384};
  private static final int QUERIES = 48;
  private static final int BLOCKS = 256;
  private static final int NEIGHBORS = 10;

  /** Room for the codes' error, which the trial leaves out. */
  private static final float CODE_ERROR = 0.002f;

  // Costs in units of one code that is weighted and added, about 0.06 ns; measured on two cores of
  // an AVX-512 Xeon, and only their ratios matter.
  private static final double FLOAT_FROM_MEMORY = 4;
  private static final double ROTATED_FLOAT = 1.5;
  private static final double SINGLE_CODE = 1.5;

  /** Going to a block, to one product's codes, and to its vector. */
  private static final double BLOCK_VISIT = 400;

  private static final double VISIT = 600;
  private static final double FULL_VISIT = 1500;

  /** Bounds that save less than this share of a plain scan are not worth their memory. */
  private static final double WORTHWHILE = 0.6;

  /** How many axes may be of use for vectors of a dimension. */
  static int axes(int dimension) {
    int most = CHECKPOINTS[CHECKPOINTS.length - 1];
    return Math.min(most, dimension / 2 / 8 * 8);
  }

  /**
   * Tries all plans on a sample of the products, each as a query, and takes the cheapest.
   *
   * @return the plan, or null if the plain scan is as good
   */
  static @Nullable StagePlan choose(Rows rows, int[] order, Rotation rotation) {
    int[] steps = Arrays.stream(CHECKPOINTS).filter(c -> c <= rotation.count()).toArray();
    if (steps.length < 4) {
      return null;
    }
    double[][] trial = new Trial(rows, order, rotation, steps).run();
    double[] left = trial[0];
    double[] touched = trial[1];
    double[] capped = trial[2];
    double n = rows.count();
    double blocks = n / Pruner.BLOCK;
    double plain = n * rows.dimension() * FLOAT_FROM_MEMORY;
    double best = WORTHWHILE * plain;
    StagePlan plan = null;
    for (int a = 0; a < steps.length; a++) {
      for (int b = a + 1; b < steps.length; b++) {
        for (int c = b + 1; c < steps.length; c++) {
          for (int d = c + 1; d < steps.length; d++) {
            double cost =
                ROTATED_FLOAT * steps[d] * rows.dimension()
                    + blocks * capped[a] * block(steps[a])
                    + blocks * touched[a] * block(steps[b] - steps[a])
                    + blocks * touched[b] * block(steps[c] - steps[b] + steps[a])
                    + n * left[c] * (VISIT + SINGLE_CODE * (steps[d] - steps[c]))
                    + n * left[d] * (FULL_VISIT + FLOAT_FROM_MEMORY * rows.dimension());
            if (cost < best) {
              best = cost;
              plan = new StagePlan(steps[a], steps[b], steps[c], steps[d]);
            }
          }
        }
      }
    }
    return plan;
  }

  /** What it costs to look at some coordinates of a block. */
  private static double block(int coordinates) {
    return BLOCK_VISIT + Pruner.BLOCK * coordinates;
  }

  /** Which share of products, of blocks with such a product, and of caps, each prefix leaves. */
  private static final class Trial {
    private final Rows rows;
    private final int[] order;
    private final Rotation rotation;
    private final int[] steps;
    private final int coordinates;

    Trial(Rows rows, int[] order, Rotation rotation, int[] steps) {
      this.rows = rows;
      this.order = order;
      this.rotation = rotation;
      this.steps = steps;
      this.coordinates = steps[steps.length - 1];
    }

    double[][] run() {
      int queries = Math.min(QUERIES, rows.count());
      float[] bars = bars(queries);
      var rotated = new float[queries * coordinates];
      for (int q = 0; q < queries; q++) {
        int row = query(q, queries);
        int at = q * coordinates;
        rows.rotated(
            rotation,
            coordinates,
            row,
            row + 1,
            (i, values, from) -> System.arraycopy(values, from, rotated, at, coordinates));
      }
      float[] queryRests = rests(rotated, queries);

      int blocks = (rows.count() + Pruner.BLOCK - 1) / Pruner.BLOCK;
      int tried = Math.min(BLOCKS, blocks);
      var left = new double[steps.length];
      var touched = new double[steps.length];
      var capped = new double[steps.length];
      long products = 0;
      for (int t = 0; t < tried; t++) {
        int from = (int) ((long) t * blocks / tried) * Pruner.BLOCK;
        int to = Math.min(rows.count(), from + Pruner.BLOCK);
        var block = new float[(to - from) * coordinates];
        rows.rotated(
            rotation,
            coordinates,
            order,
            from,
            to,
            (i, values, at) ->
                System.arraycopy(values, at, block, (i - from) * coordinates, coordinates));
        float[] rests = rests(block, to - from);
        for (int s = 0; s < steps.length; s++) {
          capped[s] += capped(rotated, queryRests, bars, block, rests, s);
        }
        for (int q = 0; q < queries; q++) {
          var inBlock = new int[steps.length];
          for (int i = 0; i < to - from; i++) {
            count(rotated, queryRests, q, block, rests, i, bars[q], inBlock);
          }
          for (int s = 0; s < steps.length; s++) {
            left[s] += inBlock[s];
            touched[s] += inBlock[s] > 0 ? 1 : 0;
          }
        }
        products += to - from;
      }
      for (int s = 0; s < steps.length; s++) {
        left[s] /= (double) products * queries;
        touched[s] /= (double) tried * queries;
        capped[s] /= (double) tried * queries;
      }
      return new double[][] {left, touched, capped};
    }

    /** For how many queries the block's cap leaves it. */
    private int capped(
        float[] queries, float[] queryRests, float[] bars, float[] block, float[] rests, int s) {
      int n = block.length / coordinates;
      int prefix = steps[s];
      var centre = new double[prefix + 1];
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < prefix; c++) {
          centre[c] += block[i * coordinates + c];
        }
        centre[prefix] += rests[i * steps.length + s];
      }
      double length =
          Math.max(Float.MIN_NORMAL, Math.sqrt(Arrays.stream(centre).map(v -> v * v).sum()));
      float least = Float.POSITIVE_INFINITY;
      float most = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < n; i++) {
        float product = product(centre, block, i, rests, s) / (float) length;
        least = Math.min(least, product);
        most = Math.max(most, product);
      }
      int reached = 0;
      for (int q = 0; q < bars.length; q++) {
        float product = product(centre, queries, q, queryRests, s) / (float) length;
        reached += Cap.bound(product, least, most, 0) >= bars[q] ? 1 : 0;
      }
      return reached;
    }

    private float product(double[] centre, float[] rows, int row, float[] rests, int s) {
      double product = centre[steps[s]] * rests[row * steps.length + s];
      for (int c = 0; c < steps[s]; c++) {
        product += centre[c] * rows[row * coordinates + c];
      }
      return (float) product;
    }

    /** Adds one to every step at which the product is not ruled out. */
    private void count(
        float[] queries,
        float[] queryRests,
        int q,
        float[] block,
        float[] rests,
        int i,
        float bar,
        int[] leftAt) {
      float product = 0;
      int c = 0;
      for (int s = 0; s < steps.length; s++) {
        for (; c < steps[s]; c++) {
          product += queries[q * coordinates + c] * block[i * coordinates + c];
        }
        float bound =
            product + queryRests[q * steps.length + s] * rests[i * steps.length + s] + CODE_ERROR;
        if (bound < bar) {
          return;
        }
        leftAt[s]++;
      }
    }

    private float[] rests(float[] rotated, int count) {
      var rests = new float[count * steps.length];
      for (int i = 0; i < count; i++) {
        double squares = 0;
        int c = 0;
        for (int s = 0; s < steps.length; s++) {
          for (; c < steps[s]; c++) {
            squares += (double) rotated[i * coordinates + c] * rotated[i * coordinates + c];
          }
          rests[i * steps.length + s] = (float) Math.sqrt(Math.max(0, 1 - squares));
        }
      }
      return rests;
    }

    private int query(int q, int queries) {
      return (int) ((q + 0.5) * rows.count() / queries);
    }

    /** The similarity of each query's k-th neighbour, itself left out. */
    private float[] bars(int queries) {
      var vectors = new float[queries * rows.dimension()];
      var offsets = new int[queries];
      var nearest = new float[queries][NEIGHBORS + 1];
      for (int q = 0; q < queries; q++) {
        offsets[q] = q * rows.dimension();
        rows.copy(query(q, queries), vectors, offsets[q]);
        Arrays.fill(nearest[q], -1);
      }
      rows.products(
          vectors,
          offsets,
          queries,
          (q, product) -> {
            float[] best = nearest[q];
            if (product > best[0]) {
              int i = 0;
              for (; i < NEIGHBORS && best[i + 1] < product; i++) {
                best[i] = best[i + 1];
              }
              best[i] = product;
            }
          });
      var bars = new float[queries];
      for (int q = 0; q < queries; q++) {
        bars[q] = nearest[q][0];
      }
      return bars;
    }
  }
}
