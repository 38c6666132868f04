package io.lookalike.store.jdbc;

import io.lookalike.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The tables and how older ones become today's. Each version is a script, {@code V1.sql} and so on;
 * those that a store lacks run in one transaction, which either comes to its end or never was.
 */
final class Schema {

  /** Today's version. */
  static final int VERSION = 3;

  private Schema() {}

  /**
   * Makes or mends the tables, within a transaction that the caller commits.
   *
   * @param in where nobody else writes
   * @return whether something was done
   * @throws StoreException if this is no store of ours, or a newer one; nothing has been changed
   */
  static boolean update(Connection in, Database database) throws SQLException, StoreException {
    return update(in, database, VERSION);
  }

  static boolean update(Connection in, Database database, int to)
      throws SQLException, StoreException {
    int from = version(in, database);
    if (from > to) {
      throw new StoreException(
          database.name()
              + " has schema version "
              + from
              + ", this program knows up to version "
              + to
              + "; use the program that wrote it, or a newer one");
    }
    for (int version = from + 1; version <= to; version++) {
      for (String statement : script(version)) {
        execute(in, database.sql(statement));
      }
      execute(
          in,
          database.sql(
              version == 1
                  ? "INSERT INTO ${in}store VALUES (1, '"
                      + UUID.randomUUID()
                      + "', 1, 0, 0, 0, 0, 0, 0)"
                  : "UPDATE ${in}store SET schema_version = " + version));
    }
    return from < to;
  }

  /**
   * The version of the tables that are there.
   *
   * @return 0 if there are none
   * @throws StoreException if there are others
   */
  static int version(Connection in, Database database) throws SQLException, StoreException {
    if (number(in, database.sql(database.dialect().countTables)) == 0) {
      return 0;
    }
    if (number(in, database.sql(database.dialect().countOurs)) != 1) {
      throw new StoreException(
          database.name()
              + " holds tables, but not those of a catalogue; "
              + database.otherPlace());
    }
    return (int) number(in, database.sql("SELECT schema_version FROM ${in}store"));
  }

  /** The one number that a query gives. */
  static long number(Connection in, String sql) throws SQLException {
    try (Statement statement = in.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new SQLException("no row came of " + sql);
      }
      return rows.getLong(1);
    }
  }

  static void execute(Connection in, String sql) throws SQLException {
    try (Statement statement = in.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> script(int version) {
    String name = "V" + version + ".sql";
    try (InputStream in = Schema.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the library lacks its file " + name);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Stream.of(text.replaceAll("(?m)^--.*$", "").split(";"))
          .map(String::strip)
          .filter(statement -> !statement.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a file of our own jar
    }
  }
}
