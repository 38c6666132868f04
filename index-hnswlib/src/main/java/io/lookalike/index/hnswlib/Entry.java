package io.lookalike.index.hnswlib;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.math.UnitVector;

/** A product in the index, with one of the vectors that it has had. */
final class Entry {
  private final String id;
  private final Node node;
  private volatile Attributes attributes;

  Entry(IndexItem item, Node node) {
    this.id = item.id();
    this.node = node;
    this.attributes = item.attributes();
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

  Attributes attributes() {
    return attributes;
  }

  void setAttributes(Attributes attributes) {
    this.attributes = attributes;
  }
}
