package io.lookalike.examples;

import io.lookalike.Purchase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Invents the sales of the demo's shop: few products sell much, most sell little, some never.
 *
 * <p>Popularity follows Zipf's law over a random order of the products, which is how sales in real
 * shops tend to be spread. How a product looks has no influence on how it sells. {@link Random} is
 * specified to the bit, so the same seed gives the same sales on every JDK.
 */
public final class SimulatedPurchases {

  /** One product in this number never sells. */
  private static final int NEVER_SOLD = 12;

  private static final double ZIPF_EXPONENT = 0.9;
  private static final Instant FIRST = Instant.parse("2025-01-01T00:00:00Z");
  private static final int SECONDS = 181 * 24 * 60 * 60;

  private SimulatedPurchases() {}

  /**
   * Invents sales of the first half of 2025.
   *
   * @param productIds the shop's products
   * @param sales number of pieces sold, at least 0
   * @param seed the same seed gives the same sales
   * @return one purchase a piece, in the order of time
   */
  public static List<Purchase> of(List<String> productIds, int sales, long seed) {
    var random = new Random(seed);
    var order = new ArrayList<>(productIds);
    Collections.shuffle(order, random);
    List<String> sold = order.subList(0, order.size() - order.size() / NEVER_SOLD);
    var upTo = new double[sold.size()];
    double sum = 0;
    for (int i = 0; i < upTo.length; i++) {
      sum += Math.pow(i + 1, -ZIPF_EXPONENT);
      upTo[i] = sum;
    }
    var purchases = new ArrayList<Purchase>(sales);
    for (int i = 0; i < sales; i++) {
      double at = random.nextDouble() * sum;
      int product = 0;
      while (upTo[product] <= at) {
        product++;
      }
      purchases.add(Purchase.of(sold.get(product), FIRST.plusSeconds(random.nextInt(SECONDS))));
    }
    purchases.sort(Comparator.comparing(Purchase::time).thenComparing(Purchase::productId));
    return purchases;
  }
}
