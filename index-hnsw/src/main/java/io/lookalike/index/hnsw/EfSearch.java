package io.lookalike.index.hnsw;

/**
 * How many nearest a search keeps track of.
 *
 * @param base for catalogues that are not large
 * @param grows whether it is more for large ones
 */
record EfSearch(int base, boolean grows) {

  static final int MOST = 4096;

  /** Up to so many products what is enough for few is enough. */
  private static final double NOT_LARGE = 250_000;

  static EfSearch fixed(int efSearch) {
    return new EfSearch(efSearch, false);
  }

  /** Grows with the root of the number of products. */
  static EfSearch growing(int base) {
    return new EfSearch(base, true);
  }

  /** What it is for so many products. */
  int of(int products) {
    double growth = grows ? Math.sqrt(Math.max(1, products / NOT_LARGE)) : 1;
    return (int) Math.min(MOST, Math.round(base * growth));
  }
}
