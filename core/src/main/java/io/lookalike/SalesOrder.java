package io.lookalike;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Products in the order of their sales: most pieces first, equals by ascending id. Writers take
 * turns, by their owner's lock; readers need none and never see a change by half.
 *
 * <p>A treap (Seidel and Aragon, <i>Randomized search trees</i>, Algorithmica 16, 1996) of nodes
 * that never change: a change makes anew the O(log n) nodes above it and publishes their root. A
 * sorted set of the JDK would not do: as a product moves up, a reader of a {@code
 * ConcurrentSkipListSet} may miss it at both places, and what moves most is what sells best.
 */
final class SalesOrder implements Iterable<String> {

  /** Priorities make a heap, drawn by lot; so the tree is as deep as a random one. */
  private record Node(
      String id, long pieces, int priority, @Nullable Node left, @Nullable Node right) {

    boolean isBefore(Node other) {
      return pieces != other.pieces ? pieces > other.pieces : id.compareTo(other.id) < 0;
    }

    Node with(@Nullable Node left, @Nullable Node right) {
      return new Node(id, pieces, priority, left, right);
    }
  }

  private volatile @Nullable Node root;

  /**
   * Moves a product, in one step for readers.
   *
   * @param id the product's
   * @param before its pieces so far, 0 if it is not in the order
   * @param now its pieces from now on, 0 if it is to leave the order
   */
  void move(String id, long before, long now) {
    if (before == now) {
      return;
    }
    Node changed = root;
    if (before > 0) {
      changed = without(changed, new Node(id, before, 0, null, null));
    }
    if (now > 0) {
      int priority = ThreadLocalRandom.current().nextInt();
      changed = with(changed, new Node(id, now, priority, null, null));
    }
    root = changed;
  }

  private static Node with(@Nullable Node at, Node added) {
    if (at == null) {
      return added;
    }
    if (added.priority > at.priority) {
      return added.with(firstOf(at, added), lastOf(at, added));
    }
    return added.isBefore(at)
        ? at.with(with(at.left, added), at.right)
        : at.with(at.left, with(at.right, added));
  }

  private static @Nullable Node without(@Nullable Node at, Node gone) {
    if (at == null) {
      return null;
    }
    if (gone.isBefore(at)) {
      return at.with(without(at.left, gone), at.right);
    }
    return at.isBefore(gone)
        ? at.with(at.left, without(at.right, gone))
        : joined(at.left, at.right);
  }

  /** What comes before a key. */
  private static @Nullable Node firstOf(@Nullable Node at, Node key) {
    if (at == null) {
      return null;
    }
    return at.isBefore(key) ? at.with(at.left, firstOf(at.right, key)) : firstOf(at.left, key);
  }

  /** What comes after a key. */
  private static @Nullable Node lastOf(@Nullable Node at, Node key) {
    if (at == null) {
      return null;
    }
    return key.isBefore(at) ? at.with(lastOf(at.left, key), at.right) : lastOf(at.right, key);
  }

  /** Joins two trees, of which all of one comes before all of the other. */
  private static @Nullable Node joined(@Nullable Node first, @Nullable Node last) {
    if (first == null || last == null) {
      return first == null ? last : first;
    }
    return first.priority > last.priority
        ? first.with(first.left, joined(first.right, last))
        : last.with(joined(first, last.left), last.right);
  }

  /** Goes through the order of this moment, whatever is sold meanwhile. */
  @Override
  public Iterator<String> iterator() {
    return new Cursor(root);
  }

  private static final class Cursor implements Iterator<String> {
    /** Nodes that come next, each with what is on its right. */
    private final ArrayDeque<Node> ahead = new ArrayDeque<>();

    Cursor(@Nullable Node root) {
      descend(root);
    }

    private void descend(@Nullable Node from) {
      for (Node node = from; node != null; node = node.left) {
        ahead.push(node);
      }
    }

    @Override
    public boolean hasNext() {
      return !ahead.isEmpty();
    }

    @Override
    public String next() {
      Node node = ahead.poll();
      if (node == null) {
        throw new NoSuchElementException("the order of sales ends here");
      }
      descend(node.right);
      return node.id;
    }
  }
}
