/** Approximate nearest neighbours by cosine similarity, in a graph. */
module io.lookalike.index.hnsw {
  requires transitive io.lookalike.core;
  requires static transitive org.jspecify;

  exports io.lookalike.index.hnsw;

  provides io.lookalike.index.IndexProvider with
      io.lookalike.index.hnsw.HnswIndexProvider;
}
