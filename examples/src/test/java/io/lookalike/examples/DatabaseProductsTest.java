package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.datasets.vectors.NpyWriter;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseProductsTest {

  private static final int PRODUCTS = 100_000;
  private static final long SEED = 5;

  @TempDir private Path folder;

  @Test
  void aHundredThousandProductsGoInAndAreFound() throws Exception {
    try (Recommender shop = shop()) {
      var report = DatabaseProducts.addAll(shop, database(PRODUCTS), embeddings());

      assertThat(report.added()).isEqualTo(PRODUCTS);
      assertThat(report.rejected()).isEmpty();
      assertThat(shop.product("p70000").orElseThrow().attributes().wholeNumber("stock"))
          .hasValue(0);
      // The rows 29999 and 29998.
      assertThat(shop.similarTo("p70000", 1))
          .as("seed %d", SEED)
          .extracting(Recommendation::id)
          .containsExactly("p70001");
    }
  }

  @Test
  void aDatabaseThatFailsHalfwayLeavesTheShopAsItWas() throws Exception {
    try (Recommender shop = shop()) {
      assertThatThrownBy(() -> DatabaseProducts.addAll(shop, database(1_000), embeddings()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the products cannot be read")
          .hasRootCauseMessage("the connection was lost");
      assertThat(shop.size()).isZero();
    }
  }

  private static Recommender shop() {
    return Recommender.builder().dimension(8).index(BruteForceIndex.factory()).build();
  }

  /** Two and two rows lie close together. */
  private Path embeddings() throws IOException {
    Path file = folder.resolve("embeddings.npy");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      var rows = new NpyWriter(channel, 8);
      var random = new Random(SEED);
      for (int i = 0; i < PRODUCTS; i += 2) {
        var row = new float[8];
        for (int j = 0; j < row.length; j++) {
          row[j] = (float) random.nextGaussian();
        }
        rows.write(row);
        row[0] += .001f;
        rows.write(row); // nearest to the one before
      }
      rows.finish();
    }
    return file;
  }

  /** A table whose rows are made as they are asked for, and whose connection breaks after some. */
  private static Connection database(int untilLost) {
    var row = new int[] {-1};
    ResultSet rows =
        stub(
            ResultSet.class,
            (method, column) -> {
              if (method.equals("next")) {
                if (++row[0] == untilLost && untilLost < PRODUCTS) {
                  throw new SQLException("the connection was lost");
                }
                return row[0] < PRODUCTS;
              }
              return switch (String.valueOf(column)) {
                case "id" -> "p" + row[0];
                case "stock" -> row[0] % 7 == 0 ? 0 : 5;
                case "embedding" -> PRODUCTS - 1 - row[0];
                default -> throw new SQLException("there is no column " + column);
              };
            });
    Statement query =
        stub(Statement.class, (method, argument) -> method.equals("executeQuery") ? rows : null);
    return stub(Connection.class, (method, argument) -> query);
  }

  /** What a call of a stub returns. */
  private interface Answer {
    Object to(String method, Object argument) throws SQLException;
  }

  private static <T> T stub(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                answer.to(method.getName(), arguments == null ? null : arguments[0])));
  }
}
