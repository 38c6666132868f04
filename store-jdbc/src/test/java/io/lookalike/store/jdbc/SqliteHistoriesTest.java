package io.lookalike.store.jdbc;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.StoreHistories;
import java.nio.file.Path;

/** A recommender on SQLite through restarts. */
class SqliteHistoriesTest extends StoreHistories {

  @Override
  protected CatalogueStore open(Path folder) throws StoreException {
    return JdbcStore.sqlite(folder);
  }
}
