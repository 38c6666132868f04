package io.lookalike.index.hnswlib;

import com.github.jelmerk.hnswlib.core.Item;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;

/**
 * A vector in the graph, with all products that have it. Would each of them be a node, more than
 * there are links to a node would link to one another alone: an island that no search comes upon.
 */
final class Node implements Item<Node, UnitVector> {
  private final UnitVector vector;
  private volatile List<Entry> entries = List.of();

  Node(UnitVector vector) {
    this.vector = vector;
  }

  /** The products, as they are at this moment. */
  List<Entry> entries() {
    return entries;
  }

  /** Replaces the products; one writer at a time. */
  void setEntries(List<Entry> entries) {
    this.entries = entries;
  }

  /** The products and one more. */
  List<Entry> with(Entry entry) {
    var all = new ArrayList<>(entries);
    all.add(entry);
    return List.copyOf(all);
  }

  /** The products but one. */
  List<Entry> without(Entry entry) {
    return entries.stream().filter(e -> e != entry).toList();
  }

  /** The graph knows a node by itself. */
  @Override
  public Node id() {
    return this;
  }

  @Override
  public UnitVector vector() {
    return vector;
  }

  @Override
  public int dimensions() {
    return vector.dimension();
  }
}
