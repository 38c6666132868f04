package io.lookalike.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.StoreHistories;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A recommender on PostgreSQL through restarts. */
class PostgresHistoriesTest extends StoreHistories {

  private static PostgresServer server;
  private static HikariDataSource pool;

  /** Each folder stands for a schema. */
  private static final Map<Path, String> SCHEMAS = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start("fsync=off"); // it is not killed
    var config = new HikariConfig();
    config.setDataSource(server.source());
    config.setMaximumPoolSize(8);
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
    String schema = SCHEMAS.computeIfAbsent(folder, path -> "h" + SCHEMAS.size());
    return JdbcStore.builder(pool).schema(schema).indexFolder(folder).open();
  }
}
