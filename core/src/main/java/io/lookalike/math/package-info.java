/**
 * Vectors of length 1 and their cosine similarities: {@link io.lookalike.math.UnitVector}, and the
 * SIMD and scalar arithmetic that everything else computes with.
 */
@NullMarked
package io.lookalike.math;

import org.jspecify.annotations.NullMarked;
