package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.util.Arrays;

/**
 * A vector in the graph, with all products that have it. Would each of them be a node, more than
 * there are links to a node would link to one another alone: an island that no search comes upon.
 *
 * <p>Changed by one writer at a time.
 */
final class Node {
  private static final Entry[] NONE = {};

  private final UnitVector vector;
  private volatile Entry[] entries = NONE;
  private volatile boolean removed;
  private int slot = -1;

  Node(UnitVector vector) {
    this.vector = vector;
  }

  UnitVector vector() {
    return vector;
  }

  /** The products, as they are at this moment; not to be changed. */
  Entry[] entries() {
    return entries;
  }

  void add(Entry entry) {
    Entry[] more = Arrays.copyOf(entries, entries.length + 1);
    more[more.length - 1] = entry;
    entries = more;
  }

  void remove(Entry entry) {
    entries = Arrays.stream(entries).filter(e -> e != entry).toArray(Entry[]::new);
  }

  /** Whether it is only a stepping stone any more. */
  boolean isRemoved() {
    return removed;
  }

  void markRemoved() {
    removed = true;
  }

  /** Its place in the graph that is being written. */
  int slot() {
    return slot;
  }

  void setSlot(int slot) {
    this.slot = slot;
  }
}
