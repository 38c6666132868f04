package io.lookalike.store.jdbc;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.CatalogueStoreConformance;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;

/** A PostgreSQL store is a store, in a pool of connections. */
class PostgresStoreTest extends CatalogueStoreConformance {

  @AutoClose private static PostgresServer server;
  private static DataSource pool;

  /** Each folder stands for a schema. */
  private static final Map<Path, String> SCHEMAS = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
    pool = server.pool(12);
  }

  @Override
  protected CatalogueStore open(Path folder) throws StoreException {
    String schema = SCHEMAS.computeIfAbsent(folder, path -> "s" + SCHEMAS.size());
    return JdbcStore.builder(pool).schema(schema).open();
  }

  @Override
  protected Optional<CatalogueStore> beside(Path folder) throws StoreException {
    return Optional.of(open(folder));
  }

  @Override
  protected boolean damage(Path folder, String product) throws Exception {
    try (Connection connection = pool.getConnection()) {
      SqliteStoreTest.damage(connection, SCHEMAS.get(folder) + ".", product);
    }
    return true;
  }
}
