/** Exact nearest neighbours by cosine similarity. */
@NullMarked
package io.lookalike.index.bruteforce;

import org.jspecify.annotations.NullMarked;
