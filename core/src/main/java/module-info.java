/** Lookalike's API and SPIs. */
@SuppressWarnings("module") // our other modules are not there when this one is compiled
module io.lookalike.core {
  requires static transitive org.jspecify;
  requires transitive java.desktop; // ImageSource takes a BufferedImage
  requires org.slf4j;
  requires ojalgo;
  requires com.github.benmanes.caffeine;
  requires com.fasterxml.jackson.core;
  // Annotations that Jackson 2 and 3 look for, where an application has one of them.
  requires static com.fasterxml.jackson.annotation;

  exports io.lookalike;
  exports io.lookalike.catalog;
  exports io.lookalike.features;
  exports io.lookalike.index;
  exports io.lookalike.math;
  exports io.lookalike.store;

  // What our own modules share.
  exports io.lookalike.internal to
      io.lookalike.bench,
      io.lookalike.cli,
      io.lookalike.datasets,
      io.lookalike.evaluation,
      io.lookalike.extractor,
      io.lookalike.extractor.djl,
      io.lookalike.extractor.onnx,
      io.lookalike.index.bruteforce,
      io.lookalike.index.hnsw,
      io.lookalike.index.hnswlib,
      io.lookalike.index.opensearch,
      io.lookalike.store.jdbc,
      io.lookalike.testkit;

  opens io.lookalike to
      com.fasterxml.jackson.databind,
      tools.jackson.databind;
  opens io.lookalike.catalog to
      com.fasterxml.jackson.databind,
      tools.jackson.databind;

  uses io.lookalike.index.IndexProvider;
  uses io.lookalike.store.StoreProvider;
}
