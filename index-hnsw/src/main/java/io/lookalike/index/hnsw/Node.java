package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A vector in the graph, with all products that have it. Would each of them be a node, more than
 * there are links to a node would link to one another alone: an island that no search comes upon.
 *
 * <p>Changed by one writer at a time.
 */
final class Node {
  private final @Nullable UnitVector vector;
  private final @Nullable StoredVectors file;
  private final int row;
  private final long fingerprint;
  private @Nullable Node twin;
  private volatile @Nullable Entry first;
  private volatile boolean removed;
  private int slot = -1;

  Node(UnitVector vector, long fingerprint) {
    this.vector = vector;
    this.fingerprint = fingerprint;
    file = null;
    row = -1;
  }

  /** A node whose vector is read from a file whenever it is needed. */
  Node(StoredVectors file, int row, long fingerprint) {
    this.file = file;
    this.row = row;
    this.fingerprint = fingerprint;
    vector = null;
  }

  UnitVector vector() {
    if (vector != null) {
      return vector;
    }
    try {
      return Objects.requireNonNull(file).read(row);
    } finally {
      // Until here its row may not be written again.
      Reference.reachabilityFence(this);
    }
  }

  /** Its row in the file. */
  int row() {
    return row;
  }

  /** See {@link NodeTable#fingerprint}. */
  long fingerprint() {
    return fingerprint;
  }

  /** The next node with the same fingerprint. */
  @Nullable Node twin() {
    return twin;
  }

  void setTwin(@Nullable Node twin) {
    this.twin = twin;
  }

  boolean isInFile() {
    return file != null;
  }

  /** The first of the products, from which {@link Entry#next} leads to the others. */
  @Nullable Entry first() {
    return first;
  }

  void add(Entry entry) {
    entry.setNext(first);
    first = entry;
  }

  /** Takes an entry out. Who is looking at it finds its way on to the others. */
  void remove(Entry entry) {
    if (first == entry) {
      first = entry.next();
      return;
    }
    for (Entry before = first; before != null; before = before.next()) {
      if (before.next() == entry) {
        before.setNext(entry.next());
      }
    }
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
