package io.lookalike.store.jdbc;

import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.NoSuchElementException;

/** Rows of a query, whose transaction is open as long as the cursor is. */
final class RowCursor<T> implements StoreCursor<T> {

  /** What a row says. */
  @FunctionalInterface
  interface Reading<T> {
    T of(ResultSet row) throws SQLException, StoreException;
  }

  private final Database database;
  private final Database.Lease lease;
  private final PreparedStatement statement;
  private final ResultSet rows;
  private final Reading<T> reading;
  private final long change;
  private boolean atRow;
  private boolean closed;

  /**
   * Takes over the lease and the statement.
   *
   * @param statement whose query is run here
   * @param change as of which it sees the store
   */
  RowCursor(
      Database database,
      Database.Lease lease,
      PreparedStatement statement,
      long change,
      Reading<T> reading)
      throws SQLException {
    this.database = database;
    this.lease = lease;
    this.statement = statement;
    this.reading = reading;
    this.change = change;
    this.rows = statement.executeQuery();
  }

  @Override
  public long change() {
    return change;
  }

  @Override
  public boolean hasNext() {
    if (!atRow && !closed) {
      try {
        atRow = rows.next();
      } catch (SQLException e) {
        close();
        throw new UncheckedIOException(database.problem("read", e));
      }
      if (!atRow) {
        close();
      }
    }
    return atRow;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the cursor is at its end, or closed");
    }
    atRow = false;
    try {
      return reading.of(rows);
    } catch (SQLException e) {
      close();
      throw new UncheckedIOException(database.problem("read", e));
    } catch (StoreException e) { // this row is damaged; the next one need not be
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) { // nor need what it holds make any sense
      throw new UncheckedIOException(damaged(database, e));
    }
  }

  /** A row of which nothing can be made. */
  static StoreException damaged(Database database, RuntimeException cause) {
    return new StoreException(
        database.name() + ": a row is damaged (" + cause + "); restore the last backup", cause);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    atRow = false;
    try {
      statement.close();
    } catch (SQLException e) {
      // It goes with its connection, at the latest.
    } finally {
      lease.close();
    }
  }
}
