package io.lookalike.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.CatalogueStoreConformance;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A PostgreSQL store is a store, in a pool of connections. */
class PostgresStoreTest extends CatalogueStoreConformance {

  private static PostgresServer server;
  private static HikariDataSource pool;

  /** Each folder stands for a schema. */
  private static final Map<Path, String> SCHEMAS = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
    var config = new HikariConfig();
    config.setDataSource(server.source());
    config.setMaximumPoolSize(12);
    pool = new HikariDataSource(config);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      pool.close();
      server.close();
    }
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
