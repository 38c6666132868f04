package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class PurchaseLogTest {

  private static final Instant NOON = Instant.parse("2020-02-29T12:00:00Z");

  @Test
  void countsByDay() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", NOON, 2));
    log.record(Purchase.of("a", NOON.plusSeconds(3600)));
    log.record(Purchase.of("a", NOON.minusSeconds(86400 * 3)));
    log.record(Purchase.of("b", NOON));
    assertThat(log.count("a")).isEqualTo(4);
    assertThat(log.count("nothing")).isZero();
    assertThat(log.total()).isEqualTo(5);
    assertThat(log.products()).isEqualTo(2);
    assertThat(log.daily("a"))
        .isEqualTo(Map.of(LocalDate.of(2020, 2, 26), 1L, LocalDate.of(2020, 2, 29), 3L));
    // What a replay with its cut on the 29th may know.
    assertThat(log.count("a", LocalDate.of(2018, 1, 1), LocalDate.of(2020, 2, 29))).isEqualTo(1);
  }

  @Test
  void rejectsWhatIsNoPurchase() {
    assertThatThrownBy(() -> new Purchase("a", NOON, 0))
        .hasMessage("a purchase of a has quantity 0, expected 1 or more");
    assertThatThrownBy(() -> Purchase.of(" ", NOON)).hasMessageContaining("product id is blank");
    assertThatThrownBy(() -> new PurchaseLog().record(Purchase.of("a", Instant.MAX)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no calendar day");
  }

  @Test
  void agreesWithAPlainListOfPurchases() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      var plain = new ArrayList<Purchase>();
      for (int i = random.nextInt(100); i > 0; i--) {
        var purchase =
            new Purchase(
                "p" + random.nextInt(3),
                NOON.plusSeconds(random.nextInt(86400 * 20)),
                1 + random.nextInt(3));
        plain.add(purchase);
        log.record(purchase);
      }
      LocalDate from = LocalDate.of(2020, 2, 25).plusDays(random.nextInt(10));
      LocalDate until = from.plusDays(random.nextInt(12));
      long expected =
          plain.stream()
              .filter(p -> p.productId().equals("p1"))
              .filter(
                  p -> {
                    LocalDate day = LocalDate.ofInstant(p.time(), ZoneOffset.UTC);
                    return !day.isBefore(from) && day.isBefore(until);
                  })
              .mapToLong(Purchase::quantity)
              .sum();
      assertThat(log.count("p1", from, until)).as("seed %s", seed).isEqualTo(expected);
      assertThat(log.total())
          .as("seed %s", seed)
          .isEqualTo(plain.stream().mapToLong(Purchase::quantity).sum());
    }
  }

  @Test
  void aHistoryCountsAsItsPurchasesDo() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var oneByOne = new PurchaseLog();
      var byHistory = new PurchaseLog();
      for (int part = 0; part < 3; part++) {
        Map<LocalDate, Long> daily =
            switch (part) {
              case 0 -> new HashMap<>();
              case 1 -> new TreeMap<>();
              default -> new TreeMap<>(Comparator.reverseOrder());
            };
        for (int i = random.nextInt(10); i > 0; i--) {
          long pieces = 1L + random.nextInt(3);
          Instant time = NOON.plusSeconds(86400L * random.nextInt(12));
          oneByOne.record(new Purchase("a", time, pieces));
          daily.merge(LocalDate.ofInstant(time, ZoneOffset.UTC), pieces, Long::sum);
        }
        byHistory.record("a", daily);
      }
      assertThat(byHistory.daily("a")).as("seed %s", seed).isEqualTo(oneByOne.daily("a"));
      assertThat(byHistory.count("a")).as("seed %s", seed).isEqualTo(oneByOne.count("a"));
      assertThat(byHistory.total()).as("seed %s", seed).isEqualTo(oneByOne.total());
      assertThat(byHistory.products()).as("seed %s", seed).isEqualTo(oneByOne.products());
    }
  }

  @Test
  void aBadHistoryIsRefusedWhole() {
    var log = new PurchaseLog();
    LocalDate day = LocalDate.of(2020, 2, 29);
    assertThatThrownBy(() -> log.record("a", Map.of(day, 0L, day.minusDays(1), 2L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a has quantity 0 on 2020-02-29, expected 1 or more");
    assertThatThrownBy(() -> log.record(" ", Map.of(day, 1L)))
        .hasMessageContaining("product id is blank");
    assertThat(log.total()).isZero();
    assertThat(log.daily("a")).isEmpty();
    log.record("a", Map.of(day, 1L));
    assertThatThrownBy(() -> log.record("a", Map.of(day, 5L, day.plusDays(1), Long.MAX_VALUE - 5)))
        .isInstanceOf(ArithmeticException.class);
    assertThat(log.daily("a")).isEqualTo(Map.of(day, 1L));
  }

  @Test
  void aBatchIsCountedWholeOrNotAtAll() {
    var log = new PurchaseLog();
    log.recordAll(
        List.of(
            new Purchase("a", NOON, 2),
            Purchase.of("b", NOON),
            Purchase.of("a", NOON.plusSeconds(86400)),
            Purchase.of("a", NOON.plusSeconds(1))));
    Map<LocalDate, Long> sold = Map.of(LocalDate.of(2020, 2, 29), 3L, LocalDate.of(2020, 3, 1), 1L);
    assertThat(log.daily("a")).isEqualTo(sold);
    assertThat(log.total()).isEqualTo(5);

    Purchase good = Purchase.of("a", NOON);
    assertThatThrownBy(() -> log.recordAll(List.of(good, Purchase.of("b", Instant.MAX))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no calendar day");
    assertThatThrownBy(() -> log.recordAll(Arrays.asList(good, null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("a purchase");
    var all = new Purchase("b", NOON, Long.MAX_VALUE);
    assertThatThrownBy(() -> log.recordAll(List.of(good, all)))
        .isInstanceOf(ArithmeticException.class);
    var half = new Purchase("c", NOON, Long.MAX_VALUE / 2 + 1);
    assertThatThrownBy(() -> log.recordAll(List.of(good, half, half)))
        .isInstanceOf(ArithmeticException.class);
    assertThat(log.daily("a")).isEqualTo(sold);
    assertThat(log.total()).isEqualTo(5);
    assertThat(log.products()).isEqualTo(2);
  }

  @Test
  void losesNothingWhenManyRecordAtOnce() throws Exception {
    var log = new PurchaseLog();
    var pool = Executors.newFixedThreadPool(4);
    try {
      var tasks = new ArrayList<Callable<Void>>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        tasks.add(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                log.record(Purchase.of("p" + i % 5, NOON.plusSeconds(86400L * (i % 7) * thread)));
              }
              return null;
            });
      }
      for (var done : pool.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(log.total()).isEqualTo(40_000);
    for (String id : List.of("p0", "p1", "p2", "p3", "p4")) {
      assertThat(log.count(id)).isEqualTo(8_000);
      assertThat(log.daily(id).values().stream().mapToLong(Long::longValue).sum()).isEqualTo(8_000);
    }
  }

  @Test
  void bestSellersAreInOrderAtEachPurchase() {
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      var counts = new HashMap<String, Long>();
      for (int i = random.nextInt(150); i > 0; i--) {
        String id = "p" + random.nextInt(25);
        int pieces = 1 + random.nextInt(3);
        log.record(new Purchase(id, NOON.minusSeconds(random.nextInt(1_000_000)), pieces));
        counts.merge(id, (long) pieces, Long::sum);
        assertThat(log.bestSellers()).as("seed %s", seed).containsExactlyElementsOf(sorted(counts));
        assertThat(log.soldIds()).as("seed %s", seed).isEqualTo(counts.keySet());
      }
    }
  }

  private static List<String> sorted(Map<String, Long> counts) {
    return counts.keySet().stream()
        .sorted(
            Comparator.comparingLong((String id) -> counts.get(id))
                .reversed()
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  @Test
  void anOrderIsThatOfOneMoment() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", NOON, 5));
    log.record(new Purchase("b", NOON, 4));
    log.record(new Purchase("c", NOON, 3));
    var before = log.bestSellers().iterator();
    assertThat(before.next()).isEqualTo("a");
    log.record(new Purchase("c", NOON, 9));
    log.record(new Purchase("d", NOON, 1));
    assertThat(before).toIterable().containsExactly("b", "c");
    assertThatThrownBy(before::next).isInstanceOf(NoSuchElementException.class);
    assertThat(log.bestSellers()).containsExactly("c", "a", "b", "d");
  }

  @Test
  void soldIdsAreALiveViewThatNobodyChanges() {
    var log = new PurchaseLog();
    var sold = log.soldIds();
    assertThat(sold).isEmpty();
    log.record(Purchase.of("a", NOON));
    assertThat(sold).containsExactly("a");
    assertThat(sold.contains("b")).isFalse();
    assertThatThrownBy(() -> sold.remove("a")).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(sold::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> sold.add("b")).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> sold.removeIf(id -> true))
        .isInstanceOf(UnsupportedOperationException.class);
    var ids = sold.iterator();
    ids.next();
    assertThatThrownBy(ids::remove).isInstanceOf(UnsupportedOperationException.class);
    assertThat(log.bestSellers()).containsExactly("a");
  }
}
