package io.lookalike.store.jdbc;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All in which the SQL of the two databases differs. */
enum Dialect {
  SQLITE(
      "INTEGER", // a key of just this type is the row's own number
      "TEXT",
      "BLOB",
      " WITHOUT ROWID",
      "?",
      "", // a transaction that writes is alone from its beginning
      "SELECT count(*) FROM sqlite_master",
      "SELECT count(*) FROM pragma_table_info('store') WHERE name = 'schema_version'"),
  POSTGRES(
      "BIGINT",
      "JSON", // and not JSONB, which knows no character 0 and not every number
      "BYTEA",
      "",
      "CAST(? AS JSON)",
      " FOR UPDATE",
      "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE n.nspname || '.' = '${in}'",
      "SELECT count(*) FROM information_schema.columns WHERE table_schema || '.' = '${in}'"
          + " AND table_name = 'store' AND column_name = 'schema_version'");

  private static final Pattern BLANK = Pattern.compile("\\$\\{([a-z]+)}");

  private final String number;
  private final String json;
  private final String bytes;
  private final String clustered;
  private final String jsonParameter;
  private final String forUpdate;

  /** Counts what there is where our tables are, or would be. */
  final String countTables;

  /** Counts 1 if our tables are there. */
  final String countOurs;

  Dialect(
      String number,
      String json,
      String bytes,
      String clustered,
      String jsonParameter,
      String forUpdate,
      String countTables,
      String countOurs) {
    this.number = number;
    this.json = json;
    this.bytes = bytes;
    this.clustered = clustered;
    this.jsonParameter = jsonParameter;
    this.forUpdate = forUpdate;
    this.countTables = countTables;
    this.countOurs = countOurs;
  }

  /**
   * Fills in what is blank.
   *
   * @param sql with {@code ${in}} before each table's name
   * @param prefix the schema and a dot, or nothing
   * @return this database's SQL
   */
  String sql(String sql, String prefix) {
    return BLANK
        .matcher(sql)
        .replaceAll(
            blank ->
                Matcher.quoteReplacement(
                    switch (blank.group(1)) {
                      case "in" -> prefix;
                      case "number" -> number;
                      case "json" -> json;
                      case "bytes" -> bytes;
                      case "clustered" -> clustered;
                      case "asjson" -> jsonParameter;
                      case "forupdate" -> forUpdate;
                      case "unused" -> sql(Texts.UNUSED, prefix);
                      default -> throw new IllegalArgumentException(blank.group());
                    }));
  }
}
