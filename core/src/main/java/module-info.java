/** Lookalike's API and SPIs. */
module io.lookalike.core {
  requires static transitive org.jspecify;
  requires org.slf4j;
  // Optional at run time: scalar kernels serve where it is absent.
  requires static jdk.incubator.vector;
}
