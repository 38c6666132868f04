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

  /** Each search that does not fill the page is followed by one for this many times as many. */
  private static final int GROWTH = 4;

  /** No search goes deeper than this, or, where that is more, than... */
  private static final int MOST = 4_096;

  /** ...this many times the candidates that are ranked at first. */
  private static final int MOST_TIMES = 64;

  static CandidatePool atLeast(int candidates) {
    return new CandidatePool(checked(candidates), false);
  }

  static CandidatePool atMost(int candidates) {
    return new CandidatePool(checked(candidates), true);
  }

  /** Number of candidates that a page of k begins with. */
  int first(int k) {
    if (limited) {
      return candidates;
    }
    long wanted = candidates > 0 ? Math.max(candidates, k) : 2L * k;
    return (int) Math.min(wanted, Integer.MAX_VALUE);
  }

  /** Number of candidates at which a page of k is what it is, however short. */
  int last(int k) {
    int first = first(k);
    return limited
        ? first
        : (int) Math.min(Math.max(MOST, (long) MOST_TIMES * first), Integer.MAX_VALUE);
  }

  /** Number to try after {@code candidates} were too few. */
  int deeper(int candidates, int k) {
    return (int) Math.min((long) GROWTH * candidates, last(k));
  }

  private static int checked(int candidates) {
    if (candidates < 1) {
      throw new IllegalArgumentException("candidates is " + candidates + ", expected 1 or more");
    }
    return candidates;
  }

  /** Returns it in words, as an error shows it. */
  @Override
  public String toString() {
    return candidates == 0 ? "twice k" : (limited ? "only the nearest " : "at least ") + candidates;
  }
}
