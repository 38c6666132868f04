package io.lookalike.testkit;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Hands every call to another store; for tests that change one of them. */
public class ForwardingStore implements CatalogueStore {

  private final CatalogueStore store;

  /**
   * Wraps a store.
   *
   * @param store does the work; closed with this one
   */
  public ForwardingStore(CatalogueStore store) {
    this.store = Objects.requireNonNull(store, "store");
  }

  @Override
  public String id() {
    return store.id();
  }

  @Override
  public long lastChange() throws StoreException {
    return store.lastChange();
  }

  @Override
  public long forgottenUpTo() throws StoreException {
    return store.forgottenUpTo();
  }

  @Override
  public long write(Batch batch) throws StoreException {
    return store.write(batch);
  }

  @Override
  public StoreCursor<StoredProduct> products(int network, long after) throws StoreException {
    return store.products(network, after);
  }

  @Override
  public StoreCursor<StoredProduct> withoutLooks(int network) throws StoreException {
    return store.withoutLooks(network);
  }

  @Override
  public Map<String, float[]> features(int network, Collection<String> ids) throws StoreException {
    return store.features(network, ids);
  }

  @Override
  public Map<String, float[]> pictures(int network, Collection<String> pictures)
      throws StoreException {
    return store.pictures(network, pictures);
  }

  @Override
  public long count(int network) throws StoreException {
    return store.count(network);
  }

  @Override
  public StoreCursor<StoreChange> sales(long after) throws StoreException {
    return store.sales(after);
  }

  @Override
  public StoreCursor<String> purchaseIds() throws StoreException {
    return store.purchaseIds();
  }

  @Override
  public StoreCursor<StoreChange> events(long after) throws StoreException {
    return store.events(after);
  }

  @Override
  public Map<String, String> manifest() throws StoreException {
    return store.manifest();
  }

  @Override
  public Optional<StoredTransform> transform(int network) throws StoreException {
    return store.transform(network);
  }

  @Override
  public Optional<Path> folder() {
    return store.folder();
  }

  @Override
  public boolean shared() {
    return store.shared();
  }

  @Override
  public void onChange(Runnable changed) {
    store.onChange(changed);
  }

  @Override
  public void close() {
    store.close();
  }
}
