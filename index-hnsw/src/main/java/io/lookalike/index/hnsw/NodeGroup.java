package io.lookalike.index.hnsw;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Nodes whose codes are so nearly alike that codes do not tell which is nearest. Had each of many a
 * place of its own in the graph, a search that comes upon them would meet nothing else, and what is
 * behind them would be lost.
 *
 * <p>One thread at a time adds, any number read.
 */
final class NodeGroup implements Look {

  // Final, as groups are published without more ado.
  private final AtomicReference<Node[]> nodes;
  private final AtomicInteger count = new AtomicInteger(2);

  private NodeGroup(Node first, Node second) {
    nodes = new AtomicReference<>(new Node[] {first, second});
  }

  private void add(Node node) {
    int now = count.get();
    Node[] all = nodes.get();
    if (now == all.length) {
      all = Arrays.copyOf(all, 2 * now);
      nodes.set(all);
    }
    all[now] = node;
    count.set(now + 1);
  }

  @Override
  public int count() {
    return count.get();
  }

  @Override
  public Node get(int rank) {
    return nodes.get()[rank];
  }

  @Override
  public boolean isGone() {
    for (int i = 0; i < count(); i++) {
      if (!get(i).isGone()) {
        return false;
      }
    }
    return true;
  }

  /** A look with one more node. */
  static Look joined(Look look, Node node) {
    if (look instanceof NodeGroup group) {
      group.add(node);
      return group;
    }
    return new NodeGroup(look.get(0), node);
  }

  /** What is left of a look, of which not all may be gone, without the nodes that are. */
  static Look withoutGone(Look look) {
    Look left = without(look, Set.of());
    return left == null ? look : left;
  }

  /** A look without some nodes and without those that are gone; null if none is left. */
  static @Nullable Look without(Look look, Set<Node> nodes) {
    Look left = null;
    for (int i = 0; i < look.count(); i++) {
      Node node = look.get(i);
      if (!node.isGone() && !nodes.contains(node)) {
        left = left == null ? node : joined(left, node);
      }
    }
    return left;
  }
}
