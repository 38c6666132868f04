/** Approximate nearest neighbours by hnswlib-core, as a guarded adapter. */
@NullMarked
package io.lookalike.index.hnswlib;

import org.jspecify.annotations.NullMarked;
