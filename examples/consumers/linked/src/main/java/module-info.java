/**
 * Compiles without a warning, and links, only as long as every module it needs has a descriptor.
 */
module com.example.linked {
  requires io.lookalike.core;
  requires io.lookalike.index.bruteforce;
  requires io.lookalike.index.hnsw;
}
