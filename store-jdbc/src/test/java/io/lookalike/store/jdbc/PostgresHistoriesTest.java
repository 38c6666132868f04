package io.lookalike.store.jdbc;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.StoreHistories;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;

/** A recommender on PostgreSQL through restarts. */
class PostgresHistoriesTest extends StoreHistories {

  @AutoClose private static PostgresServer server;
  private static DataSource pool;

  /** Each folder stands for a schema. */
  private static final Map<Path, String> SCHEMAS = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start("fsync=off"); // it is not killed
    pool = server.pool(8);
  }

  @Override
  protected CatalogueStore open(Path folder) throws StoreException {
    String schema = SCHEMAS.computeIfAbsent(folder, path -> "h" + SCHEMAS.size());
    return JdbcStore.builder(pool).schema(schema).indexFolder(folder).open();
  }
}
