package io.lookalike.store.jdbc;

import static io.lookalike.store.jdbc.StoreContents.all;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.CatalogueStoreCrashes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** What is special about PostgreSQL: several processes, lost servers, kills. */
class PostgresFaultsTest extends CatalogueStoreCrashes {

  @AutoClose private static PostgresServer server;

  @TempDir Path other;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
  }

  /** In another process. */
  public static final class Opening implements Opener {
    @Override
    public CatalogueStore open(String place) throws StoreException {
      var source = new PGSimpleDataSource();
      source.setUrl(place);
      return JdbcStore.builder(source).schema("kills").open();
    }
  }

  @Override
  protected Class<? extends Opener> opener() {
    return Opening.class;
  }

  @Override
  protected String place(Path folder) {
    return server.url();
  }

  @Override
  protected boolean isFolder() {
    return false;
  }

  @Test
  void newsIsTold() throws Exception {
    try (CatalogueStore one = JdbcStore.builder(server.source()).schema("news").open();
        CatalogueStore two = JdbcStore.builder(server.source()).schema("news").open()) {
      var begun = new CountDownLatch(1);
      var told = new CountDownLatch(2); // once when it begins to listen
      two.onChange(
          () -> {
            begun.countDown();
            told.countDown();
          });
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      two.write(last -> List.of(new StoreChange.Setting("own", "news")));
      one.write(last -> List.of(new StoreChange.Setting("a", "b")));
      assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aServerThatIsGone() throws Exception {
    try (CatalogueStore store = JdbcStore.builder(server.source()).schema("gone").open()) {
      store.write(last -> List.of(new StoreChange.Put("a", Attributes.none(), null)));
      server.kill();
      try {
        assertThatThrownBy(store::lastChange)
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("schema gone is out of reach");
        assertThatThrownBy(() -> store.write(last -> List.of(new StoreChange.Remove("a"))))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("out of reach");
        assertThatThrownBy(() -> JdbcStore.of(server.source()))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("out of reach");
      } finally {
        server.startAgain();
      }
      assertThat(store.lastChange()).isEqualTo(1);
      assertThat(all(store.products(1, 0))).hasSize(1);
      assertThat(store.write(last -> List.of(new StoreChange.Remove("a")))).isEqualTo(2);
    }
  }

  @Test
  void anotherProgramsTablesAndANewerVersion() throws Exception {
    try (Connection connection = server.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA shop");
      statement.execute("CREATE TABLE shop.product (id text)");
      assertThatThrownBy(() -> JdbcStore.builder(server.source()).schema("shop").open())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("schema shop holds tables, but not those of a catalogue")
          .hasMessageContaining("a schema of its own");
      JdbcStore.builder(server.source()).schema("newer").open().close();
      statement.execute("UPDATE newer.store SET schema_version = 99");
      assertThatThrownBy(() -> JdbcStore.builder(server.source()).schema("newer").open())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("schema version 99");
    }
  }

  @Test
  void lockedByATransaction() throws Exception {
    try (CatalogueStore store =
            JdbcStore.builder(server.source())
                .schema("locked")
                .patience(Duration.ofMillis(300))
                .open();
        Connection tool = server.source().getConnection();
        var statement = tool.createStatement()) {
      tool.setAutoCommit(false);
      statement.execute("SELECT * FROM locked.store FOR UPDATE");
      assertThatThrownBy(() -> store.write(last -> List.of(new StoreChange.Setting("a", "b"))))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("locked by another process")
          .hasMessageContaining("pg_stat_activity");
      assertThat(store.lastChange()).isZero();
      tool.rollback();
      assertThat(store.write(last -> List.of(new StoreChange.Setting("a", "b")))).isEqualTo(1);
    }
  }

  @Test
  void aChangeThatDoesNotGoOnKeepsOthersOutNoLonger() throws Exception {
    JdbcStore.Builder builder =
        JdbcStore.builder(server.source()).schema("slow").patience(Duration.ofSeconds(2));
    try (CatalogueStore slow = builder.open();
        CatalogueStore other = builder.open()) {
      assertThatThrownBy(
              () ->
                  slow.write(
                      last -> {
                        // As one whose process hangs. The other waits, and writes.
                        assertThat(other.write(l -> List.of(new StoreChange.Setting("a", "b"))))
                            .isEqualTo(1);
                        return List.of(new StoreChange.Setting("a", "c"));
                      }))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("schema slow ended a change that did not go on")
          .hasMessageContaining("nothing was written");
      assertThat(slow.manifest()).containsEntry("a", "b");
      assertThat(slow.write(last -> List.of(new StoreChange.Setting("a", "c")))).isEqualTo(2);
    }
  }

  @Test
  void tooManyConnections() throws Exception {
    try (CatalogueStore store = JdbcStore.builder(server.source()).schema("many").open()) {
      store.write(last -> List.of(new StoreChange.Setting("a", "b")));
      var taken = new ArrayList<Connection>();
      try {
        assertThatThrownBy(
                () -> {
                  while (taken.size() < 1_000) {
                    taken.add(server.source().getConnection());
                  }
                })
            .isInstanceOf(SQLException.class);
        assertThatThrownBy(store::lastChange)
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("schema many is out of reach")
            .hasMessageContaining("the number of connections");
      } finally {
        for (Connection connection : taken) {
          connection.close();
        }
      }
      for (int i = 0; ; i++) { // until the server's processes have ended
        try {
          assertThat(store.write(last -> List.of(new StoreChange.Setting("c", "d")))).isEqualTo(2);
          return;
        } catch (StoreException e) {
          assertThat(i).as(e.getMessage()).isLessThan(1_000);
          Thread.sleep(10);
        }
      }
    }
  }

  @Test
  void aFullDisk() throws Exception {
    try (SmallDisk disk = SmallDisk.of(server.folder(), "8m")) {
      Path tables = server.own(Files.createDirectory(disk.path().resolve("tables")));
      PGSimpleDataSource source = server.source();
      source.setOptions("-c default_tablespace=small");
      try (Connection connection = server.source().getConnection();
          var statement = connection.createStatement()) {
        statement.execute("CREATE TABLESPACE small LOCATION '" + tables + "'");
        try (CatalogueStore store = JdbcStore.builder(source).schema("small").open()) {
          assertThatThrownBy(
                  () -> {
                    for (int i = 0; i < 10_000; i++) {
                      write(store, i);
                    }
                  })
              .isInstanceOf(StoreException.class)
              .hasMessageContaining("schema small cannot grow: the server's disk is full")
              .hasMessageContaining("make room");
          long written = store.lastChange();
          assertThat(written).isPositive();
          assertThat(store.count(1)).isEqualTo(written);
          disk.grow("64m");
          write(store, 10_001);
          assertThat(store.count(1)).isEqualTo(written + 1);
        } finally {
          statement.execute("DROP SCHEMA IF EXISTS small CASCADE");
          statement.execute("DROP TABLESPACE small");
        }
      }
    }
  }

  private static void write(CatalogueStore store, int i) throws StoreException {
    float[] features = new float[4_096];
    for (int d = 0; d < features.length; d++) {
      features[d] = (float) Math.sin(i * 31.7 + d * d);
    }
    var put = new StoreChange.Put("p" + i, Attributes.none(), new Looks(1, features, null));
    store.write(last -> List.of(put));
  }

  @Test
  void theIndexFolderIsOfOneProcess() throws Exception {
    try (CatalogueStore store =
        JdbcStore.builder(server.source()).schema("folders").indexFolder(other).open()) {
      assertThat(store.folder()).contains(other.toRealPath());
      assertThatThrownBy(
              () -> JdbcStore.builder(server.source()).schema("folders").indexFolder(other).open())
          .hasMessageContaining("in use by this process");
    }
  }
}
