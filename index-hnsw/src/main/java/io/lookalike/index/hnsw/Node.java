package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A vector, with all products that have it. Would each of them be in the graph, more than there are
 * links would link to one another alone: an island that no search comes upon.
 *
 * <p>Changed by one writer at a time.
 */
final class Node implements Look {

  /** At most so many others are noted at one. */
  static final int MOST_NOTED = 64;

  private static final Node[] NONE = {};

  private final @Nullable UnitVector vector;
  private final @Nullable StoredVectors file;
  private final int row;
  private final long fingerprint;
  private volatile @Nullable Entries entries;
  private volatile boolean gone;
  private volatile boolean audited;

  /** What {@link #noted} gives; a changed one is another array. */
  private volatile Node[] noted = NONE;

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

  /** Whether its nearest have been compared with the true ones, in the graph as it is. */
  boolean isAudited() {
    return audited;
  }

  void setAudited(boolean audited) {
    this.audited = audited;
  }

  /**
   * Other nodes that a search which ends at this one misses, and has to compare too.
   *
   * @return not to be changed
   */
  Node[] noted() {
    return noted;
  }

  /** Notes other nodes, as long as there is room. */
  void note(Collection<Node> others) {
    var all = new LinkedHashSet<>(Arrays.asList(noted));
    all.addAll(others);
    all.remove(this);
    setNoted(all);
  }

  /** Nodes that are gone must not be held here for ever. */
  void forgetGoneNotes() {
    if (noted.length > 0) {
      setNoted(Arrays.asList(noted));
    }
  }

  private void setNoted(Collection<Node> nodes) {
    noted = nodes.stream().filter(node -> !node.isGone()).limit(MOST_NOTED).toArray(Node[]::new);
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
