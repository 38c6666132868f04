package io.lookalike.index;

import io.lookalike.catalog.Attributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hands every call on, so that a test can change one of them. */
public abstract class ForwardingIndex implements NeighborIndex {

  private final NeighborIndex delegate;

  protected ForwardingIndex(NeighborIndex delegate) {
    this.delegate = delegate;
  }

  @Override
  public int dimension() {
    return delegate.dimension();
  }

  @Override
  public int size() {
    return delegate.size();
  }

  @Override
  public List<Neighbor> search(Query query) {
    return delegate.search(query);
  }

  @Override
  public @Nullable IndexItem item(String id) {
    return delegate.item(id);
  }

  @Override
  public List<String> ids() {
    return delegate.ids();
  }

  @Override
  public void upsertAll(List<IndexItem> items) {
    delegate.upsertAll(items);
  }

  @Override
  public boolean setAttributes(String id, Attributes attributes) {
    return delegate.setAttributes(id, attributes);
  }

  @Override
  public boolean remove(String id) {
    return delegate.remove(id);
  }

  @Override
  public void close() {
    delegate.close();
  }
}
