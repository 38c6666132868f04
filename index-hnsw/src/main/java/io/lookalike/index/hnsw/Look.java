package io.lookalike.index.hnsw;

/**
 * What one place in the graph stands for: a single {@link Node}, or a {@link NodeGroup} of nearly
 * equal ones.
 */
sealed interface Look permits Node, NodeGroup {

  /** How many nodes there are; those that are gone count until the graph is repaired. */
  int count();

  Node get(int rank);

  /** Whether all nodes are gone: then it is a stepping stone only. */
  boolean isGone();
}
