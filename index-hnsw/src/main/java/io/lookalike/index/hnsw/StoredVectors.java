package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;

/** Vectors outside the heap, read when they are needed. Safe for use by several threads. */
interface StoredVectors {

  /** Reads the vector in a row. */
  UnitVector read(int row);
}
