package io.lookalike.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which products the customers of a product bought besides, counted when it is asked for: exact, of
 * the past alone, without a table of all pairs. Safe for use by several threads.
 *
 * <p>A pair counts where one customer bought both within {@link #DAYS} days, and half as much for
 * every {@link #HALF_LIFE_DAYS} days that this lies back. What is asked for is ordered by that
 * count divided by the square root of the other product's pieces: the cosine of item-to-item
 * collaborative filtering, of which the consulted product's own part changes no order.
 *
 * <p>Source: Linden, Smith and York, <i>Amazon.com recommendations: item-to-item collaborative
 * filtering</i>, IEEE Internet Computing 7(1), 2003.
 */
final class CoPurchaseCounts {

  static final int DAYS = 7;
  static final double HALF_LIFE_DAYS = 60;

  private static final int SECONDS_A_DAY = 86_400;

  /**
   * Of a product, so many purchases count, the latest: best sellers need not be read to the end.
   */
  private static final int MOST_PURCHASES = 5_000;

  private final Past past;
  private final Map<Integer, List<Pair>> known = new ConcurrentHashMap<>();

  /**
   * Another product.
   *
   * @param product its number in the catalogue
   * @param times how many customers bought both
   * @param score the higher, the more they belong together
   */
  record Pair(int product, int times, double score) {}

  CoPurchaseCounts(Past past) {
    this.past = past;
  }

  /** What was bought together with a product, best first, without the product itself. */
  List<Pair> of(int product) {
    return known.computeIfAbsent(product, this::count);
  }

  private List<Pair> count(int product) {
    PurchaseHistory history = past.history();
    int[] bought = past.rowsOfProduct(product);
    var times = new HashMap<Integer, double[]>();
    int end = bought.length == 0 ? 0 : history.second(bought[bought.length - 1]);
    for (int i = Math.max(0, bought.length - MOST_PURCHASES); i < bought.length; i++) {
      int row = bought[i];
      int customer = history.customer(row);
      if (customer == PurchaseHistory.NOBODY || history.quantity(row) < 0) {
        continue;
      }
      int second = history.second(row);
      double weight = Math.pow(0.5, (end - second) / (HALF_LIFE_DAYS * SECONDS_A_DAY));
      int[] rows = past.rowsOf(customer);
      int at = Arrays.binarySearch(rows, row);
      count(rows, at, -1, second, product, weight, times);
      count(rows, at, 1, second, product, weight, times);
    }
    var pairs = new ArrayList<Pair>(times.size());
    times.forEach(
        (other, sum) ->
            pairs.add(
                new Pair(
                    other, (int) sum[0], sum[1] / Math.sqrt(Math.max(1, past.pieces(other))))));
    pairs.sort(
        (a, b) ->
            a.score != b.score
                ? Double.compare(b.score, a.score)
                : Integer.compare(a.product, b.product));
    return List.copyOf(pairs.subList(0, Math.min(Baselines.DEPTH, pairs.size())));
  }

  /** Goes from a purchase to those before or after it, as long as they are close. */
  private void count(
      int[] rows,
      int at,
      int step,
      int second,
      int product,
      double weight,
      Map<Integer, double[]> times) {
    PurchaseHistory history = past.history();
    for (int i = at + step; i >= 0 && i < rows.length; i += step) {
      if (Math.abs(history.second(rows[i]) - second) > DAYS * SECONDS_A_DAY) {
        return;
      }
      int other = past.product(rows[i]);
      if (other != product && history.quantity(rows[i]) > 0) {
        double[] sum = times.computeIfAbsent(other, o -> new double[2]);
        sum[0]++;
        sum[1] += weight;
      }
    }
  }
}
