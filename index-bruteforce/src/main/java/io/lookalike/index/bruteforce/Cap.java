package io.lookalike.index.bruteforce;

/**
 * The part of the unit sphere between two parallel planes, which holds a block of like products.
 *
 * <p>Let c be a unit vector and a = q.c. For a unit vector x with t = x.c, by Cauchy and Schwarz on
 * what is orthogonal to c,
 *
 * <pre>{@code q.x <= a t + sqrt(1 - a^2) sqrt(1 - t^2)}</pre>
 *
 * <p>the cosine of the difference of both angles. Over all t from {@code least} to {@code most} it
 * is largest at the t nearest to a.
 *
 * <p>{@link Pruner} bounds q.x by q'.x' plus the product of both rests, which is the product of
 * (q', rest) and (x', rest): of two unit vectors of one coordinate more. A cap holds those.
 */
final class Cap {
  private Cap() {}

  /**
   * An upper bound of q.x.
   *
   * @param a the product of the query and the cap's centre
   * @param least the least product of a vector in the cap and its centre
   * @param most the largest
   * @param margin what all of these and the lengths' squares may be off by, at most
   */
  static float bound(float a, float least, float most, float margin) {
    float t = Math.max(least, Math.min(a, most));
    // Roots that are too large make up for an a that is too small, or for vectors too long.
    float one = 1 + 6 * margin;
    double rest = Math.sqrt(Math.max(0, one - a * a) * Math.max(0, one - t * t));
    return a * t + (float) rest + 2 * margin;
  }
}
