package io.lookalike;

/**
 * Whether a product's sales grow, and how sure that is. Immutable.
 *
 * <p>The counts of two stretches of equal length are taken as Poisson. With a pieces in the former
 * and b in the latter, the logarithm of the ratio of their means is estimated as ln((b + 1/2) / (a
 * + 1/2)), its variance as 1 / (a + 1/2) + 1 / (b + 1/2). Source for the halves: Haldane, <i>The
 * estimation and significance of the logarithm of a ratio of frequencies</i>, Annals of Human
 * Genetics 20, 1956; Anscombe, <i>On estimating binomial response relations</i>, Biometrika 43,
 * 1956.
 *
 * @param growth the natural logarithm of the ratio: 0 if sales stay, ln 2 = 0.69 if they double
 * @param standardError its standard deviation, greater than 0
 */
public record Trend(double growth, double standardError) {

  static Trend between(long before, long after) {
    // Where more came back than was sold, that is nothing sold.
    double a = Math.max(0, before) + 0.5;
    double b = Math.max(0, after) + 0.5;
    return new Trend(Math.log(b / a), Math.sqrt(1 / a + 1 / b));
  }

  /**
   * The growth that is at least there, as sure as asked for.
   *
   * @param deviations how many standard errors to take off: 1.645 for 95 % (one-sided)
   * @return the lower bound, again as a natural logarithm
   */
  public double atLeast(double deviations) {
    return growth - deviations * standardError;
  }
}
