package io.lookalike.evaluation;

import io.lookalike.math.UnitVector;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Shoppers whose reasons are known, to see whether an evaluation finds them. Each buys a first
 * product by popularity, and each further one for a reason that is drawn: it looks like the one
 * before, it is popular, it goes with the one before, or none. How popular a product is, and what
 * goes with it, has nothing to do with its looks. One product in ten comes out during the last
 * quarter of the days, the others are there from the beginning. Immutable.
 *
 * @param looks how often it is looks, from 0 to 1
 * @param popularity how often it is popularity
 * @param together how often it is what goes together; what is left to 1 has no reason
 * @param seed the same seed gives the same purchases, on every JDK
 */
public record SimulatedShoppers(double looks, double popularity, double together, long seed) {

  /** Somebody who goes by looks takes one of so many nearest. */
  private static final int NEAREST = 5;

  /** With each product go so many others. */
  private static final int COMPANIONS = 2;

  /** Popularity follows Zipf's law with this exponent, as sales of real shops tend to. */
  private static final double ZIPF = 0.9;

  private static final int MOST_PURCHASES = 12;

  /** After so many reasons to buy what is not out yet, there is none. */
  private static final int MOST_TRIES = 50;

  /** One product in so many comes out late. */
  private static final int LATE = 10;

  /**
   * Checks the shares.
   *
   * @throws IllegalArgumentException if one is less than 0, or all are more than 1
   */
  public SimulatedShoppers {
    if (!(looks >= 0 && popularity >= 0 && together >= 0 && looks + popularity + together <= 1)) {
      throw new IllegalArgumentException(
          "the shares are "
              + looks
              + ", "
              + popularity
              + " and "
              + together
              + ", expected 0 or more, and 1 at most in all");
    }
  }

  /**
   * Lets them shop.
   *
   * @param catalogue what there is; all products have features
   * @param customers number of shoppers, at least 1
   * @param first the first day's beginning
   * @param days over how many days the purchases are spread, at least 1
   * @return the purchases, up to 12 of each shopper
   */
  public PurchaseHistory shop(ReplayCatalogue catalogue, int customers, Instant first, int days) {
    var random = new Random(seed);
    int n = catalogue.size();
    double[] upTo = popularity(n, random);
    int[][] companions =
        IntStream.range(0, n)
            .mapToObj(i -> random.ints(COMPANIONS, 0, n).toArray())
            .toArray(int[][]::new);
    int[][] nearest = nearest(catalogue);
    int hours = days * 24;
    int[] launches =
        IntStream.range(0, n)
            .map(
                i ->
                    i > 0 && random.nextInt(LATE) == 0
                        ? hours - random.nextInt(Math.max(1, hours / 4))
                        : 0)
            .toArray();
    var history = PurchaseHistory.builder();
    for (int c = 0; c < customers; c++) {
      int purchases = 2 + random.nextInt(MOST_PURCHASES - 1);
      List<Integer> times = new ArrayList<>();
      for (int i = 0; i < purchases; i++) {
        times.add(random.nextInt(hours));
      }
      Collections.sort(times);
      int last = -1;
      for (int hour : times) {
        int before = last;
        int tries = 0;
        do { // what is not out yet cannot be bought, for whatever reason
          last =
              tries++ < MOST_TRIES
                  ? next(before, upTo, companions, nearest, random)
                  : random.nextInt(n);
        } while (launches[last] > hour);
        history.add(
            "customer-" + c, catalogue.product(last).id(), first.plus(Duration.ofHours(hour)), 1);
      }
    }
    return history.build();
  }

  private int next(int last, double[] upTo, int[][] companions, int[][] nearest, Random random) {
    double reason = random.nextDouble();
    if (last < 0 || (reason >= looks && reason < looks + popularity)) {
      double at = random.nextDouble() * upTo[upTo.length - 1];
      int product = 0;
      while (upTo[product] <= at) {
        product++;
      }
      return product;
    }
    if (reason < looks) {
      return nearest[last][random.nextInt(nearest[last].length)];
    }
    return reason < looks + popularity + together
        ? companions[last][random.nextInt(COMPANIONS)]
        : random.nextInt(upTo.length);
  }

  /** The weights of the products, added up. */
  private static double[] popularity(int n, Random random) {
    var ranks = new ArrayList<Integer>();
    for (int i = 0; i < n; i++) {
      ranks.add(i);
    }
    Collections.shuffle(ranks, random);
    var upTo = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.pow(ranks.get(i) + 1.0, -ZIPF);
      upTo[i] = sum;
    }
    return upTo;
  }

  private static int[][] nearest(ReplayCatalogue catalogue) {
    int n = catalogue.size();
    List<UnitVector> vectors = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      float[] features = catalogue.features(i);
      if (features == null) {
        throw new IllegalArgumentException(
            "the product " + catalogue.product(i).id() + " has no features, and no looks to go by");
      }
      vectors.add(UnitVector.of(features));
    }
    var cosines = new float[n];
    var nearest = new int[n][];
    for (int i = 0; i < n; i++) {
      vectors.get(i).cosines(vectors, cosines);
      int own = i;
      nearest[i] =
          IntStream.range(0, n)
              .filter(j -> j != own)
              .boxed()
              .sorted((a, b) -> Float.compare(cosines[b], cosines[a]))
              .limit(NEAREST)
              .mapToInt(j -> j)
              .toArray();
    }
    return nearest;
  }
}
