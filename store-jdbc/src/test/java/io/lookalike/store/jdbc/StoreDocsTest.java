package io.lookalike.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/store.md} says is so. */
class StoreDocsTest {

  private static final Pattern SQL = Pattern.compile("```sql\\R(.*?)\\R```", Pattern.DOTALL);

  private static final Pattern TABLE =
      Pattern.compile("\\b(FROM|JOIN) (product|features|sold_day|sold|event|manifest)\\b");

  @TempDir Path folder;

  private static String page() throws Exception {
    return Files.readString(Path.of("..", "docs", "store.md"));
  }

  private static List<String> queries() throws Exception {
    return SQL.matcher(page()).results().map(found -> found.group(1)).toList();
  }

  /** The first column of each row. */
  private static List<String> first(Connection connection, String sql) throws Exception {
    var first = new ArrayList<String>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        first.add(rows.getString(1));
      }
    }
    return first;
  }

  @Test
  void theQueriesRunOnSqlite() throws Exception {
    try (var store = JdbcStore.sqlite(folder)) {
      StoreContents.write(store);
    }
    try (Connection connection = SqliteStoreTest.plain(folder)) {
      check(connection, "");
      try (var statement = connection.createStatement()) {
        statement.execute("VACUUM INTO '" + folder.resolve("backup.db") + "'");
      }
    }
    Path restored = Files.createDirectory(folder.resolve("restored"));
    Files.move(folder.resolve("backup.db"), restored.resolve(SqliteDatabase.FILE));
    try (var store = JdbcStore.sqlite(restored)) {
      StoreContents.check(store);
    }
  }

  @Test
  void theQueriesRunOnPostgres() throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      try (var store = JdbcStore.of(server.source())) {
        StoreContents.write(store);
        StoreContents.check(store);
      }
      try (Connection connection = server.source().getConnection()) {
        check(connection, "lookalike.");
      }
    }
  }

  private static void check(Connection connection, String prefix) throws Exception {
    var answers = new ArrayList<List<String>>();
    for (String query : queries()) {
      answers.add(first(connection, TABLE.matcher(query).replaceAll("$1 " + prefix + "$2")));
    }
    assertThat(answers).hasSize(10);
    assertThat(answers.get(0)).as("red and in stock").containsExactly("dress", "hat");
    assertThat(answers.get(1)).as("categories").contains("dresses");
    assertThat(answers.get(2)).as("best sellers").containsExactly("dress", "shirt");
    assertThat(answers.get(3)).as("days").containsExactly("2024-03-01", "2024-03-02", "2024-03-03");
    assertThat(answers.get(4)).as("never sold").hasSize(2).contains("hat");
    assertThat(answers.get(5)).as("without features").containsExactly("hat");
    assertThat(answers.get(6)).as("shared pictures").isEmpty();
    assertThat(answers.get(7)).as("changed").containsExactly("gone");
    assertThat(answers.get(8)).as("latest purchases").startsWith("dress", "hat", "hat");
    assertThat(answers.get(9)).as("what anna did").containsExactly("VIEWED");
  }

  @Test
  void theLossOfHalfPrecisionIsAsSaid() throws Exception {
    var random = new Random(1);
    double[][] whole = new double[200][];
    double[][] half = new double[200][];
    for (int i = 0; i < whole.length; i++) {
      float[] features = new float[1_280];
      for (int j = 0; j < features.length; j++) {
        features[j] = Math.max(0, (float) random.nextGaussian()); // as after a rectifier
      }
      Vectors.Encoded encoded = Vectors.encode(features, true);
      assertThat(encoded.bytes()).hasSize(2 * features.length);
      whole[i] = unit(features);
      half[i] = unit(Vectors.decode(encoded.encoding(), encoded.bytes(), encoded.checksum()));
    }
    double loss = 0;
    for (int i = 0; i < whole.length; i++) {
      for (int j = 0; j < i; j++) {
        loss = Math.max(loss, Math.abs(dot(whole[i], whole[j]) - dot(half[i], half[j])));
      }
    }
    var said = Pattern.compile("at most ([0-9.]+) \\(").matcher(page());
    assertThat(said.find()).isTrue();
    assertThat(loss).isLessThan(Double.parseDouble(said.group(1)));
  }

  private static double[] unit(float[] features) {
    double[] unit = new double[features.length];
    double length = 0;
    for (float value : features) {
      length += (double) value * value;
    }
    for (int i = 0; i < unit.length; i++) {
      unit[i] = features[i] / Math.sqrt(length);
    }
    return unit;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
