package io.lookalike;

import java.util.Arrays;

/** What each example of a request adds to the direction that is searched for. */
final class ExampleWeights {

  /** What the mean of the disliked counts against that of the liked. */
  private static final double DISLIKED = .5;

  private ExampleWeights() {}

  /**
   * The factors by which the examples' unit vectors are multiplied before they are added up. Only
   * the direction of that sum matters, so weights are first divided by the largest: whatever they
   * are, no factor is infinite, and the largest is none that single precision takes for 0.
   *
   * @param combination {@link Combination#AVERAGE} or {@link Combination#SUM}
   * @param liked the weights of what is liked, at least one, each finite and above 0
   * @param disliked the weights of what is not, each finite and above 0
   * @return a factor for each, first of what is liked, then, at most 0, of what is not; from -1 to
   *     1
   */
  static double[] factors(Combination combination, double[] liked, double[] disliked) {
    double[] likes = liked.clone();
    double[] dislikes = disliked.clone();
    if (combination == Combination.AVERAGE) {
      divide(likes, largest(likes));
      divide(likes, Arrays.stream(likes).sum());
      divide(dislikes, largest(dislikes));
      divide(dislikes, Arrays.stream(dislikes).sum() / DISLIKED);
    } else {
      double largest = Math.max(largest(likes), largest(dislikes));
      divide(likes, largest);
      divide(dislikes, largest);
    }
    double[] factors = Arrays.copyOf(likes, likes.length + dislikes.length);
    for (int i = 0; i < dislikes.length; i++) {
      factors[likes.length + i] = -dislikes[i];
    }
    return factors;
  }

  private static double largest(double[] weights) {
    return Arrays.stream(weights).max().orElse(0);
  }

  private static void divide(double[] weights, double divisor) {
    Arrays.setAll(weights, i -> weights[i] / divisor);
  }
}
