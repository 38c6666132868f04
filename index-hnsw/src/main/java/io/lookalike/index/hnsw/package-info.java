/**
 * Approximate nearest neighbours by the project's own navigable small-world graph. {@code
 * HnswIndex} holds the products and decides whether a search goes through the graph, {@code Graph}
 * walks, and {@code IndexFile} saves, opens and refuses.
 */
@NullMarked
package io.lookalike.index.hnsw;

import org.jspecify.annotations.NullMarked;
