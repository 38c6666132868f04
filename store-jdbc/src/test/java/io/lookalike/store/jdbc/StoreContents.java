package io.lookalike.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A small shop that has some of everything, to be written by one version and read by all later. */
final class StoreContents {

  private static final Instant NOON = Instant.parse("2024-03-01T12:00:00.123456789Z");
  private static final LocalDate DAY = LocalDate.of(2024, 3, 1);
  private static final String LONG = "long ".repeat(100) + "id";

  private static final Attributes DRESS =
      Attributes.none()
          .with("name", "Dress \"A\\B\" \uD83D\uDC57 a\u0000b")
          .with("color", "red")
          .with("category", "dresses")
          .with("price", 59.99)
          .with("stock", 3)
          .with("code", 9_007_199_254_740_993L)
          .with("sale", true)
          .with("since", NOON)
          .with("sizes", Set.of("S", "M", "L"));

  private StoreContents() {}

  /** Makes the fixtures of today's version in the folder that is named. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      write(store);
    }
    try (PostgresServer server = PostgresServer.start()) {
      try (CatalogueStore store = JdbcStore.of(server.source())) {
        write(store);
      }
      server.dump("lookalike", folder.resolve("lookalike.sql"));
    }
  }

  static void write(CatalogueStore store) throws StoreException {
    store.write(
        last ->
            List.of(
                new StoreChange.Setting("network", "1"),
                new StoreChange.Setting("network.1.dimension", "3"),
                new StoreChange.Put("dress", DRESS, looks(1, 1)),
                new StoreChange.Put(
                    "shirt", Attributes.none().with("color", "blue").with("stock", 0), looks(1, 2)),
                new StoreChange.Put(
                    "hat", Attributes.none().with("color", "red").with("stock", 9), null),
                new StoreChange.Put("gone", Attributes.none(), looks(1, 4)),
                new StoreChange.Put(LONG, Attributes.none(), looks(1, 5)),
                new StoreChange.Sold("dress", DAY, 2, "order-1"),
                new StoreChange.Sold("dress", DAY.plusDays(1), 5, "order-2"),
                new StoreChange.Sold("shirt", DAY, 1, null),
                new StoreChange.Sold("hat", DAY, 7, LONG)));
    store.write(
        last ->
            List.of(
                new StoreChange.Remove("gone"),
                new StoreChange.Embedded("dress", looks(2, 9)),
                new StoreChange.Unsold("hat"),
                new StoreChange.Sold("dress", DAY.plusDays(2), -1, "back-1"),
                new StoreChange.Did("", "anna", "VIEWED", "dress", NOON, null),
                new StoreChange.Did("shop", "ben", "BOUGHT", "shirt", NOON, "e1"),
                new StoreChange.Did("", "carl", "VIEWED", "hat", NOON, null),
                new StoreChange.Forgotten("", "carl"),
                new StoreChange.Transformed(
                    new StoredTransform(1, 1, "pca", "to 2 dimensions", new byte[] {1, 2, 3}))));
  }

  private static Looks looks(int network, int value) {
    return new Looks(network, new float[] {value, 0.1f, -3}, String.format("%064x", value));
  }

  static void check(CatalogueStore store) throws StoreException {
    check(store, Schema.VERSION);
  }

  /** Checks that all is there that a version has written. */
  static void check(CatalogueStore store, int version) throws StoreException {
    assertThat(store.lastChange()).isEqualTo(2);
    // Version 1 told who was erased.
    assertThat(store.forgottenUpTo()).isEqualTo(version == 1 ? 2 : 0);
    assertThat(store.manifest()).isEqualTo(Map.of("network", "1", "network.1.dimension", "3"));
    List<StoredProduct> products = all(store.products(1, 0));
    assertThat(products)
        .extracting(StoredProduct::id)
        .containsExactly("dress", "shirt", "hat", LONG);
    assertThat(products.get(0).attributes()).isEqualTo(DRESS);
    assertThat(products.get(0).features()).containsExactly(1, 0.1f, -3);
    assertThat(products.get(2).hasLooks()).isFalse();
    assertThat(all(store.products(1, 1))).extracting(StoredProduct::id).containsExactly("gone");
    assertThat(store.features(2, List.of("dress")).get("dress")).containsExactly(9, 0.1f, -3);
    assertThat(store.pictures(1, List.of(String.format("%064x", 2)))).hasSize(1);
    assertThat(all(store.sales(0)))
        .containsExactlyInAnyOrder(
            new StoreChange.Sold("dress", DAY.plusDays(1), 5, null),
            new StoreChange.Sold("dress", DAY, 2, null),
            new StoreChange.Sold("dress", DAY.plusDays(2), -1, null),
            new StoreChange.Sold("shirt", DAY, 1, null));
    assertThat(all(store.sales(1))).hasSize(2);
    assertThat(all(store.purchaseIds())).containsExactly("order-1", "order-2", LONG, "back-1");
    assertThat(all(store.events(0)))
        .containsExactly(
            new StoreChange.Did("", "anna", "VIEWED", "dress", NOON, null),
            new StoreChange.Did("shop", "ben", "BOUGHT", "shirt", NOON, "e1"));
    assertThat(all(store.events(1)))
        .filteredOn(StoreChange.Erased.class::isInstance)
        .isEqualTo(
            version == 1 ? List.of() : List.of(StoreChange.Erased.of(store.id(), "", "carl")));
    assertThat(store.transform(1).orElseThrow().body()).containsExactly(1, 2, 3);
  }

  static <T> List<T> all(StoreCursor<T> cursor) {
    try (cursor) {
      var rows = new ArrayList<T>();
      cursor.forEachRemaining(rows::add);
      return rows;
    }
  }
}
