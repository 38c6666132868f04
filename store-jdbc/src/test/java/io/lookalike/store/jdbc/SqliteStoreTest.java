package io.lookalike.store.jdbc;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.CatalogueStoreConformance;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** An SQLite store is a store. */
class SqliteStoreTest extends CatalogueStoreConformance {

  @Override
  protected CatalogueStore open(Path folder) throws StoreException {
    return JdbcStore.sqlite(folder);
  }

  @Override
  protected boolean damage(Path folder, String product) throws SQLException {
    try (Connection connection = plain(folder)) {
      damage(connection, "", product);
    }
    return true;
  }

  static Connection plain(Path folder) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(SqliteDatabase.FILE));
  }

  static void damage(Connection connection, String prefix, String product) throws SQLException {
    byte[] vector;
    String which =
        " FROM " + prefix + "product p WHERE p.num = product AND p.id = '" + product + "'";
    try (var statement = connection.createStatement()) {
      try (var rows =
          statement.executeQuery(
              "SELECT vector FROM " + prefix + "features WHERE EXISTS (SELECT 1" + which + ")")) {
        rows.next();
        vector = rows.getBytes(1);
      }
    }
    vector[vector.length / 2] ^= 4;
    try (var update =
        connection.prepareStatement(
            "UPDATE " + prefix + "features SET vector = ? WHERE EXISTS (SELECT 1" + which + ")")) {
      update.setBytes(1, vector);
      update.executeUpdate();
    }
  }
}
