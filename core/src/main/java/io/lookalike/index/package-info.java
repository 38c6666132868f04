/** Nearest products by cosine similarity: the SPI that every index implements. */
@NullMarked
package io.lookalike.index;

import org.jspecify.annotations.NullMarked;
