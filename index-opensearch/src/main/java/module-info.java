/** Nearest products by cosine similarity, in a cluster of OpenSearch. */
module io.lookalike.index.opensearch {
  requires transitive io.lookalike.core;
  requires static transitive org.jspecify;
  requires java.net.http;
  requires com.fasterxml.jackson.core;
  requires org.slf4j;

  exports io.lookalike.index.opensearch;

  provides io.lookalike.index.IndexProvider with
      io.lookalike.index.opensearch.OpenSearchIndexProvider;
}
