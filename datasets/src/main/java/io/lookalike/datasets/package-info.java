/** Reads photos, catalogues and purchases from files. */
@NullMarked
package io.lookalike.datasets;

import org.jspecify.annotations.NullMarked;
