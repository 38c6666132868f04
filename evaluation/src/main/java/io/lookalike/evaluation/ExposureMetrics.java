package io.lookalike.evaluation;

import io.lookalike.math.UnitVector;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What recommendations show, whether it was bought or not. Stateless and safe for use by several
 * threads.
 *
 * <p>A page without products has no popularity, novelty, serendipity, similarity or share: these
 * are {@link Double#NaN} for it, and a mean leaves it out.
 */
public final class ExposureMetrics {

  private ExposureMetrics() {}

  /**
   * Catalogue coverage: the share of the catalogue that is shown on at least one page.
   *
   * <p>Source: Ge, Delgado-Battenfeld and Jannach, <i>Beyond accuracy: evaluating recommender
   * systems by coverage and serendipity</i>, RecSys 2010.
   *
   * @param shown how often each product of the catalogue was shown, none less than 0
   * @return from 0 to 1
   * @throws IllegalArgumentException if the catalogue is empty or a number is less than 0
   */
  public static double coverage(long[] shown) {
    check(shown);
    return Arrays.stream(shown).filter(times -> times > 0).count() / (double) shown.length;
  }

  /**
   * Gini index of exposure: 0 if all products of the catalogue are shown equally often, close to 1
   * if one gets all. With x in ascending order, the sum over i of (2 i - n - 1) x[i], divided by n
   * times the sum of x.
   *
   * <p>Source: Shani and Gunawardana, <i>Evaluating recommendation systems</i>, in Recommender
   * Systems Handbook, 2011, section 8.3.3.2, with n in place of its n - 1, as Gini has it.
   *
   * @param shown how often each product of the catalogue was shown, none less than 0
   * @return from 0 to less than 1; 0 if nothing was shown
   * @throws IllegalArgumentException if the catalogue is empty or a number is less than 0
   */
  public static double gini(long[] shown) {
    check(shown);
    long[] ascending = shown.clone();
    Arrays.sort(ascending);
    int n = ascending.length;
    double weighted = 0;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      weighted += (2.0 * (i + 1) - n - 1) * ascending[i];
      sum += ascending[i];
    }
    return sum == 0 ? 0 : weighted / (n * sum);
  }

  /**
   * Average popularity of what a page shows.
   *
   * <p>Source: Yin, Cui, Li, Yao and Chen, <i>Challenging the long tail recommendation</i>, VLDB
   * 2012.
   *
   * @param pieces pieces sold before, of each product shown
   * @return at least 0
   */
  public static double averagePopularity(long[] pieces) {
    return Arrays.stream(pieces).average().orElse(Double.NaN);
  }

  /**
   * Novelty, the mean self-information of what a page shows: of -log2 p, where p is the share of
   * all pieces sold that were of this product. One piece is added to each product's, so that what
   * never sold has a number.
   *
   * <p>Source: Zhou, Kuscsik, Liu, Medo, Wakeling and Zhang, <i>Solving the apparent
   * diversity-accuracy dilemma of recommender systems</i>, PNAS 107(10), 2010.
   *
   * @param pieces pieces sold before, of each product shown
   * @param allPieces pieces sold before, of the whole catalogue
   * @param products number of products in the catalogue, at least 1
   * @return in bits, at least 0
   */
  public static double novelty(long[] pieces, long allPieces, int products) {
    double all = Math.log((double) allPieces + products);
    return Arrays.stream(pieces)
        .mapToDouble(sold -> (all - Math.log(sold + 1.0)) / Math.log(2))
        .average()
        .orElse(Double.NaN);
  }

  /**
   * Serendipity: the share of the page that was bought and that the best sellers, as the page that
   * everybody would show, do not have.
   *
   * <p>Source: Ge, Delgado-Battenfeld and Jannach, RecSys 2010, section 3.2, after Murakami, Mori
   * and Orihara, 2008.
   *
   * @param shown the page
   * @param bought what was bought
   * @param expected the best sellers, as many as a page has places
   * @param <T> what tells products apart
   * @return from 0 to 1
   */
  public static <T> double serendipity(List<T> shown, Set<T> bought, Set<T> expected) {
    return share(
        shown.stream().filter(p -> bought.contains(p) && !expected.contains(p)).count(),
        shown.size());
  }

  /**
   * Intra-list similarity: the mean cosine similarity of all pairs of a page.
   *
   * <p>Source: Ziegler, McNee, Konstan and Lausen, <i>Improving recommendation lists through topic
   * diversification</i>, WWW 2005; the mean instead of the sum, so that lengths do not matter.
   *
   * @param vectors of the products of the page
   * @return from -1 to 1, or NaN if there are fewer than two
   */
  public static double intraListSimilarity(List<UnitVector> vectors) {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < vectors.size(); i++) {
      for (int j = 0; j < i; j++) {
        sum += vectors.get(i).cosine(vectors.get(j));
        pairs++;
      }
    }
    return pairs == 0 ? Double.NaN : sum / pairs;
  }

  /**
   * Popularity lift: by what share recommendations are more popular than what those who see them
   * were after. 0 is as popular, 1 is twice as popular. Both arguments are means over all pages.
   *
   * <p>Source: Abdollahpouri, Mansoury, Burke and Mobasher, <i>The connection between popularity
   * bias, calibration, and fairness in recommendation</i>, RecSys 2020.
   *
   * @param shown mean of the {@linkplain #averagePopularity average popularity} of the pages
   * @param profile the same of what was consulted, or bought before
   * @return at least -1, or NaN if the profiles have no popularity
   */
  public static double popularityLift(double shown, double profile) {
    return profile > 0 ? (shown - profile) / profile : Double.NaN;
  }

  /**
   * The share of a page that has some property: never sold, new, a variant of what was consulted,
   * of its category (then called attribute precision).
   *
   * @param having number of products of the page that have it
   * @param shown number of products of the page
   * @return from 0 to 1, or NaN if the page is empty
   */
  public static double share(long having, int shown) {
    return shown == 0 ? Double.NaN : having / (double) shown;
  }

  /**
   * A percentile by the nearest rank: the least value of which at least the given share is equal or
   * lower.
   *
   * <p>Source: Hyndman and Fan, <i>Sample quantiles in statistical packages</i>, The American
   * Statistician 50(4), 1996, definition 1.
   *
   * @param values such as latencies in nanoseconds, in any order
   * @param share such as 0.99, more than 0 and at most 1
   * @return one of the values
   * @throws IllegalArgumentException if there are none, or the share is outside its range
   */
  public static long percentile(long[] values, double share) {
    if (values.length == 0) {
      throw new IllegalArgumentException("there are no values, expected 1 or more");
    }
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "share is " + share + ", expected more than 0 and at most 1");
    }
    long[] ascending = values.clone();
    Arrays.sort(ascending);
    int rank = (int) Math.ceil(share * ascending.length - 1e-9);
    return ascending[Math.max(1, rank) - 1];
  }

  private static void check(long[] shown) {
    if (shown.length == 0) {
      throw new IllegalArgumentException("the catalogue is empty, expected 1 product or more");
    }
    for (long times : shown) {
      if (times < 0) {
        throw new IllegalArgumentException("shown " + times + " times, expected 0 or more");
      }
    }
  }
}
