package io.lookalike;

/**
 * What a page does with products that nobody has bought yet, among them all that is new. {@link
 * PopularityReranker} carries it out. Immutable.
 */
public final class NeverSold {

  /** The kinds, each with at most a number and a seed. */
  enum Kind {
    DROP,
    KEEP,
    PROPAGATE,
    EXPLORE
  }

  /** So many of the candidates that sold lend their popularity, the nearest. */
  static final int LENDERS = 256;

  private final Kind kind;
  private final double share;
  private final long seed;

  private NeverSold(Kind kind, double share, long seed) {
    this.kind = kind;
    this.share = share;
    this.seed = seed;
  }

  /**
   * They are not shown: the paper's rule, which hides the newest stock.
   *
   * @return the policy
   */
  public static NeverSold drop() {
    return new NeverSold(Kind.DROP, 0, 0);
  }

  /**
   * They are shown, with popularity 0.
   *
   * @return the policy
   */
  public static NeverSold keep() {
    return new NeverSold(Kind.KEEP, 0, 0);
  }

  /**
   * They are as popular as the candidates that look like them, at a discount: the mean popularity
   * of those that sold, weighted by their similarity to the product where that is positive, times
   * the discount. Until anything of its looks has sold, its popularity is 0. Of the candidates that
   * sold, the 256 nearest to what was consulted take part.
   *
   * @param discount from 0 to 1; 0.5 by {@link PopularityReranker#balanced()}
   * @return the policy
   * @throws IllegalArgumentException if it is outside its range
   */
  public static NeverSold propagate(double discount) {
    return new NeverSold(Kind.PROPAGATE, checked("discount", discount), 0);
  }

  /**
   * They get a share of the page's places, drawn anew each day (UTC), and are drawn themselves by
   * lot from the candidates. Where a kind runs out, the other takes its places.
   *
   * @param share of the places, from 0 to 1
   * @param seed decides the draws: the same seed, day and candidates give the same page
   * @return the policy
   * @throws IllegalArgumentException if the share is outside its range
   */
  public static NeverSold explore(double share, long seed) {
    return new NeverSold(Kind.EXPLORE, checked("share", share), seed);
  }

  private static double checked(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 0 to 1");
    }
    return value;
  }

  Kind kind() {
    return kind;
  }

  double share() {
    return share;
  }

  long seed() {
    return seed;
  }

  /** Returns the policy in words. */
  @Override
  public String toString() {
    return switch (kind) {
      case DROP -> "drop";
      case KEEP -> "keep";
      case PROPAGATE -> "propagate, discount " + share;
      case EXPLORE -> "explore, share " + share + ", seed " + seed;
    };
  }
}
