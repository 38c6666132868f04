package io.lookalike.evaluation;

import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureSet;
import io.lookalike.features.FeatureTransform;
import io.lookalike.math.UnitVector;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Places products on a plane: first on the two strongest axes of all, then so that each lies by its
 * nearest. For each product and each of its nearest, in turn, the two are drawn together, and five
 * others that are drawn by lot are pushed away, by the gradient of log 1 / (1 + d²) and of log (1 -
 * 1 / (1 + d²)), d being the distance on the plane, at a rate that falls from 1 to 0.
 *
 * <p>Sources: Tang, Liu, Zhang and Mei, <i>Visualizing large-scale and high-dimensional data</i>
 * (LargeVis), WWW 2016, for the function; McInnes, Healy and Melville, <i>UMAP: uniform manifold
 * approximation and projection for dimension reduction</i>, arXiv:1802.03426, for rates, clipping
 * and the weight of each neighbor.
 */
final class MapLayout {

  private static final int FEW = 10_000;
  private static final int EPOCHS_OF_FEW = 400;
  private static final int EPOCHS = 200;
  private static final int PUSHED = 5;

  /** How far one step may go at a rate of 1. */
  private static final float MOST = 4;

  /** The side of the square that the plane begins as. */
  private static final float SIDE = 20;

  private MapLayout() {}

  /**
   * Places products.
   *
   * @param vectors of one space
   * @param nearest numbers of each one's nearest, closest first, without itself
   * @param similarities to these
   * @param seed the same gives the same places
   * @return x and y of each, from 0 to 1
   */
  static float[][] of(
      List<UnitVector> vectors, int[][] nearest, float[][] similarities, long seed) {
    var random = new SplittableRandom(seed);
    float[][] at = axes(vectors, random);
    int n = vectors.size();
    float[][] weights = new float[n][];
    for (int i = 0; i < n; i++) {
      weights[i] = weights(similarities[i]);
    }
    int epochs = n <= FEW ? EPOCHS_OF_FEW : EPOCHS;
    for (int epoch = 0; epoch < epochs; epoch++) {
      float rate = 1 - (float) epoch / epochs;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < nearest[i].length; j++) {
          if (random.nextDouble() < weights[i][j]) {
            pull(at[i], at[nearest[i][j]], rate);
            for (int k = 0; k < PUSHED; k++) {
              push(at[i], at[random.nextInt(n)], rate);
            }
          }
        }
      }
    }
    return scaled(at, 1, 0);
  }

  /** The two strongest axes, and by lot a little beside, so that equals come apart. */
  private static float[][] axes(List<UnitVector> vectors, SplittableRandom random) {
    FeatureTransform two = CatalogueTransform.pca(2).fit(new Rows(vectors));
    var at = new float[vectors.size()][2];
    for (int i = 0; i < at.length; i++) {
      float[] axes = two.apply(vectors.get(i).toArray());
      at[i][0] = axes[0];
      at[i][1] = axes.length > 1 ? axes[1] : 0;
    }
    float[][] scaled = scaled(at, SIDE, SIDE / 2);
    for (float[] each : scaled) {
      each[0] += (float) (random.nextDouble() * 0.01);
      each[1] += (float) (random.nextDouble() * 0.01);
    }
    return scaled;
  }

  /** How often each neighbor counts: the nearest always, others the less the farther they are. */
  private static float[] weights(float[] similarities) {
    var weights = new float[similarities.length];
    float sum = 0;
    for (float similarity : similarities) {
      sum += similarities[0] - similarity;
    }
    float spread = Math.max(1e-6f, sum / Math.max(1, weights.length));
    for (int j = 0; j < weights.length; j++) {
      weights[j] = (float) Math.exp(-(similarities[0] - similarities[j]) / spread);
    }
    return weights;
  }

  private static void pull(float[] one, float[] other, float rate) {
    float dx = one[0] - other[0];
    float dy = one[1] - other[1];
    float factor = -2 / (1 + dx * dx + dy * dy);
    float x = rate * clipped(factor * dx);
    float y = rate * clipped(factor * dy);
    one[0] += x;
    one[1] += y;
    other[0] -= x;
    other[1] -= y;
  }

  private static void push(float[] one, float[] other, float rate) {
    float dx = one[0] - other[0];
    float dy = one[1] - other[1];
    float square = dx * dx + dy * dy;
    float factor = 2 / ((0.001f + square) * (1 + square));
    one[0] += rate * clipped(factor * dx);
    one[1] += rate * clipped(factor * dy);
  }

  private static float clipped(float step) {
    return Math.max(-MOST, Math.min(MOST, step));
  }

  /** Into a square, in proportion. */
  private static float[][] scaled(float[][] at, float side, float shift) {
    float[] least = {Float.MAX_VALUE, Float.MAX_VALUE};
    float[] most = {-Float.MAX_VALUE, -Float.MAX_VALUE};
    for (float[] each : at) {
      for (int axis = 0; axis < 2; axis++) {
        least[axis] = Math.min(least[axis], each[axis]);
        most[axis] = Math.max(most[axis], each[axis]);
      }
    }
    float width = Math.max(1e-6f, Math.max(most[0] - least[0], most[1] - least[1]));
    var scaled = new float[at.length][2];
    for (int i = 0; i < at.length; i++) {
      for (int axis = 0; axis < 2; axis++) {
        float middle = (least[axis] + most[axis]) / 2;
        scaled[i][axis] = side * ((at[i][axis] - middle) / width + 0.5f) - shift;
      }
    }
    return scaled;
  }

  private record Rows(List<UnitVector> vectors) implements FeatureSet {
    @Override
    public int size() {
      return vectors.size();
    }

    @Override
    public int dimension() {
      return vectors.get(0).dimension();
    }

    @Override
    public void copyRow(int row, float[] target, int offset) {
      System.arraycopy(vectors.get(row).toArray(), 0, target, offset, dimension());
    }
  }
}
