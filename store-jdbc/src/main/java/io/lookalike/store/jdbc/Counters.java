package io.lookalike.store.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The one row of {@code store}: who writes has it for himself, so numbers are given without gaps of
 * other transactions.
 */
final class Counters {

  /** How many removals, erasures and purchases are told one by one at least. */
  final int changesKept;

  /** How many ids of purchases are known at least. */
  final int purchasesKept;

  long lastChange;
  long forgotten;
  long lastProduct;
  long lastSold;
  long lastPurchase;
  long lastEvent;

  private Counters(int changesKept, int purchasesKept) {
    this.changesKept = changesKept;
    this.purchasesKept = purchasesKept;
  }

  /** Waits until nobody else writes, and keeps others from it until the transaction ends. */
  static Counters lock(Connection in, Database database, int changesKept, int purchasesKept)
      throws SQLException {
    var counters = new Counters(changesKept, purchasesKept);
    try (PreparedStatement query =
            in.prepareStatement(
                database.sql(
                    "SELECT last_change, forgotten, last_product, last_sold, last_purchase,"
                        + " last_event FROM ${in}store${forupdate}"));
        ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("the table store is empty");
      }
      counters.lastChange = row.getLong(1);
      counters.forgotten = row.getLong(2);
      counters.lastProduct = row.getLong(3);
      counters.lastSold = row.getLong(4);
      counters.lastPurchase = row.getLong(5);
      counters.lastEvent = row.getLong(6);
    }
    return counters;
  }

  void write(Connection out, Database database) throws SQLException {
    try (PreparedStatement update =
        out.prepareStatement(
            database.sql(
                "UPDATE ${in}store SET last_change = ?, forgotten = ?, last_product = ?,"
                    + " last_sold = ?, last_purchase = ?, last_event = ?"))) {
      update.setLong(1, lastChange);
      update.setLong(2, forgotten);
      update.setLong(3, lastProduct);
      update.setLong(4, lastSold);
      update.setLong(5, lastPurchase);
      update.setLong(6, lastEvent);
      update.executeUpdate();
    }
  }
}
