package io.lookalike.store.jdbc;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.CatalogueStoreConformance;
import java.nio.file.Path;

/** In half precision a store is a store, up to the rounding that is promised. */
class HalfPrecisionStoreTest extends CatalogueStoreConformance {

  @Override
  protected CatalogueStore open(Path folder) throws StoreException {
    return JdbcStore.builder(folder).halfPrecision().open();
  }

  @Override
  protected double rounding() {
    return 0x1p-11;
  }
}
