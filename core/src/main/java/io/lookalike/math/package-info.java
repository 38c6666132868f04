/** The SIMD and scalar kernels that everything else computes with. */
@NullMarked
package io.lookalike.math;

import org.jspecify.annotations.NullMarked;
