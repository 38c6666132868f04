package io.lookalike.benchmarks;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.jdbc.JdbcStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * An SQLite store: how many products, purchases and attribute changes a second become durable, each
 * in groups, how long it takes to read all, and how large the file is. Beside it, in turn with it,
 * plain JDBC inserts of the same bytes in the same groups. Everything happens in one thread.
 *
 * <pre>
 * StoreBenchmark FOLDER [PRODUCTS] [DIMENSION]
 * </pre>
 */
public final class StoreBenchmark {

  private static final int PRODUCTS_AT_ONCE = 256;
  private static final int PURCHASES_AT_ONCE = 500;
  private static final int CHANGES_AT_ONCE = 200;
  private static final LocalDate DAY = LocalDate.of(2024, 1, 1);

  private StoreBenchmark() {}

  /**
   * Measures and prints.
   *
   * @param args see above
   * @throws IOException if the store cannot be written or read
   * @throws SQLException if the plain file cannot
   */
  public static void main(String[] args) throws IOException, SQLException {
    Path folder = Path.of(args[0]);
    int products = args.length < 2 ? 100_000 : Integer.parseInt(args[1]);
    int dimension = args.length < 3 ? 1_280 : Integer.parseInt(args[2]);
    Files.createDirectories(folder);
    var random = new Random(1);
    float[][] features = new float[1_000][dimension];
    for (float[] row : features) {
      for (int i = 0; i < dimension; i++) {
        row[i] = random.nextFloat();
      }
    }
    double plain = plain(folder.resolve("plain.db"), features, products);
    Path place = folder.resolve("store");
    double put;
    try (CatalogueStore store = JdbcStore.sqlite(place)) {
      put =
          rate(
              store,
              products,
              PRODUCTS_AT_ONCE,
              i ->
                  new StoreChange.Put(
                      id(i),
                      attributes(i, random),
                      new Looks(1, features[i % features.length], hash(random))));
    }
    double bytes = size(place) / ((double) products * dimension * Float.BYTES);
    double plainAgain = plain(folder.resolve("again.db"), features, products);
    try (CatalogueStore store = JdbcStore.sqlite(place)) {
      double purchases =
          rate(
              store,
              1_000_000,
              PURCHASES_AT_ONCE,
              i ->
                  new StoreChange.Sold(
                      id(popular(random, products)), DAY.plusDays(i / 2_000), 1, "order-" + i));
      double changes =
          rate(
              store,
              200_000,
              CHANGES_AT_ONCE,
              i -> {
                int product = random.nextInt(products);
                return new StoreChange.Put(id(product), attributes(product, random), null);
              });
      long start = System.nanoTime();
      long read = 0;
      try (StoreCursor<StoredProduct> all = store.products(1, 0)) {
        while (all.hasNext()) {
          read += all.next().features() == null ? 0 : 1;
        }
      }
      double readSeconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "{\"jdk\":\"%s\",\"cores\":%d,\"products\":%d,\"dimension\":%d,\"putPerSecond\":%.0f,"
              + "\"plainPerSecond\":%.0f,\"plainAgainPerSecond\":%.0f,\"purchasesPerSecond\":%.0f,"
              + "\"attributesPerSecond\":%.0f,\"read\":%d,\"readSeconds\":%.2f,\"bytesPerFloatByte\":%.3f}%n",
          System.getProperty("java.version"),
          Runtime.getRuntime().availableProcessors(),
          products,
          dimension,
          put,
          plain,
          plainAgain,
          purchases,
          changes,
          read,
          readSeconds,
          bytes);
    }
  }

  private static String id(int product) {
    return String.format("%010d", 100_000_000 + product);
  }

  private static int popular(Random random, int products) {
    return (int) (products * Math.pow(random.nextDouble(), 3));
  }

  private static Attributes attributes(int product, Random random) {
    return Attributes.none()
        .with("name", "Dress number " + product)
        .with("category", "category " + product % 50)
        .with("price", random.nextInt(20_000) / 100.0)
        .with("stock", random.nextInt(100));
  }

  private static String hash(Random random) {
    return String.format("%016x", random.nextLong()).repeat(4);
  }

  /** Changes a second that are durable. */
  private static double rate(
      CatalogueStore store, int count, int atOnce, IntFunction<StoreChange> change)
      throws StoreException {
    long nanos = 0;
    for (int from = 0; from < count; from += atOnce) {
      var batch = new ArrayList<StoreChange>(atOnce);
      for (int i = from; i < Math.min(count, from + atOnce); i++) {
        batch.add(change.apply(i));
      }
      long start = System.nanoTime();
      store.write(last -> batch);
      nanos += System.nanoTime() - start;
    }
    return count / (nanos / 1e9);
  }

  /** The same bytes by plain JDBC into one table, as durable. */
  private static double plain(Path file, float[][] features, int count) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      for (String setting :
          List.of(
              "PRAGMA journal_mode = WAL",
              "PRAGMA synchronous = FULL",
              "CREATE TABLE product (id TEXT PRIMARY KEY, attributes TEXT, vector BLOB)")) {
        try (var statement = connection.createStatement()) {
          statement.execute(setting);
        }
      }
      connection.setAutoCommit(false);
      long nanos = 0;
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO product VALUES (?, ?, ?)")) {
        for (int i = 0; i < count; i++) {
          ByteBuffer bytes = ByteBuffer.allocate(features[0].length * Float.BYTES);
          bytes.asFloatBuffer().put(features[i % features.length]);
          long start = System.nanoTime();
          insert.setString(1, id(i));
          insert.setString(2, "{\"category\":\"category " + i % 50 + "\",\"price\":1.25}");
          insert.setBytes(3, bytes.array());
          insert.addBatch();
          if ((i + 1) % PRODUCTS_AT_ONCE == 0 || i + 1 == count) {
            insert.executeBatch();
            connection.commit();
          }
          nanos += System.nanoTime() - start;
        }
      }
      return count / (nanos / 1e9);
    }
  }

  private static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
