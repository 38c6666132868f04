package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A vector, with all products that have it. Would each of them be in the graph, more than there are
 * links would link to one another alone: an island that no search comes upon.
 *
 * <p>Changed by one writer at a time.
 */
final class Node implements Look {
  private final @Nullable UnitVector vector;
  private final @Nullable StoredVectors file;
  private final int row;
  private final long fingerprint;
  private volatile @Nullable Entries entries;
  private volatile boolean gone;

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

  boolean isInFile() {
    return file != null;
  }

  /** The products; null before there are any, and when none is left. */
  @Nullable Entries entries() {
    return entries;
  }

  void setEntries(@Nullable Entries entries) {
    this.entries = entries;
  }

  /** Whether no product has this vector any more, or the write that brought it has failed. */
  @Override
  public boolean isGone() {
    return gone;
  }

  void markGone() {
    gone = true;
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public Node get(int rank) {
    return this;
  }
}
