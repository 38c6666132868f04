package io.lookalike.index.bruteforce;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * What a {@link NeighborTable} holds at one moment, in arrays or in a mapped file. Immutable.
 *
 * @param k how many neighbours were asked for
 * @param dimension of the vectors
 * @param ids ascending
 * @param fingerprints of each product's id and vector
 * @param neighbors numbers of products, {@link #length} for each product
 * @param similarities likewise
 */
record TableContent(
    int k,
    int dimension,
    String[] ids,
    LongBuffer fingerprints,
    IntBuffer neighbors,
    FloatBuffer similarities) {

  static int length(int k, int products) {
    return Math.max(0, Math.min(k, products - 1));
  }

  /** How many neighbours each product has. */
  int length() {
    return length(k, ids.length);
  }
}
