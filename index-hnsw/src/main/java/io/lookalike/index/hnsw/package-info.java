/** Approximate nearest neighbours by the project's own navigable small-world graph. */
@NullMarked
package io.lookalike.index.hnsw;

import org.jspecify.annotations.NullMarked;
