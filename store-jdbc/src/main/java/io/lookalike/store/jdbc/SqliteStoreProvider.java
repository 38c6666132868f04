package io.lookalike.store.jdbc;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoreProvider;
import java.nio.file.Path;

/** Opens the SQLite store of a folder, as {@link JdbcStore#sqlite} does. */
public final class SqliteStoreProvider implements StoreProvider {

  /** For {@link java.util.ServiceLoader}. */
  public SqliteStoreProvider() {}

  @Override
  public boolean exists(Path folder) {
    return SqliteDatabase.exists(folder);
  }

  @Override
  public CatalogueStore open(Path folder) throws StoreException {
    return JdbcStore.sqlite(folder);
  }
}
