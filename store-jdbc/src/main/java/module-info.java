/** A durable catalogue in SQLite or PostgreSQL. */
module io.lookalike.store.jdbc {
  requires transitive io.lookalike.core;
  requires transitive java.sql;
  requires static transitive org.jspecify;
  requires org.slf4j;
  requires com.fasterxml.jackson.core;
  requires org.xerial.sqlitejdbc;
  // Where a shop gives a data source of PostgreSQL, it has the driver.
  requires static org.postgresql.jdbc;

  exports io.lookalike.store.jdbc;

  provides io.lookalike.store.StoreProvider with
      io.lookalike.store.jdbc.SqliteStoreProvider;
}
