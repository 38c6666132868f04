/**
 * Approximate nearest neighbours by the project's own navigable small-world graph. {@code Version}
 * decides whether a search goes through the graph, and when it leaves it; {@code Graph} walks;
 * {@code IndexFile} saves, opens and refuses.
 */
@NullMarked
package io.lookalike.index.hnsw;

import org.jspecify.annotations.NullMarked;
