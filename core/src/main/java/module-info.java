/** Lookalike's API and SPIs. */
module io.lookalike.core {
  requires static transitive org.jspecify;
  requires transitive java.desktop; // ImageSource takes a BufferedImage
  requires org.slf4j;
  requires ejml.core;
  requires ejml.ddense;
  requires com.github.benmanes.caffeine;
  requires com.fasterxml.jackson.core;
  // Optional at run time: scalar kernels serve where it is absent.
  requires static jdk.incubator.vector;

  exports io.lookalike;
  exports io.lookalike.catalog;
  exports io.lookalike.features;
  exports io.lookalike.index;
  exports io.lookalike.math;

  uses io.lookalike.index.IndexProvider;
}
