/** Exact nearest neighbours by cosine similarity. */
module io.lookalike.index.bruteforce {
  requires transitive io.lookalike.core;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports io.lookalike.index.bruteforce;

  provides io.lookalike.index.IndexProvider with
      io.lookalike.index.bruteforce.BruteForceIndexProvider;
}
