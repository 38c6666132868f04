package io.lookalike.index.hnsw;

import com.github.jelmerk.hnswlib.core.Item;
import io.lookalike.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.math.UnitVector;

/**
 * A product with one of the vectors that it has had. The graph knows it by itself rather than by
 * the product's id, so that the old and the new vector of a product can be there at the same time.
 */
final class Node implements Item<Node, UnitVector> {
  private final String productId;
  private final UnitVector vector;
  private volatile Attributes attributes;

  Node(IndexItem item) {
    this.productId = item.id();
    this.vector = item.vector();
    this.attributes = item.attributes();
  }

  /** The same product once more, for the graph another node. */
  Node(Node other) {
    this.productId = other.productId;
    this.vector = other.vector;
    this.attributes = other.attributes;
  }

  String productId() {
    return productId;
  }

  Attributes attributes() {
    return attributes;
  }

  void setAttributes(Attributes attributes) {
    this.attributes = attributes;
  }

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
