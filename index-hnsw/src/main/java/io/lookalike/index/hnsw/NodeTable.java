package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The node of every vector, found by a fingerprint, so that vectors themselves need not be in
 * memory. For use by one thread at a time.
 */
final class NodeTable {

  private final Map<Long, Node> byFingerprint = new HashMap<>();
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
    Node node = byFingerprint.get(fingerprint);
    while (node != null && !node.vector().equals(vector)) {
      node = node.twin();
    }
    return node;
  }

  /** Adds a node whose vector has none yet. */
  void add(Node node) {
    node.setTwin(byFingerprint.put(node.fingerprint(), node));
    size++;
  }

  void remove(Node node) {
    Node first = byFingerprint.get(node.fingerprint());
    if (first == node) {
      Node next = node.twin();
      if (next == null) {
        byFingerprint.remove(node.fingerprint());
      } else {
        byFingerprint.put(node.fingerprint(), next);
      }
      size--;
      return;
    }
    for (Node before = first; before != null; before = before.twin()) {
      if (before.twin() == node) {
        before.setTwin(node.twin());
        size--;
        return;
      }
    }
  }

  /** All nodes, in an order that follows from their vectors. */
  List<Node> all() {
    var all = new ArrayList<Node>(size);
    for (Node first : byFingerprint.values()) {
      for (Node node = first; node != null; node = node.twin()) {
        all.add(node);
      }
    }
    return all;
  }

  void clear() {
    byFingerprint.clear();
    size = 0;
  }
}
