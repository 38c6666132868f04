/** The {@code lookalike} command line. */
@NullMarked
package io.lookalike.cli;

import org.jspecify.annotations.NullMarked;
