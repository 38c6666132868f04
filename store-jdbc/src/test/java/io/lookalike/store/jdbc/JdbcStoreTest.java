package io.lookalike.store.jdbc;

import static io.lookalike.store.jdbc.StoreContents.all;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoreProvider;
import io.lookalike.store.StoredProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is special about the SQLite store: bounds, sizes, versions. */
class JdbcStoreTest {

  private static final LocalDate DAY = LocalDate.of(2024, 3, 1);

  @TempDir Path folder;

  @Test
  void isFoundByTheServiceLoader() throws StoreException {
    StoreProvider provider = ServiceLoader.load(StoreProvider.class).findFirst().orElseThrow();
    Path place = folder.resolve("shop");
    assertThat(provider.exists(place)).isFalse();
    try (CatalogueStore store = provider.open(place)) {
      assertThat(store.shared()).isFalse();
      assertThat(store.folder()).contains(place.resolve("index"));
    }
    assertThat(provider.exists(place)).isTrue();
    assertThat(provider.exists(folder)).isFalse();
  }

  @Test
  void oldChangesAreForgottenAndSaidToBe() throws StoreException {
    try (CatalogueStore store = JdbcStore.builder(folder).kept(100, 200).open()) {
      for (int i = 1; i <= 300; i++) {
        String id = "p" + i;
        store.write(
            last ->
                List.of(
                    new StoreChange.Put(id, Attributes.none(), null),
                    new StoreChange.Sold("best", DAY, 1, id),
                    new StoreChange.Forgotten("", id)));
        store.write(last -> List.of(new StoreChange.Remove(id)));
        long forgotten = store.forgottenUpTo();
        assertThat(forgotten).isBetween(Math.max(0, 2 * i - 230L), Math.max(0, 2 * i - 190L));
        assertThat(all(store.sales(Math.max(1, forgotten))))
            .as("sales after %d, all of them", forgotten)
            .hasSize((int) (i - (Math.max(1, forgotten) + 1) / 2));
      }
      assertThat(all(store.sales(0))).containsExactly(new StoreChange.Sold("best", DAY, 300, null));
      assertThat(all(store.purchaseIds())).hasSizeBetween(200, 220).endsWith("p299", "p300");
      assertThat(all(store.events(1))).hasSizeBetween(100, 110);
      assertThat(all(store.products(1, store.forgottenUpTo()))).hasSizeBetween(90, 110);
      assertThat(store.count(0)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"64", "512", "768", "1280", "2048", "4096"})
  void pagesFitTheFeatures(int dimension) throws Exception {
    int products = Math.min(6_000, 3_000_000 / dimension);
    var random = new Random(dimension);
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      store.write(last -> List.of(new StoreChange.Setting("network.1.dimension", "" + dimension)));
      for (int from = 0; from < products; from += 500) {
        var changes = new ArrayList<StoreChange>();
        for (int i = from; i < Math.min(products, from + 500); i++) {
          float[] features = new float[dimension];
          features[0] = 1 + random.nextFloat();
          Looks looks = new Looks(1, features, String.format("%064x", random.nextLong()));
          changes.add(new StoreChange.Put("p" + i, Attributes.none(), looks));
        }
        store.write(last -> changes);
      }
      assertThat(store.manifest()).hasSize(1);
      assertThat(store.count(1)).isEqualTo(products);
    }
    double bytes = Files.size(folder.resolve(SqliteDatabase.FILE));
    double floats = 4.0 * dimension * products;
    // What is not floats: ids, numbers, hashes and their indexes, about 350 bytes a product.
    assertThat((bytes - 350.0 * products - 300_000) / floats)
        .as("%,.0f bytes for %,.0f of floats", bytes, floats)
        .isLessThan(1.15);
    if (dimension == 1_280) {
      assertThat(bytes / floats).isLessThan(1.15);
    }
  }

  @Test
  void pagesStayWhereSomebodyReads() throws Exception {
    try (CatalogueStore store = JdbcStore.builder(folder).patience(Duration.ofMillis(50)).open()) {
      store.write(last -> List.of(new StoreChange.Put("a", Attributes.none(), null)));
      try (StoreCursor<StoredProduct> reading = store.products(1, 0)) {
        store.write(
            last ->
                List.of(
                    new StoreChange.Put(
                        "b", Attributes.none(), new Looks(1, new float[512], null))));
        assertThat(reading.next().id()).isEqualTo("a");
      }
      assertThat(all(store.products(1, 0))).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 1, -1, 0.1f, 65_504, 65_503.9f, 0x1p-14f, 0x1p-24f, 0x1p-25f, 1e-9f})
  void halfPrecisionRoundsToTheNearest(float value) {
    float read = Vectors.fromHalf(Vectors.toHalf(value));
    assertThat(Math.abs(read - value))
        .isLessThanOrEqualTo(Math.max(Math.abs(value) * 0x1p-11f, 0x1p-25f));
    assertThat(Vectors.fromHalf(Vectors.toHalf(read))).isEqualTo(read);
  }

  @Test
  void everyHalfIsItself() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      short half = (short) bits;
      if ((half >>> 10 & 0x1f) != 0x1f) {
        assertThat(Vectors.toHalf(Vectors.fromHalf(half))).isEqualTo(half);
      }
    }
  }

  @Test
  void aBatchMayNotWrite() throws StoreException {
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      assertThatThrownBy(
              () ->
                  store.write(
                      last -> {
                        store.write(before -> List.of());
                        return List.of();
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("may only read");
      assertThat(store.write(last -> List.of(new StoreChange.Setting("a", "b")))).isEqualTo(1);
    }
  }

  @Test
  void aClosedStoreSaysSo() throws StoreException {
    CatalogueStore store = JdbcStore.sqlite(folder);
    store.close();
    assertThatThrownBy(store::lastChange).hasMessageContaining("closed");
    assertThatThrownBy(() -> store.write(last -> List.of())).hasMessageContaining("closed");
    assertThatThrownBy(() -> store.products(1, 0)).hasMessageContaining("closed");
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> JdbcStore.builder(folder).schema("x"))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> JdbcStore.builder(folder).patience(Duration.ZERO))
        .hasMessageContaining("PT0S");
    assertThatThrownBy(
            () -> JdbcStore.builder(new org.sqlite.SQLiteDataSource()).schema("drop table;"))
        .hasMessageContaining("\"drop table;\"");
    assertThatThrownBy(() -> JdbcStore.of(new org.sqlite.SQLiteDataSource()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("expected PostgreSQL");
  }

  @Test
  void aPersonsChangeOfAttributesIsRead() throws Exception {
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      store.write(
          last -> List.of(new StoreChange.Put("a", Attributes.none().with("stock", 1), null)));
    }
    try (Connection connection = SqliteStoreTest.plain(folder);
        var statement = connection.createStatement()) {
      statement.execute("UPDATE product SET attributes = json_set(attributes, '$.stock', 7)");
    }
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      assertThat(all(store.products(1, 0)).get(0).attributes())
          .isEqualTo(Attributes.none().with("stock", 7));
    }
    for (String broken : List.of("[]", "{\"a\": null}", "{\"a\": {\"b\": 1}}", "{\"a\": ", "7 8")) {
      try (Connection connection = SqliteStoreTest.plain(folder);
          var update = connection.prepareStatement("UPDATE product SET attributes = ?")) {
        update.setString(1, broken);
        update.execute();
      }
      try (CatalogueStore store = JdbcStore.sqlite(folder)) {
        assertThatThrownBy(() -> all(store.products(1, 0)))
            .as(broken)
            .cause()
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("attributes of product \"a\" is damaged");
      }
    }
  }
}
