package io.lookalike.index.hnsw;

/** What the graph is built and searched with; see {@link HnswIndex.Builder}. */
record Settings(int m, int efConstruction, int efSearch) {}
