/** Lookalike: recommends products by how they look and how well they sell. */
@NullMarked
package io.lookalike;

import org.jspecify.annotations.NullMarked;
