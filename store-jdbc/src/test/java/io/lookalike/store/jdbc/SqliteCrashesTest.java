package io.lookalike.store.jdbc;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.CatalogueStoreCrashes;
import java.nio.file.Path;

/** What SQLite has acknowledged survives kills and power cuts. */
class SqliteCrashesTest extends CatalogueStoreCrashes {

  /** In another process. */
  public static final class Opening implements Opener {
    @Override
    public CatalogueStore open(String place) throws StoreException {
      return JdbcStore.sqlite(Path.of(place));
    }
  }

  @Override
  protected Class<? extends Opener> opener() {
    return Opening.class;
  }
}
