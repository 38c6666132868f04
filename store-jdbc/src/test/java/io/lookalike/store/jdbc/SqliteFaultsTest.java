package io.lookalike.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with an SQLite store is one message that says what to do, and loses nothing. */
class SqliteFaultsTest {

  @TempDir Path folder;

  private Path file() {
    return folder.resolve(SqliteDatabase.FILE);
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = SqliteStoreTest.plain(folder);
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private void assertRefused(String... said) throws Exception {
    byte[] before = Files.readAllBytes(file());
    for (int i = 0; i < 2; i++) {
      var refusal = assertThatThrownBy(() -> JdbcStore.sqlite(folder));
      refusal.isInstanceOf(StoreException.class);
      for (String part : said) {
        refusal.hasMessageContaining(part);
      }
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  private void fill() throws StoreException {
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      StoreContents.write(store);
    }
  }

  @Test
  void twoStoresOfOneProcess() throws Exception {
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      assertThatThrownBy(() -> JdbcStore.sqlite(folder.resolve("..").resolve(folder.getFileName())))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use by this process")
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
      store.write(last -> List.of(new StoreChange.Setting("a", "b")));
    }
    JdbcStore.sqlite(folder).close();
  }

  @Test
  void twoProcesses() throws Exception {
    Process holder = Child.start("", "hold", folder.toString());
    try {
      // A JDK may first warn of native access.
      assertThat(holder.inputReader().lines().anyMatch("open"::equals)).isTrue();
      assertThatThrownBy(() -> JdbcStore.sqlite(folder))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(folder.toRealPath() + " is in use by process " + holder.pid());
    } finally {
      holder.destroyForcibly().waitFor();
    }
    JdbcStore.sqlite(folder).close();
  }

  @Test
  void aPlaceThatIsNone() throws Exception {
    Path file = Files.writeString(folder.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> JdbcStore.sqlite(file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("notes.txt is a file, expected a folder");
    assertThatThrownBy(() -> JdbcStore.sqlite(folder.resolve("a").resolve("b")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("its parent must be there");
    assertThatThrownBy(() -> JdbcStore.sqlite(folder))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("holds no store, but other files, such as notes.txt");
    assertThat(Files.exists(file())).isFalse();
  }

  @Test
  void anotherProgramsDatabase() throws Exception {
    execute("CREATE TABLE store (a)", "INSERT INTO store VALUES (1)");
    assertRefused(file().toString(), "not those of a catalogue", "another folder");
  }

  @Test
  void noDatabaseAtAll() throws Exception {
    byte[] noise = new byte[20_000];
    new Random(1).nextBytes(noise);
    Files.write(file(), noise);
    assertRefused(file().toString(), "is no SQLite database", "restore the last backup");
  }

  @Test
  void aNewerVersion() throws Exception {
    fill();
    execute("UPDATE store SET schema_version = " + (Schema.VERSION + 1));
    assertRefused("schema version " + (Schema.VERSION + 1), "a newer one");
  }

  @Test
  void anEmptyFileIsANewStore() throws Exception {
    Files.createFile(file());
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      assertThat(store.lastChange()).isZero();
    }
  }

  @Test
  void killedWhileTheTablesAreMade() throws Exception {
    try (SqliteDatabase database = SqliteDatabase.open(folder, false, Duration.ofSeconds(30))) {
      try (Database.Lease lease = database.write()) {
        Schema.execute(lease.connection(), "DROP TABLE event");
        Schema.execute(lease.connection(), "UPDATE store SET schema_version = 7");
      } // never committed
      try (Database.Lease lease = database.write()) {
        assertThat(Schema.version(lease.connection(), database)).isEqualTo(Schema.VERSION);
        assertThat(Schema.number(lease.connection(), "SELECT count(*) FROM event")).isZero();
      }
    }
  }

  @Test
  void aDamagedDatabase() throws Exception {
    fill();
    int page = 4_096;
    try (var damage = new RandomAccessFile(file().toFile(), "rw")) {
      byte[] noise = new byte[page];
      for (long at = 2 * page; at < damage.length(); at += page) {
        new Random(at).nextBytes(noise);
        damage.seek(at);
        damage.write(noise);
      }
    }
    assertThatThrownBy(
            () -> {
              try (CatalogueStore store = JdbcStore.sqlite(folder)) {
                StoreContents.check(store);
              }
            })
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("is damaged")
        .hasMessageContaining("restore the last backup");
  }

  @Test
  void aTruncatedDatabase() throws Exception {
    fill();
    try (var damage = new RandomAccessFile(file().toFile(), "rw")) {
      damage.setLength(damage.length() / 2);
    }
    assertThatThrownBy(
            () -> {
              try (CatalogueStore store = JdbcStore.sqlite(folder)) {
                StoreContents.check(store);
              }
            })
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is damaged");
  }

  @Test
  void lockedByAnSqlTool() throws Exception {
    try (CatalogueStore store = JdbcStore.builder(folder).patience(Duration.ofMillis(200)).open();
        Connection tool = SqliteStoreTest.plain(folder);
        var statement = tool.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      assertThatThrownBy(() -> store.write(last -> List.of(new StoreChange.Setting("a", "b"))))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("locked by another program")
          .hasMessageContaining("end that transaction");
      assertThat(store.lastChange()).isZero();
      statement.execute("ROLLBACK");
      assertThat(store.write(last -> List.of(new StoreChange.Setting("a", "b")))).isEqualTo(1);
    }
  }

  @Test
  void aFullDisk() throws Exception {
    try (SmallDisk disk = SmallDisk.of(folder, "3m")) {
      String told = Child.run("", "fill", disk.path().resolve("store").toString());
      assertThat(told)
          .contains("disk is full", "make room", "0 more than written", "0 more products", "done");
    }
  }

  @Test
  void aFileThatMayNotGrow() throws Exception {
    String told = Child.run("ulimit -f 4000;", "fill", folder.toString());
    assertThat(told).contains("lookalike.db cannot", "0 more than written", "0 more products");
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      assertThat(store.count(1)).isEqualTo(store.lastChange()).isPositive();
    }
  }

  @Test
  void tooManyOpenFiles() throws Exception {
    String told = Child.run("ulimit -n 64;", "files", folder.resolve("store").toString());
    assertThat(told).contains("lookalike.db cannot be opened", "ulimit -n", "\n2\n2\ndone");
  }

  @Test
  void aReadOnlyDisk() throws Exception {
    try (SmallDisk disk = SmallDisk.of(folder, "3m")) {
      Path place = disk.path().resolve("store");
      try (CatalogueStore store = JdbcStore.sqlite(place)) {
        StoreContents.write(store);
      }
      disk.remount("ro");
      assertThatThrownBy(() -> JdbcStore.sqlite(place))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(place.toRealPath() + " cannot be written")
          .hasMessageContaining("a folder of its own to write");
      disk.remount("rw");
      try (CatalogueStore store = JdbcStore.sqlite(place)) {
        StoreContents.check(store);
      }
    }
  }

  @Test
  void aReadOnlyFolder() throws Exception {
    assumeTrue(!System.getProperty("user.name").equals("root"), "root may write everywhere");
    fill();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setPosixFilePermissions(
        folder.resolve(FolderLock.FILE), PosixFilePermissions.fromString("r--r--r--"));
    try {
      assertThatThrownBy(() -> JdbcStore.sqlite(folder))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(folder.toRealPath() + " cannot be written");
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
