/** Lucene as an index that {@code lookalike bench} measures. */
@NullMarked
package io.lookalike.benchmarks.lucene;

import org.jspecify.annotations.NullMarked;
