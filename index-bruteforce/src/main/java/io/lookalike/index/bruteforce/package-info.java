/**
 * Exact nearest neighbours by cosine similarity. {@code Versions} says who may read and write what,
 * {@code PrunedSearch} rules out products unread, {@code NeighborTable} has the neighbours of all.
 */
@NullMarked
package io.lookalike.index.bruteforce;

import org.jspecify.annotations.NullMarked;
