/** Indexes side by side on vectors of one's own: recall, speed, memory, and a report of them. */
@NullMarked
package io.lookalike.bench;

import org.jspecify.annotations.NullMarked;
