package io.lookalike.index.hnsw;

import io.lookalike.catalog.Attributes;
import io.lookalike.math.UnitVector;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** A product in the index, with one of the vectors that it has had. */
final class Entry implements Entries {
  private final String id;
  private final Node node;

  /** The product's number, which it keeps when it is replaced. */
  private final int number;

  /** {@link Attributes}, or the {@link SavedAttributes} to be asked for those of this number. */
  private volatile Object attributes;

  private volatile boolean retired;

  private static final AtomicReferenceFieldUpdater<Entry, Object> ATTRIBUTES =
      AtomicReferenceFieldUpdater.newUpdater(Entry.class, Object.class, "attributes");

  Entry(String id, Node node, int number, Attributes attributes) {
    this(id, node, number, (Object) attributes);
  }

  /** An entry whose attributes are decoded when they are first asked for. */
  Entry(String id, Node node, int number, SavedAttributes saved) {
    this(id, node, number, (Object) saved);
  }

  private Entry(String id, Node node, int number, Object attributes) {
    this.id = id;
    this.node = node;
    this.number = number;
    this.attributes = attributes;
  }

  String id() {
    return id;
  }

  Node node() {
    return node;
  }

  int number() {
    return number;
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

  Attributes attributes() {
    Object held = attributes;
    if (held instanceof Attributes known) {
      return known;
    }
    Attributes decoded = ((SavedAttributes) held).get(number);
    // Unless others were set meanwhile.
    return ATTRIBUTES.compareAndSet(this, held, decoded) ? decoded : (Attributes) attributes;
  }

  void setAttributes(Attributes attributes) {
    this.attributes = attributes;
  }

  @Override
  public Entries with(Entry entry) {
    return EntryList.of(this, entry);
  }

  @Override
  public @Nullable Entries without(Entry entry) {
    return null;
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public Entry get(int rank) {
    return this;
  }
}
