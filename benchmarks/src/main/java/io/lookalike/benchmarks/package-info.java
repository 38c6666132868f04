/** Benchmarks and comparisons with other libraries. */
@NullMarked
package io.lookalike.benchmarks;

import org.jspecify.annotations.NullMarked;
