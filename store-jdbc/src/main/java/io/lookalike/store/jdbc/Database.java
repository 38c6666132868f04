package io.lookalike.store.jdbc;

import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Where connections come from and what errors mean: one of the two databases. */
abstract sealed class Database implements AutoCloseable permits SqliteDatabase, PostgresDatabase {

  /** A connection that is lent, within a transaction. */
  interface Lease extends AutoCloseable {
    Connection connection();

    /** Makes durable what was written. */
    void commit() throws SQLException;

    /** Gives the connection back. What was not committed never was. Closing twice has no effect. */
    @Override
    void close();
  }

  abstract Dialect dialect();

  /** What is before each table's name: a schema and a dot, or nothing. */
  abstract String prefix();

  final String sql(String sql) {
    return dialect().sql(sql, prefix());
  }

  /** What messages call it, as the beginning of a sentence. */
  abstract String name();

  /** What to do where something else is at this place. */
  abstract String otherPlace();

  /** A connection to read by, which sees one moment at least within one query. */
  abstract Lease read() throws SQLException, StoreException;

  /** From its first query on, a connection to read by sees one moment until it is given back. */
  abstract void holdMoment(Connection reader) throws SQLException;

  /** A connection on which nobody else of this process writes until it is given back. */
  abstract Lease write() throws SQLException, StoreException;

  /**
   * Makes ready for changes, within the transaction that is to write them.
   *
   * @return whether something was done, for which the transaction ended and another began
   */
  boolean prepareFor(List<StoreChange> changes) throws SQLException {
    return false;
  }

  /** Called within a transaction that writes, before it is committed. */
  void announce(Connection out) throws SQLException {}

  /** Called after a commit that erased what nobody may find any more. */
  void erased() {}

  /** What an error means and what is to be done. */
  abstract StoreException problem(String doing, SQLException e);

  abstract Optional<Path> folder();

  abstract boolean shared();

  void onChange(Runnable changed) {}

  @Override
  public abstract void close();
}
