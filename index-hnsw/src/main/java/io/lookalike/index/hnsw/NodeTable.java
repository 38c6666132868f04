package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The node of every vector, found by a fingerprint, so that vectors themselves need not be in
 * memory. For use by one thread at a time. Only {@link #reserve} and {@link #all} need memory.
 */
final class NodeTable {

  private static final int MOST = 1 << 30;

  /** Each at the first free place from the one on that its fingerprint tells. */
  private @Nullable Node[] table = new @Nullable Node[16];

  private int size;

  /** A vector's fingerprint; equal vectors have equal ones, others nearly never. */
  static long fingerprint(UnitVector vector) {
    long hash = 1;
    for (float value : vector.toArray()) {
      hash = (hash ^ Float.floatToIntBits(value)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    return hash;
  }

  int size() {
    return size;
  }

  @Nullable Node get(long fingerprint, UnitVector vector) {
    int at = home(fingerprint);
    for (Node node = table[at]; node != null; node = table[at]) {
      if (node.fingerprint() == fingerprint && node.vector().equals(vector)) {
        return node;
      }
      at = next(at);
    }
    return null;
  }

  /** Makes room for more nodes, so that {@link #add} cannot fail. */
  void reserve(int more) {
    long needed = (size + (long) more) * 3 / 2 + 1;
    if (needed <= table.length) {
      return;
    }
    if (needed > MOST) {
      throw new IllegalStateException(
          "an index can hold " + MOST / 3 * 2 + " different vectors, and would have more");
    }
    @Nullable Node[] old = table;
    table = new @Nullable Node[Integer.highestOneBit((int) needed - 1) << 1];
    size = 0;
    for (Node node : old) {
      if (node != null) {
        add(node);
      }
    }
  }

  /** Adds a node whose vector has none yet. */
  void add(Node node) {
    int at = home(node.fingerprint());
    while (table[at] != null) {
      at = next(at);
    }
    table[at] = node;
    size++;
  }

  /** Takes a node out, if it is there. */
  void remove(Node node) {
    int at = home(node.fingerprint());
    while (table[at] != node) {
      if (table[at] == null) {
        return;
      }
      at = next(at);
    }
    size--;
    // What follows without a gap moves up, unless it would come before its own place (Knuth, The
    // Art of Computer Programming, volume 3, algorithm 6.4 R).
    int gap = at;
    for (at = next(at); ; at = next(at)) {
      Node other = table[at];
      if (other == null) {
        table[gap] = null;
        return;
      }
      int mask = table.length - 1;
      if ((at - home(other.fingerprint()) & mask) >= (at - gap & mask)) {
        table[gap] = other;
        gap = at;
      }
    }
  }

  /** All nodes. */
  List<Node> all() {
    var all = new ArrayList<Node>(size);
    for (Node node : table) {
      if (node != null) {
        all.add(node);
      }
    }
    return all;
  }

  private int home(long fingerprint) {
    return (int) (fingerprint >>> 32) & table.length - 1;
  }

  private int next(int at) {
    return at + 1 & table.length - 1;
  }

  long memoryBytes() {
    return 4L * table.length;
  }

  void clear() {
    table = new @Nullable Node[16];
    size = 0;
  }
}
