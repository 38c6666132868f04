package io.lookalike;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * Makes one score of similarity and popularity. Implementations are safe for use by several
 * threads.
 *
 * <p>Formulas, sources and the reasons for the default are in {@code docs/ranking.md}.
 */
@FunctionalInterface
public interface Blend {

  /**
   * Scores a page's candidates, in which a score may depend on the other candidates.
   *
   * @param similarities of each candidate, from -1 to 1
   * @param popularities of each candidate, in the same order, at least 0
   * @return a score for each, higher is better
   */
  double[] scores(float[] similarities, double[] popularities);

  /**
   * Reciprocal rank fusion of the order by similarity and that by popularity, which only looks at
   * ranks and so outlives a change of network or of how popularity is counted: the constant 60 of
   * its authors, and both orders count alike. The default.
   *
   * <p>Source: Cormack, Clarke and B&uuml;ttcher, <i>Reciprocal rank fusion outperforms Condorcet
   * and individual rank learning methods</i>, SIGIR 2009.
   *
   * @return the blend
   */
  static Blend reciprocalRank() {
    return reciprocalRank(60, 0.5);
  }

  /**
   * Reciprocal rank fusion with other settings: the score is (1 - w) / (c + rank by similarity) + w
   * / (c + rank by popularity), where ranks begin with 1 and equals share the better rank.
   *
   * @param constant c, at least 0: the smaller, the more the first ranks count
   * @param weight w, the popularity's, from 0 to 1
   * @return the blend
   * @throws IllegalArgumentException if one is outside its range
   */
  static Blend reciprocalRank(double constant, double weight) {
    if (!(constant >= 0) || !Double.isFinite(constant)) {
      throw new IllegalArgumentException("constant is " + constant + ", expected 0 or more");
    }
    checkWeight(weight);
    return new NamedBlend(
        "reciprocal rank fusion, constant " + constant + ", weight " + weight,
        (similarities, popularities) -> {
          int[] looks = ranks(doubles(similarities));
          int[] sales = ranks(popularities);
          return each(
              looks.length,
              i -> (1 - weight) / (constant + looks[i]) + weight / (constant + sales[i]));
        });
  }

  /**
   * The weighted mean of the two ranks, each scaled to 1 for the first and 0 for the last.
   *
   * @param weight the popularity's, from 0 to 1
   * @return the blend
   * @throws IllegalArgumentException if it is outside its range
   */
  static Blend ranks(double weight) {
    checkWeight(weight);
    return new NamedBlend(
        "ranks, weight " + weight,
        (similarities, popularities) -> {
          int[] looks = ranks(doubles(similarities));
          int[] sales = ranks(popularities);
          double last = Math.max(1, looks.length - 1);
          return each(
              looks.length,
              i ->
                  (1 - weight) * (1 - (looks[i] - 1) / last)
                      + weight * (1 - (sales[i] - 1) / last));
        });
  }

  /**
   * The weighted mean of the two, each brought to mean 0 and standard deviation 1 over the
   * candidates. Unlike ranks, it sees by how much one sells better than another; one best seller
   * among the candidates therefore leaves little difference between the others.
   *
   * <p>Source: Montague and Aslam, <i>Relevance score normalization for metasearch</i>, CIKM 2001.
   *
   * @param weight the popularity's, from 0 to 1
   * @return the blend
   * @throws IllegalArgumentException if it is outside its range
   */
  static Blend standardScores(double weight) {
    checkWeight(weight);
    return new NamedBlend(
        "standard scores, weight " + weight,
        (similarities, popularities) -> {
          double[] looks = standardized(doubles(similarities));
          double[] sales = standardized(popularities);
          return each(looks.length, i -> (1 - weight) * looks[i] + weight * sales[i]);
        });
  }

  /**
   * By popularity alone, equals by similarity: the paper's order.
   *
   * @return the blend, whose score is the popularity
   */
  static Blend popularityFirst() {
    return new NamedBlend("popularity first", (similarities, popularities) -> popularities.clone());
  }

  private static void checkWeight(double weight) {
    if (!(weight >= 0 && weight <= 1)) {
      throw new IllegalArgumentException("weight is " + weight + ", expected 0 to 1");
    }
  }

  private static double[] doubles(float[] values) {
    return each(values.length, i -> values[i]);
  }

  /** From 1 for the highest; equals share the better rank. */
  private static int[] ranks(double[] values) {
    double[] ascending = each(values.length, i -> values[i] + 0.0); // -0 and 0 are equals
    Arrays.sort(ascending);
    var ranks = new int[values.length];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = 1 + ranks.length - notAbove(ascending, values[i] + 0.0);
    }
    return ranks;
  }

  /** How many are equal or lower. */
  private static int notAbove(double[] ascending, double value) {
    int from = 0;
    int to = ascending.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (Double.compare(ascending[middle], value) <= 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  private static double[] standardized(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0);
    // Where all are equal but for rounding, nothing tells them apart.
    double deviation = Math.sqrt(variance);
    boolean alike = deviation <= 1e-12 * Math.max(1e-300, Math.abs(mean));
    return each(values.length, i -> alike ? 0 : (values[i] - mean) / deviation);
  }

  private static double[] each(int n, IntToDoubleFunction value) {
    var values = new double[n];
    Arrays.setAll(values, value);
    return values;
  }
}
