package io.lookalike.index.hnsw;

/**
 * What the graph is built and searched with; see {@link HnswIndex.Builder}.
 *
 * @param leastNodes below so many there is no graph, and every search compares all products
 */
record Settings(
    int m, int efConstruction, EfSearch efSearch, long seed, int threads, int leastNodes) {

  /** Links of a node in a layer: twice as many in the lowest (the paper's section 4.1). */
  int width(int layer) {
    return layer == 0 ? 2 * m : m;
  }

  Settings withEfSearch(EfSearch other) {
    return new Settings(m, efConstruction, other, seed, threads, leastNodes);
  }
}
