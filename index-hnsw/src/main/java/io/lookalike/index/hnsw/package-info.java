/** Approximate nearest neighbours by a navigable small-world graph. */
@NullMarked
package io.lookalike.index.hnsw;

import org.jspecify.annotations.NullMarked;
