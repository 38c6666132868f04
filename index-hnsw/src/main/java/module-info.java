/** Approximate nearest neighbours by a graph in plain Java. */
module io.lookalike.index.hnsw {
  requires transitive io.lookalike.core;
  requires static transitive org.jspecify;

  exports io.lookalike.index.hnsw;

  provides io.lookalike.index.IndexProvider with
      io.lookalike.index.hnsw.HnswIndexProvider;
}
