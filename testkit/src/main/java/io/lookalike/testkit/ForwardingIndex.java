package io.lookalike.testkit;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands every call on, so that a test can change one of them. As thread-safe as what it hands them
 * to.
 */
public abstract class ForwardingIndex implements NeighborIndex {

  private final NeighborIndex delegate;

  /**
   * Hands calls on to an index.
   *
   * @param delegate closed together with this one
   */
  protected ForwardingIndex(NeighborIndex delegate) {
    this.delegate = delegate;
  }

  @Override
  public int dimension() {
    return delegate.dimension();
  }

  @Override
  public void connect(String id, Collection<String> missed) {
    delegate.connect(id, missed);
  }

  @Override
  public void noteAudited(String id, UnitVector vector) {
    delegate.noteAudited(id, vector);
  }

  @Override
  public List<String> unaudited() {
    return delegate.unaudited();
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
