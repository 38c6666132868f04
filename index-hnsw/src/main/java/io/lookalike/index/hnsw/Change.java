package io.lookalike.index.hnsw;

import java.util.IdentityHashMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of nodes' products when some are put in, computed beforehand, so that nothing can
 * fail when it happens.
 *
 * @param gaining nodes that get products, with what they then have
 * @param losing nodes that then lose products to others, with what they are left with
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Change(Node[] gaining, Entries[] gained, Node[] losing, @Nullable Entries[] left) {

  /**
   * Computes it.
   *
   * @param replaced by the index of {@code entries}: the one that it replaces, or null
   */
  static Change of(Entry[] entries, @Nullable Entry[] replaced) {
    IdentityHashMap<Node, Entries> gained = new IdentityHashMap<>();
    for (Entry entry : entries) {
      Node node = entry.node();
      Entries before = gained.containsKey(node) ? gained.get(node) : node.entries();
      gained.put(node, before == null ? entry : before.with(entry));
    }
    IdentityHashMap<Node, @Nullable Entries> left = new IdentityHashMap<>();
    for (int i = 0; i < entries.length; i++) {
      Entry old = replaced[i];
      if (old != null && old.node() != entries[i].node()) {
        Node node = old.node();
        Entries before =
            left.containsKey(node)
                ? left.get(node)
                : gained.containsKey(node) ? gained.get(node) : node.entries();
        left.put(node, before == null ? null : before.without(old));
      }
    }
    var change =
        new Change(
            gained.keySet().toArray(Node[]::new),
            new Entries[gained.size()],
            left.keySet().toArray(Node[]::new),
            new @Nullable Entries[left.size()]);
    for (int i = 0; i < change.gained.length; i++) {
      change.gained[i] = Objects.requireNonNull(gained.get(change.gaining[i]));
    }
    for (int i = 0; i < change.left.length; i++) {
      change.left[i] = left.get(change.losing[i]);
    }
    return change;
  }

  void gain() {
    for (int i = 0; i < gaining.length; i++) {
      gaining[i].setEntries(gained[i]);
    }
  }

  void lose() {
    for (int i = 0; i < losing.length; i++) {
      losing[i].setEntries(left[i]);
    }
  }
}
