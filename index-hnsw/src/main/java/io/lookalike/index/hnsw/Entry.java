package io.lookalike.index.hnsw;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.math.UnitVector;
import org.jspecify.annotations.Nullable;

/** A product in the index, with one of the vectors that it has had. */
final class Entry {
  private final String id;
  private final Node node;
  private volatile Attributes attributes;
  private volatile boolean retired;
  private volatile @Nullable Entry next;

  Entry(IndexItem item, Node node) {
    this(item.id(), node, item.attributes());
  }

  Entry(String id, Node node, Attributes attributes) {
    this.id = id;
    this.node = node;
    this.attributes = attributes;
  }

  String id() {
    return id;
  }

  Node node() {
    return node;
  }

  UnitVector vector() {
    return node.vector();
  }

  /** Whether the product has been removed, or has another entry by now. */
  boolean isRetired() {
    return retired;
  }

  void retire() {
    retired = true;
  }

  /** The next product with the same vector. */
  @Nullable Entry next() {
    return next;
  }

  void setNext(@Nullable Entry next) {
    this.next = next;
  }

  Attributes attributes() {
    return attributes;
  }

  void setAttributes(Attributes attributes) {
    this.attributes = attributes;
  }
}
