package io.lookalike;

/**
 * How several {@linkplain Example examples} make one order by similarity. Below, p are the liked
 * and n the disliked examples, w their weights, x a product, all vectors of length 1.
 */
public enum Combination {
  /**
   * One direction: the weighted mean of p less half the weighted mean of n (Rocchio, <i>Relevance
   * feedback in information retrieval</i>, 1971). However many are disliked, the liked ones lead.
   * The default.
   */
  AVERAGE,
  /**
   * The best example decides, so that examples of different kinds each bring their own look-alikes:
   * x scores max w(p) cos(x, p), weights divided by the largest, unless max w(n) cos(x, n) is
   * greater; then it scores minus the square of that, or the former if that is less.
   */
  BEST,
  /**
   * One direction: the weighted sum of p less that of n. Every dislike counts as much as a like.
   */
  SUM
}
