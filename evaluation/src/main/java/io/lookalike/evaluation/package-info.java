/** Replays past purchases, and tells which settings would have shown what was bought. */
@NullMarked
package io.lookalike.evaluation;

import org.jspecify.annotations.NullMarked;
