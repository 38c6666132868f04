/** Vectors in files: NumPy, IDX, TEXMEX, HDF5. */
@NullMarked
package io.lookalike.datasets.vectors;

import org.jspecify.annotations.NullMarked;
