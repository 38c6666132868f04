package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreChange.Counted;
import io.lookalike.store.StoreChange.Did;
import io.lookalike.store.StoreChange.Embedded;
import io.lookalike.store.StoreChange.Expired;
import io.lookalike.store.StoreChange.Forgotten;
import io.lookalike.store.StoreChange.NetworkDropped;
import io.lookalike.store.StoreChange.Put;
import io.lookalike.store.StoreChange.Remove;
import io.lookalike.store.StoreChange.Setting;
import io.lookalike.store.StoreChange.Sold;
import io.lookalike.store.StoreChange.Transformed;
import io.lookalike.store.StoreChange.Unsold;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Random changes of few products and customers, so that they meet, and what a store tells. */
final class StoreHistory {

  static final LocalDate DAY = LocalDate.of(2024, 2, 29);
  static final Instant NOON = Instant.parse("2024-02-29T12:00:00.123456789Z");

  /** How many products and pictures there are at most. */
  static final int PRODUCTS = 8;

  static final int PICTURES = 21;

  /** How many customers there are. */
  static final int CUSTOMERS = 3;

  private StoreHistory() {}

  /** The changes of one write, the same ones for the same seed and number. */
  static List<StoreChange> changes(long seed, long number) {
    var random = new Random(seed * 1_000_003 + number);
    return changes(random, 1 + random.nextInt(30));
  }

  static List<StoreChange> changes(Random random, int size) {
    var changes = new ArrayList<StoreChange>();
    for (int i = 0; i < size; i++) {
      changes.add(change(random, i));
    }
    return changes;
  }

  private static StoreChange change(Random random, int i) {
    String id = "p" + random.nextInt(PRODUCTS);
    String customer = "c" + random.nextInt(CUSTOMERS);
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> new Put(id, attributes(random), looks(random));
      case 4, 5 -> new Put(id, attributes(random), null);
      case 6, 7 -> new Embedded(id, looks(random));
      case 8, 9 -> new Remove(id);
      case 10, 11, 12 -> {
        String purchase = random.nextBoolean() ? null : "s" + random.nextLong();
        int pieces = random.nextInt(3) == 0 ? -1 : 2;
        yield new Sold(id, DAY.plusDays(random.nextInt(4)), pieces, purchase);
      }
      case 13 -> random.nextInt(3) == 0 ? new Counted("k" + random.nextLong()) : new Unsold(id);
      case 14, 15 -> {
        Instant time = NOON.plusNanos(random.nextInt(5) * 500_000_000L);
        String event = random.nextBoolean() ? null : "e" + random.nextInt(6);
        String kind = random.nextInt(3) == 0 ? "BOUGHT" : "VIEWED";
        yield new Did("", customer, kind, id, time, event);
      }
      case 16 ->
          random.nextInt(3) > 0
              ? new Forgotten("", customer)
              : new Expired(NOON.plusNanos(random.nextInt(5) * 400_000_000L), random.nextBoolean());
      case 17, 18 -> new Setting("n" + random.nextInt(4), random.nextInt(3) == 0 ? null : "v" + i);
      default -> {
        int network = 1 + random.nextInt(2);
        yield random.nextInt(3) == 0
            ? new NetworkDropped(network)
            : new Transformed(
                new StoredTransform(network, i + 1, "r", "d" + i, new byte[] {(byte) i}));
      }
    };
  }

  private static Attributes attributes(Random random) {
    Attributes attributes = Attributes.none();
    if (random.nextBoolean()) {
      attributes =
          attributes.with(
              "color", List.of("red", "blue", "it's \"\u0000\" \\").get(random.nextInt(3)));
    }
    return attributes.with("stock", random.nextInt(100));
  }

  /** The same features for the same picture. */
  static float[] features(int picture, int network) {
    float[] features = new float[1 + picture * 40]; // up to some 3 KB
    Arrays.fill(features, picture);
    features[0] = network;
    return features;
  }

  private static Looks looks(Random random) {
    int picture = 1 + random.nextInt(PICTURES - 1);
    int network = 1 + random.nextInt(2);
    return new Looks(
        network, features(picture, network), random.nextInt(4) == 0 ? null : picture(picture));
  }

  static String picture(int number) {
    return String.format("%064x", number);
  }

  static <T> List<T> all(StoreCursor<T> cursor) {
    try (cursor) {
      var rows = new ArrayList<T>();
      cursor.forEachRemaining(rows::add);
      return rows;
    }
  }

  /** Pieces by product and day. */
  static Map<String, Long> sums(List<StoreChange> sales) {
    var sums = new TreeMap<String, Long>();
    for (StoreChange change : sales) {
      if (change instanceof Sold sold) {
        sums.merge(sold.productId() + " " + sold.day(), sold.pieces(), Math::addExact);
      } else {
        String product = ((Unsold) change).productId();
        sums.keySet().removeIf(key -> key.substring(0, key.lastIndexOf(' ')).equals(product));
      }
    }
    sums.values().removeIf(pieces -> pieces == 0);
    return sums;
  }

  /** All that a store holds, to be compared. */
  static Map<String, Object> contents(CatalogueStore store) throws StoreException {
    var contents = new TreeMap<String, Object>();
    contents.put("last change", store.lastChange());
    contents.put("manifest", new TreeMap<>(store.manifest()));
    contents.put("sales", sums(all(store.sales(0))));
    contents.put("purchases", all(store.purchaseIds()));
    contents.put("events", all(store.events(0)));
    contents.put("products", store.count(0));
    for (int network = 1; network <= 2; network++) {
      contents.put("products with features by " + network, store.count(network));
      var transform = store.transform(network);
      if (transform.isPresent()) {
        contents.put("transform " + network, transform.get().version());
        contents.put("its body " + network, Arrays.toString(transform.get().body()));
      }
      for (StoredProduct product : all(store.products(network, 0))) {
        contents.put(
            product.id() + " by network " + network,
            product.attributes() + " " + Arrays.toString(product.features()));
      }
    }
    return contents;
  }

  static void assertSame(String when, CatalogueStore expected, CatalogueStore actual)
      throws StoreException {
    assertThat(contents(actual)).as(when).isEqualTo(contents(expected));
  }
}
