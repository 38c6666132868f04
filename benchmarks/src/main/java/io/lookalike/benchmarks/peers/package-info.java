/** Other libraries, each as an index that {@code lookalike bench} measures. */
@NullMarked
package io.lookalike.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
