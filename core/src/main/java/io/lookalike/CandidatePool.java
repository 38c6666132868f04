package io.lookalike;

/**
 * How far into the catalogue a page may reach.
 *
 * @param candidates how many of the nearest are ranked at first; 0 for twice k
 * @param limited whether these are all that are ever looked at
 */
record CandidatePool(int candidates, boolean limited) {

  /** Twice as many as are shown, and more where these do not suffice. */
  static final CandidatePool TWICE_K = new CandidatePool(0, false);

  /** Each search that does not fill the page is followed by one for so many times as many. */
  private static final int GROWTH = 4;

  static CandidatePool atLeast(int candidates) {
    return new CandidatePool(checked(candidates), false);
  }

  static CandidatePool atMost(int candidates) {
    return new CandidatePool(checked(candidates), true);
  }

  /** How many candidates a page of k begins with. */
  int first(int k) {
    if (limited) {
      return candidates;
    }
    long wanted = candidates > 0 ? Math.max(candidates, k) : 2L * k;
    return (int) Math.min(wanted, Integer.MAX_VALUE);
  }

  /** How many to try after so many were too few. */
  static int deeper(int candidates) {
    return (int) Math.min((long) GROWTH * candidates, Integer.MAX_VALUE);
  }

  private static int checked(int candidates) {
    if (candidates < 1) {
      throw new IllegalArgumentException("candidates is " + candidates + ", expected 1 or more");
    }
    return candidates;
  }
}
