/** Small programs that show how to use Lookalike. */
@NullMarked
package io.lookalike.examples;

import org.jspecify.annotations.NullMarked;
