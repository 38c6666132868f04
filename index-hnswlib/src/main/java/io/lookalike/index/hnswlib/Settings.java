package io.lookalike.index.hnswlib;

/** What the graph is built and searched with; see {@link HnswlibIndex.Builder}. */
record Settings(int m, int efConstruction, int efSearch) {

  Settings withEfSearch(int other) {
    return new Settings(m, efConstruction, other);
  }
}
