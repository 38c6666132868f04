package io.lookalike.store.jdbc;

import io.lookalike.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema of a PostgreSQL database, into which any process may write. Who writes locks the one row
 * of {@code store} until the commit, so that changes become visible in the order of their numbers.
 */
final class PostgresDatabase extends Database {

  private static final Logger LOG = LoggerFactory.getLogger(PostgresDatabase.class);

  private final DataSource source;
  private final String schema;
  private final Duration patience;
  private final @Nullable FolderLock lock;

  /** Which process a notification comes from. */
  private final String me = Long.toHexString(System.nanoTime()) + ProcessHandle.current().pid();

  private volatile @Nullable PostgresListener listener;
  private volatile boolean closed;

  /**
   * Makes the schema, or brings it up to date.
   *
   * @throws StoreException if that cannot be; nothing has been changed
   */
  static PostgresDatabase open(
      DataSource source, String schema, @Nullable Path folder, Duration patience)
      throws StoreException {
    FolderLock lock = folder == null ? null : FolderLock.of(folder);
    var database = new PostgresDatabase(source, schema, lock, patience);
    boolean open = false;
    try {
      database.begin();
      open = true;
      return database;
    } catch (SQLException e) {
      throw database.problem("open", e);
    } finally {
      if (!open) {
        database.close();
      }
    }
  }

  private PostgresDatabase(
      DataSource source, String schema, @Nullable FolderLock lock, Duration patience) {
    this.source = source;
    this.schema = schema;
    this.lock = lock;
    this.patience = patience;
  }

  private void begin() throws SQLException, StoreException {
    try (Lease lease = lend()) {
      Connection connection = lease.connection();
      String product = connection.getMetaData().getDatabaseProductName();
      if (!product.equals("PostgreSQL")) {
        throw new StoreException(
            "the data source is one of " + product + ", expected PostgreSQL; SQLite needs none");
      }
      limit(connection);
      String encoding = text(connection, "SHOW server_encoding");
      if (!encoding.equals("UTF8")) {
        throw new StoreException(
            name() + " has the encoding " + encoding + ", expected UTF8; make a database with it");
      }
      // Two processes that start at once must not both make the tables.
      Schema.execute(connection, "SELECT pg_advisory_xact_lock(" + schema.hashCode() + ")");
      if (Schema.number(
              connection, "SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema + "'")
          == 0) {
        Schema.execute(connection, "CREATE SCHEMA " + schema);
      }
      Schema.update(connection, this);
      lease.commit();
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Override
  Dialect dialect() {
    return Dialect.POSTGRES;
  }

  @Override
  String prefix() {
    return schema + ".";
  }

  @Override
  String name() {
    return "PostgreSQL's schema " + schema;
  }

  @Override
  String otherPlace() {
    return "give the store a schema of its own";
  }

  @Override
  Lease read() throws SQLException, StoreException {
    return lend();
  }

  @Override
  void holdMoment(Connection reader) throws SQLException {
    Schema.execute(reader, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  }

  @Override
  Lease write() throws SQLException, StoreException {
    Lease lease = lend();
    try {
      limit(lease.connection());
      return lease;
    } catch (SQLException e) {
      lease.close();
      throw e;
    }
  }

  /**
   * Waits no longer than we may, sees what others have committed, and commits durably. Should we be
   * cut off from the server meanwhile, it ends the transaction: else others could not write until
   * it finds out by itself, two hours later.
   */
  private void limit(Connection connection) throws SQLException {
    long seconds = Math.max(1, patience.toSeconds());
    Schema.execute(
        connection,
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = "
            + patience.toMillis()
            + "; SET LOCAL idle_in_transaction_session_timeout = "
            + idle().toMillis()
            + "; SET LOCAL tcp_keepalives_idle = " // in the middle of a message, it is not idle
            + seconds
            + "; SET LOCAL tcp_keepalives_interval = "
            + Math.max(1, seconds / 3)
            + "; SET LOCAL tcp_keepalives_count = 3"
            + "; SELECT set_config('synchronous_commit', 'on', true)"
            + " WHERE current_setting('synchronous_commit') = 'off'");
  }

  /** How long a transaction may do nothing: less than others wait for it. */
  private Duration idle() {
    return patience.plusMillis(1).dividedBy(2);
  }

  private Lease lend() throws SQLException, StoreException {
    Connection connection = source.getConnection();
    boolean autoCommit;
    int timeout;
    try {
      autoCommit = connection.getAutoCommit();
      timeout = connection.getNetworkTimeout();
      connection.setNetworkTimeout(Runnable::run, millis(patience.multipliedBy(2)));
      connection.setAutoCommit(false);
    } catch (SQLException e) {
      close(connection);
      throw e;
    }
    return new Lease() {
      private boolean ended;

      @Override
      public Connection connection() {
        return connection;
      }

      @Override
      public void commit() throws SQLException {
        connection.commit();
      }

      @Override
      public void close() {
        if (ended) {
          return;
        }
        ended = true;
        try {
          connection.rollback();
          connection.setAutoCommit(autoCommit);
          connection.setNetworkTimeout(Runnable::run, timeout);
        } catch (SQLException e) {
          LOG.debug("A connection is given back broken", e);
        } finally {
          PostgresDatabase.close(connection);
        }
      }
    };
  }

  private static int millis(Duration time) {
    return (int) Math.min(Integer.MAX_VALUE, time.toMillis());
  }

  static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debug("A connection did not close", e);
    }
  }

  private String channel() {
    return "lookalike_" + schema;
  }

  @Override
  void announce(Connection out) throws SQLException {
    Schema.execute(out, "SELECT pg_notify('" + channel() + "', '" + me + "')");
  }

  @Override
  StoreException problem(String doing, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String cause = String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    String what;
    if (state.startsWith("08") || state.startsWith("57P") || state.equals("53300")) {
      what =
          name()
              + " is out of reach: "
              + cause
              + "; look whether the server runs, the network and the number of connections";
    } else if (state.equals("55P03")) {
      what =
          name()
              + " is locked by another process for more than "
              + patience.toSeconds()
              + " s; look for an open transaction in pg_stat_activity";
    } else if (state.equals("25P03")) {
      what =
          name()
              + " ended a change that did not go on for "
              + idle().toSeconds()
              + " s; nothing was written, try again";
    } else if (state.equals("53100")) {
      what = name() + " cannot grow: the server's disk is full; nothing was written, make room";
    } else if (state.equals("25006")) {
      what = name() + " is read-only, as on a standby; give the server that takes writes";
    } else if (state.equals("42501")) {
      what =
          name()
              + " may not be used: "
              + cause
              + "; GRANT this user the right, or make the schema and its tables as their owner";
    } else if (state.startsWith("XX")) {
      what = name() + " is damaged: " + cause + "; restore the last backup";
    } else {
      what = "could not " + doing + " " + name() + ": " + cause;
    }
    return new StoreException(what, e);
  }

  @Override
  Optional<Path> folder() {
    return Optional.ofNullable(lock).map(FolderLock::folder);
  }

  @Override
  boolean shared() {
    return true;
  }

  @Override
  synchronized void onChange(Runnable changed) {
    if (closed) {
      return;
    }
    PostgresListener before = listener;
    if (before != null) {
      before.close();
    }
    try {
      listener = new PostgresListener(source, channel(), me, changed);
    } catch (LinkageError e) {
      LOG.info("PostgreSQL's driver is not there by its own name, so changes are asked for: {}", e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    PostgresListener now = listener;
    if (now != null) {
      now.close();
    }
    if (lock != null) {
      lock.close();
    }
  }
}
