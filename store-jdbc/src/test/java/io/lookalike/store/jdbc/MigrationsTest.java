package io.lookalike.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stores of every version are opened by this one, also where an earlier attempt was killed at
 * whichever step. Version 0 is a store that is not there yet.
 */
class MigrationsTest {

  @AutoClose private static PostgresServer server;

  @TempDir Path folder;

  private static PostgresServer server() throws Exception {
    if (server == null) {
      server = PostgresServer.start("fsync=off");
    }
    return server;
  }

  private static void check(CatalogueStore store, int version) throws StoreException {
    if (version == 0) {
      assertThat(store.lastChange()).isZero();
      StoreContents.write(store);
      StoreContents.check(store);
    } else {
      StoreContents.check(store, version);
    }
  }

  private Path sqlite(int version, String name) throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    if (version > 0) {
      try (var fixture = getClass().getResourceAsStream("v" + version + ".db")) {
        Files.copy(fixture, place.resolve(SqliteDatabase.FILE));
      }
    }
    return place;
  }

  private void postgres(int version, String schema) throws Exception {
    if (version == 0) {
      return;
    }
    String sql;
    try (var fixture = getClass().getResourceAsStream("v" + version + ".sql")) {
      sql = new String(fixture.readAllBytes(), StandardCharsets.UTF_8);
    }
    sql = sql.replace("lookalike.", schema + ".").replace("SCHEMA lookalike", "SCHEMA " + schema);
    try (Connection connection = server().source().getConnection()) {
      Schema.execute(connection, sql);
    }
  }

  @Test
  void everyVersionHasItsFixtures() {
    for (int version = 1; version <= Schema.VERSION; version++) {
      for (String kind : List.of(".db", ".sql")) {
        assertThat(getClass().getResource("v" + version + kind))
            .as("v%d%s, which StoreContents.main makes", version, kind)
            .isNotNull();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void anOldSqliteStoreIsOpened(int version) throws Exception {
    Path place = sqlite(version, "store");
    for (int i = 0; i < 2; i++) {
      try (CatalogueStore store = JdbcStore.sqlite(place)) {
        StoreContents.check(store, version);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void anOldPostgresStoreIsOpened(int version) throws Exception {
    String schema = "old" + version;
    postgres(version, schema);
    for (int i = 0; i < 2; i++) {
      try (CatalogueStore store = JdbcStore.builder(server().source()).schema(schema).open()) {
        StoreContents.check(store, version);
      }
    }
  }

  // ---- kills

  /** Something that happens instead of a statement. */
  @FunctionalInterface
  private interface Death {
    void of(Connection connection) throws Exception;
  }

  /** A connection whose process dies in the place of a statement. */
  private static Connection mortal(Connection real, int[] left, Death death) {
    return proxy(
        Connection.class,
        real,
        (name, result) ->
            name.equals("createStatement")
                ? proxy(
                    Statement.class,
                    (Statement) result,
                    (call, same) -> same,
                    call -> {
                      if (call.equals("execute") && left[0]-- == 0) {
                        death.of(real);
                        throw new SQLException("killed");
                      }
                    })
                : result,
        call -> {});
  }

  private interface After {
    Object result(String name, Object result);
  }

  private interface Before {
    void call(String name) throws Exception;
  }

  private static <T> T proxy(Class<T> type, T real, After after, Before before) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              before.call(method.getName());
              try {
                return after.result(method.getName(), method.invoke(real, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void assertOpens(Path place, int version) throws Exception {
    try (CatalogueStore store = JdbcStore.sqlite(place)) {
      check(store, version);
    } catch (StoreException | AssertionError e) {
      throw new AssertionError(place.getFileName() + ": " + e.getMessage(), e);
    }
  }

  /** What a process leaves that is killed is what is in its files at that moment. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anSqliteStoreWhoseMigrationWasKilledIsOpened(int version) throws Exception {
    try (SqliteDatabase any =
        SqliteDatabase.open(folder.resolve("any"), false, Duration.ofSeconds(30))) {
      boolean killed = true;
      for (int step = 0; killed; step++) {
        Path place = sqlite(version, "step" + step);
        Path left = folder.resolve("left" + step);
        try (Connection connection = SqliteStoreTest.plain(place)) {
          Schema.execute(connection, "PRAGMA journal_mode = WAL");
          Schema.execute(connection, "PRAGMA cache_size = 1"); // so that what is done is in the log
          Schema.execute(connection, "BEGIN IMMEDIATE");
          int[] statements = {step};
          Connection mortal = mortal(connection, statements, c -> copy(place, left));
          try {
            Schema.update(mortal, any);
            killed = false;
            copy(place, left); // before it is committed
            Schema.execute(connection, "COMMIT");
            copy(place, folder.resolve("done"));
          } catch (SQLException e) {
            assertThat(e.getMessage()).isEqualTo("killed");
          }
        }
        assertOpens(left, version);
      }
      assertOpens(folder.resolve("done"), version);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aPostgresStoreWhoseMigrationWasKilledIsOpened(int version) throws Exception {
    DataSource source = server().source();
    for (int step = 0; ; step++) {
      String schema = "step" + version + "_" + step;
      postgres(version, schema);
      int[] statements = {step};
      DataSource mortal =
          proxy(
              DataSource.class,
              source,
              (name, result) ->
                  name.equals("getConnection")
                      ? mortal((Connection) result, statements, MigrationsTest::terminate)
                      : result,
              call -> {});
      JdbcStore.Builder dying = JdbcStore.builder(mortal).schema(schema);
      boolean killed = true;
      try {
        dying.open().close();
        killed = false;
      } catch (StoreException e) {
        assertThat(e.getMessage()).contains("killed");
      }
      try (CatalogueStore store = JdbcStore.builder(source).schema(schema).open()) {
        check(store, version);
      } catch (StoreException | AssertionError e) {
        throw new AssertionError(schema + ": " + e.getMessage(), e);
      }
      if (!killed) {
        assertThat(step).isGreaterThan(version == 0 ? 20 : 5);
        return;
      }
    }
  }

  /** The server finds that the process is gone. */
  private static void terminate(Connection connection) throws Exception {
    long process = Schema.number(connection, "SELECT pg_backend_pid()");
    try (Connection other = server().source().getConnection()) {
      Schema.execute(other, "SELECT pg_terminate_backend(" + process + ", 10000)");
    }
    assertThatThrownBy(() -> Schema.execute(connection, "SELECT 1"))
        .isInstanceOf(SQLException.class);
  }
}
