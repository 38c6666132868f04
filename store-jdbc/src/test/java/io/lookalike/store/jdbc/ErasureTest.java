package io.lookalike.store.jdbc;

import static io.lookalike.store.jdbc.StoreContents.all;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a customer who is forgotten nothing stays in a store, wherever one looks. */
class ErasureTest {

  private static final Instant NOON = Instant.parse("2024-03-01T12:00:00Z");

  /** What is looked for: nothing of it may be found, in capitals or not. */
  private static final String WHO = "erika.mustermann";

  private static final String SHORT = WHO + "@example.org";
  private static final String LONG = SHORT + "/" + "x".repeat(400);

  @TempDir Path folder;

  private static StoreChange did(String customer, int number, String event) {
    return new StoreChange.Did(
        "", customer, "VIEWED", "p" + number % 50, NOON.plusSeconds(number), event);
  }

  /** Many others, and among them, again and again, one customer with all that has her name. */
  private static void fill(CatalogueStore store, long seed) throws StoreException {
    var random = new Random(seed);
    int number = 0;
    for (int batch = 0; batch < 60; batch++) {
      var changes = new ArrayList<StoreChange>();
      for (int i = 0; i < 100; i++) {
        changes.add(
            did("c" + random.nextInt(2_000) + "y".repeat(random.nextInt(60)), ++number, null));
        if (random.nextInt(10) == 0) {
          String event =
              random.nextBoolean() ? null : WHO + "-" + number + "z".repeat(random.nextInt(400));
          changes.add(did(random.nextBoolean() ? SHORT : LONG, ++number, event));
        }
      }
      if (batch % 10 == 9) {
        changes.add(new StoreChange.Expired(NOON.plusSeconds(number / 3), false));
        changes.add(new StoreChange.Forgotten("", SHORT)); // who comes back
      }
      store.write(last -> changes);
    }
  }

  private static void forget(CatalogueStore store) throws StoreException {
    store.write(
        last -> List.of(new StoreChange.Forgotten("", SHORT), new StoreChange.Forgotten("", LONG)));
  }

  private static void assertKept(CatalogueStore store) throws StoreException {
    List<StoreChange> events = all(store.events(0));
    assertThat(events).hasSizeGreaterThan(3_000);
    assertThat(events).noneMatch(event -> event.toString().contains(WHO));
  }

  /** A store whose pages are the same in every run: marks depend on its id, and pages on marks. */
  private CatalogueStore open(long seed) throws Exception {
    Path place = folder.resolve("store" + seed);
    JdbcStore.sqlite(place).close();
    try (Connection connection = SqliteStoreTest.plain(place)) {
      Schema.execute(connection, "UPDATE store SET id = 'store-" + seed + "'");
    }
    return JdbcStore.sqlite(place);
  }

  private void assertNothingInFiles(String when) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(bytes.indexOf(WHO)).as("where %s is in %s, %s", WHO, file, when).isEqualTo(-1);
      }
    }
  }

  @Test
  void nothingStaysInSqlitesFiles() throws Exception {
    for (long seed = 1; seed <= 3; seed++) {
      try (CatalogueStore store = open(seed)) {
        fill(store, seed);
        forget(store);
        assertNothingInFiles("seed " + seed);
        assertKept(store);
      }
    }
  }

  @Test
  void whoReadsKeepsTheLogALittleLonger() throws Exception {
    try (CatalogueStore store = open(1)) {
      fill(store, 1);
      try (StoreCursor<StoreChange> reading = store.events(0)) {
        forget(store);
        assertThat(reading.hasNext()).isTrue();
      }
      store.write(last -> List.of(new StoreChange.Setting("any", "other change")));
      assertNothingInFiles("after the next write");
    }
  }

  @Test
  void nothingStaysInPostgresTables() throws Exception {
    try (PostgresServer server = PostgresServer.start("fsync=off");
        CatalogueStore store = JdbcStore.of(server.source());
        Connection connection = server.source().getConnection();
        var statement = connection.createStatement()) {
      fill(store, 1);
      forget(store);
      assertKept(store);
      var tables = new ArrayList<String>();
      try (var rows =
          statement.executeQuery(
              "SELECT table_name FROM information_schema.tables WHERE table_schema = 'lookalike'")) {
        while (rows.next()) {
          tables.add(rows.getString(1));
        }
      }
      assertThat(tables).contains("event", "long_text");
      for (String table : tables) {
        try (var rows =
            statement.executeQuery("SELECT CAST(t AS TEXT) FROM lookalike." + table + " t")) {
          while (rows.next()) {
            assertThat(rows.getString(1)).doesNotContain(WHO);
          }
        }
      }
    }
  }

  @Test
  void aLongTextThatAnotherRowHasStays() throws Exception {
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      store.write(
          last ->
              List.of(
                  did(LONG, 1, LONG), did("other", 2, LONG), new StoreChange.Forgotten("", LONG)));
      assertThat(all(store.events(0))).containsExactly(did("other", 2, LONG));
      store.write(last -> List.of(new StoreChange.Expired(NOON.plusSeconds(60), false)));
    }
    assertNothingInFiles("when nothing has it");
  }
}
