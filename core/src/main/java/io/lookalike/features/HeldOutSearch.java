package io.lookalike.features;

import io.lookalike.internal.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.ojalgo.matrix.store.R064Store;

/**
 * Asks for the nearest of products that nothing was fitted on, among these and a sample of all
 * others. In plain double, so that what is chosen depends on the features alone.
 */
final class HeldOutSearch {

  static final int MOST_QUESTIONS = 1_000;
  private static final int NEAREST = 10;
  private static final int MOST_SEARCHED = 8_192;
  private static final int BLOCK = 512;

  private final FeatureSet features;
  private final PrincipalAxes axes;
  private final boolean variants;
  private final int[] groupOf;
  private final int[] questions;
  private final int[] searched;

  /** Of rows that are searched, numbers of their products and hashes of their features. */
  private final int[] productOf;

  private final long[] pictureOf;

  /** What makes vectors of coordinates along principal axes: one column after the other. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Map(double[] columns, int dimensions) {

    static Map of(PrincipalAxes axes, PcaRule.Settings settings) {
      int kept = Math.min(axes.count(), settings.dimensions());
      double average = axes.totalVariance() / axes.mean().length;
      var columns = new double[axes.count() * kept];
      for (int a = 0; a < kept; a++) {
        double shrinkage = axes.shrinkage();
        double shrunk = (1 - shrinkage) * axes.eigenvalues()[a] + shrinkage * average;
        columns[a * axes.count() + a] =
            settings.exponent() == 0 ? 1 : StrictMath.pow(shrunk, -settings.exponent());
      }
      return new Map(columns, kept);
    }

    double[] apply(double[] coordinates, int order) {
      return PrincipalAxes.product(
              R064Store.wrap(columns, order).transpose(), R064Store.wrap(coordinates, order))
          .data;
    }
  }

  private record Neighbor(double similarity, int row) {
    static final Comparator<Neighbor> CLOSEST_FIRST =
        Comparator.comparingDouble((Neighbor n) -> -n.similarity).thenComparingInt(n -> n.row);
  }

  /**
   * Prepares questions.
   *
   * @param variants whether one other of the group among the nearest is all that is wanted, instead
   *     of as many as there can be
   */
  HeldOutSearch(
      FeatureSet features, PrincipalAxes axes, BitSet heldOut, RowGroups groups, boolean variants) {
    this.features = features;
    this.axes = axes;
    this.variants = variants;
    this.groupOf = groups.numbers(features.size());
    int[] held = spread(heldOut.stream().toArray(), MOST_SEARCHED / 2);
    this.questions = spread(held, MOST_QUESTIONS);
    int[] others = IntStream.range(0, features.size()).filter(r -> !heldOut.get(r)).toArray();
    this.searched =
        IntStream.concat(
                Arrays.stream(held), Arrays.stream(spread(others, MOST_SEARCHED - held.length)))
            .toArray();
    this.productOf = new int[features.size()];
    this.pictureOf = new long[features.size()];
    var products = new HashMap<String, Integer>();
    var row = new float[features.dimension()];
    for (int r : searched) {
      String id = features.id(r);
      productOf[r] = id.isEmpty() ? -1 - r : products.computeIfAbsent(id, i -> products.size());
      features.copyRow(r, row, 0);
      pictureOf[r] = hash(row);
    }
  }

  private static long hash(float[] row) {
    long hash = 1;
    for (float value : row) {
      hash = (hash ^ Float.floatToIntBits(value)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    return hash;
  }

  /** A product's other photos, and the same photo of another product, answer no question. */
  private boolean answers(int row, int question) {
    return productOf[row] != productOf[question] && pictureOf[row] != pictureOf[question];
  }

  private static int[] spread(int[] rows, int most) {
    int count = Math.min(rows.length, most);
    return IntStream.range(0, count)
        .map(i -> rows[(int) ((long) i * rows.length / count)])
        .toArray();
  }

  /** By question, the group of the product that is asked about. */
  int[] askedGroups() {
    return Arrays.stream(questions).map(row -> groupOf[row]).toArray();
  }

  /** By question, how many answers are right with features as they are, then with each map. */
  double[][] right(List<Map> maps) {
    int ways = maps.size() + 1;
    var asked = new R064Store[ways];
    List<List<TopK<Neighbor>>> nearest = new ArrayList<>();
    double[][] vectors = vectors(questions, maps);
    for (int way = 0; way < ways; way++) {
      asked[way] = R064Store.wrap(vectors[way], vectors[way].length / questions.length);
      var each = new ArrayList<TopK<Neighbor>>();
      for (int q = 0; q < questions.length; q++) {
        each.add(new TopK<>(NEAREST, Neighbor.CLOSEST_FIRST));
      }
      nearest.add(each);
    }
    for (int from = 0; from < searched.length; from += BLOCK) {
      int[] rows = Arrays.copyOfRange(searched, from, Math.min(searched.length, from + BLOCK));
      double[][] block = vectors(rows, maps);
      for (int way = 0; way < ways; way++) {
        int length = block[way].length / rows.length;
        double[] similarities =
            PrincipalAxes.product(asked[way].transpose(), R064Store.wrap(block[way], length)).data;
        for (int b = 0; b < rows.length; b++) {
          for (int q = 0; q < questions.length; q++) {
            double similarity = similarities[b * questions.length + q];
            TopK<Neighbor> kept = nearest.get(way).get(q);
            Neighbor bar = kept.bar();
            if ((bar == null || similarity >= bar.similarity) && answers(rows[b], questions[q])) {
              kept.offer(new Neighbor(similarity, rows[b]));
            }
          }
        }
      }
    }
    return nearest.stream().map(this::rightAnswers).toArray(double[][]::new);
  }

  /** Unit vectors of some rows, as they are and by each map. */
  private double[][] vectors(int[] rows, List<Map> maps) {
    int d = features.dimension();
    var vectors = new double[maps.size() + 1][];
    var units = new double[rows.length * d];
    for (int i = 0; i < rows.length; i++) {
      WithinCovariance.copyUnit(features, rows[i], units, i);
    }
    vectors[0] = units;
    double[] coordinates = WithinCovariance.coordinates(axes, units, rows.length);
    for (int m = 0; m < maps.size(); m++) {
      double[] mapped = maps.get(m).apply(coordinates, axes.count());
      int length = mapped.length / rows.length;
      for (int i = 0; i < rows.length; i++) {
        PrincipalAxes.normalize(mapped, i * length, length);
      }
      vectors[m + 1] = mapped;
    }
    return vectors;
  }

  private double[] rightAnswers(List<TopK<Neighbor>> nearest) {
    var right = new double[questions.length];
    for (int q = 0; q < right.length; q++) {
      int group = groupOf[questions[q]];
      long same = nearest.get(q).sorted().stream().filter(n -> groupOf[n.row] == group).count();
      right[q] = variants ? Math.min(1, same) : same / (double) NEAREST;
    }
    return right;
  }
}
