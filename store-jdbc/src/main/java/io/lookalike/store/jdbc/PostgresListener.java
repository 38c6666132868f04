package io.lookalike.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits on a connection of its own for what other processes announce. Where that does not work it
 * gives up or tries again; who follows a store asks it now and then anyway.
 */
final class PostgresListener implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PostgresListener.class);

  /** So long a thread may take to see that it is to end. */
  private static final int WAIT_MILLIS = 100;

  private static final int AGAIN_MILLIS = 5_000;

  private final DataSource source;
  private final String channel;
  private final String me;
  private final Runnable changed;
  private final Thread thread;
  private volatile boolean closed;

  PostgresListener(DataSource source, String channel, String me, Runnable changed) {
    this.source = source;
    this.channel = channel;
    this.me = me;
    this.changed = changed;
    this.thread = new Thread(this::run, "lookalike-store-listener");
    thread.setDaemon(true);
    // Loads the driver's class here, where its lack is expected.
    LOG.debug("Listening by {}", PGConnection.class.getName());
    thread.start();
  }

  private void run() {
    while (!closed) {
      Connection connection = null;
      try {
        connection = source.getConnection();
        if (!connection.isWrapperFor(PGConnection.class)) {
          LOG.info("The data source hides PostgreSQL's driver, so changes are asked for");
          return;
        }
        connection.setAutoCommit(true);
        listen(connection);
      } catch (SQLException | RuntimeException e) {
        if (!closed) {
          LOG.debug("Changes are not announced for a while", e);
          sleep();
        }
      } finally {
        if (connection != null) {
          PostgresDatabase.close(connection);
        }
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    Schema.execute(connection, "LISTEN " + channel);
    try {
      changed.run(); // for what was not heard before
      PGConnection postgres = connection.unwrap(PGConnection.class);
      while (!closed) {
        if (isNews(postgres.getNotifications(WAIT_MILLIS))) {
          changed.run();
        }
      }
    } finally {
      Schema.execute(connection, "UNLISTEN " + channel); // for whoever gets it from a pool next
    }
  }

  private boolean isNews(PGNotification @Nullable [] notifications) {
    if (notifications != null) {
      for (PGNotification notification : notifications) {
        if (!me.equals(notification.getParameter())) {
          return true;
        }
      }
    }
    return false;
  }

  private void sleep() {
    try {
      Thread.sleep(AGAIN_MILLIS);
    } catch (InterruptedException e) {
      // closed
    }
  }

  /** Ends the thread, at once if it sleeps, or else within a tenth of a second. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(10 * WAIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
