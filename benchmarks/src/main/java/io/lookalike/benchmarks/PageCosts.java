package io.lookalike.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The pages of {@link PipelineBenchmark}, one after the other in one shop: quicker than JMH, which
 * fills a shop for each. Microseconds a page, of the last of three rounds of a second each.
 *
 * <pre>
 * PageCosts
 * </pre>
 */
public final class PageCosts {

  private static final int ROUNDS = 3;
  private static final long NANOS = 1_000_000_000;

  private PageCosts() {}

  /**
   * Measures and prints.
   *
   * @param args none
   */
  public static void main(String[] args) {
    var shop = new PipelineBenchmark();
    shop.fill();
    Map<String, Runnable> pages = new LinkedHashMap<>();
    pages.put("by similarity, 10", shop::a1Page);
    pages.put("balanced, 10", shop::a2Balanced);
    pages.put("everything, 10", shop::b1Everything);
    pages.put("by similarity, 12", shop::c0Ordinary);
    pages.put("by purchases, none sold", shop::c1NothingSold);
    pages.put("by purchases, 5 sold", shop::c2FiveSold);
    pages.put("by purchases, 1,000 sold", shop::c3ThousandSold);
    pages.put("two of a brand, filtered to one brand", shop::c4LimitOnOneBrand);
    pages.put("the same, balanced", shop::c5LimitOnOneBrandBalanced);
    pages.put("two of a brand, five brands in all, balanced", shop::c6FiveBrandsInAll);
    pages.put("7 matches, balanced", shop::c7SevenMatches);
    pages.put("7 matches of a number, balanced", shop::c8SevenMatchesOfNumbers);
    pages.put("unknown customer", shop::c9UnknownCustomer);
    pages.put("unknown customer, 5 sold", shop::d0UnknownCustomerFiveSold);
    for (int round = 1; round <= ROUNDS; round++) {
      for (Map.Entry<String, Runnable> page : pages.entrySet()) {
        long start = System.nanoTime();
        int count = 0;
        while (System.nanoTime() - start < NANOS) {
          page.getValue().run();
          count++;
        }
        if (round == ROUNDS) {
          System.out.printf(
              Locale.ROOT,
              "{\"page\":\"%s\",\"jdk\":\"%s\",\"micros\":%.0f}%n",
              page.getKey(),
              System.getProperty("java.version"),
              (System.nanoTime() - start) / 1e3 / count);
        }
      }
    }
    shop.close();
  }
}
