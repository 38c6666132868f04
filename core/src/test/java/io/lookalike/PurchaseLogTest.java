package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        .hasMessage(
            "a purchase of a has quantity 0, expected 1 or more, or -1 or less for what came back");
    assertThatThrownBy(() -> Purchase.of("a", NOON).withId(" "))
        .hasMessage("a purchase's id is blank, expected a text");
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
        .hasMessage(
            "a has quantity 0 on 2020-02-29, expected 1 or more, or -1 or less for what came back");
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

  @Test
  void whatComesBackIsTakenOff() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", NOON, 5));
    log.record(new Purchase("b", NOON, 3));
    log.record(new Purchase("a", NOON.plusSeconds(86_400), -3));
    assertThat(log.count("a")).isEqualTo(2);
    assertThat(log.total()).isEqualTo(5);
    assertThat(log.daily("a"))
        .isEqualTo(Map.of(LocalDate.of(2020, 2, 29), 5L, LocalDate.of(2020, 3, 1), -3L));
    assertThat(log.bestSellers()).containsExactly("b", "a");
    assertThatThrownBy(() -> log.record(new Purchase("a", NOON, -3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a has 2 pieces sold, to which -3 cannot be added: no more can come back than were"
                + " sold");
    assertThatThrownBy(() -> log.record(Purchase.returned("nothing", NOON)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("nothing has 0 pieces sold");
    assertThatThrownBy(() -> log.record(new Purchase("a", NOON, Long.MIN_VALUE)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(log.count("a")).isEqualTo(2);
    assertThat(log.products()).isEqualTo(2);
    log.record(new Purchase("a", NOON, -2));
    assertThat(log.count("a")).as("as if it had never sold").isZero();
    assertThat(log.daily("a")).isEmpty();
    assertThat(log.products()).isEqualTo(1);
    assertThat(log.soldIds()).containsExactly("b");
    assertThat(log.bestSellers()).containsExactly("b");
    log.record(Purchase.returned("b", NOON));
    assertThat(log.daily("b")).isEqualTo(Map.of(LocalDate.of(2020, 2, 29), 2L));
  }

  /** A batch is taken together: a return may come before its sale. */
  @Test
  void aBatchMayHoldReturns() {
    var log = new PurchaseLog();
    log.recordAll(
        List.of(
            Purchase.returned("a", NOON),
            new Purchase("a", NOON.minusSeconds(86_400), 2),
            Purchase.of("b", NOON),
            Purchase.returned("b", NOON)));
    assertThat(log.count("a")).isEqualTo(1);
    assertThat(log.soldIds()).containsExactly("a");
    var tooMany = List.of(Purchase.of("c", NOON), new Purchase("a", NOON, -2));
    assertThatThrownBy(() -> log.recordAll(tooMany))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a has 1 pieces sold, to which -2 cannot be added");
    assertThat(log.soldIds()).containsExactly("a");
    assertThat(log.total()).isEqualTo(1);
  }

  /** Random sales, returns, forgotten days and copies against a plain table. */
  @Test
  void agreesWithAPlainTable() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      var plain = new TreeMap<String, TreeMap<LocalDate, Long>>();
      for (int i = random.nextInt(120); i > 0; i--) {
        String id = "p" + random.nextInt(5);
        long day = random.nextInt(12);
        long pieces = random.nextInt(9) - 3;
        long sold =
            plain.getOrDefault(id, new TreeMap<>()).values().stream().mapToLong(n -> n).sum();
        if (random.nextInt(30) == 0) {
          log = log.copy();
        }
        if (random.nextInt(30) == 0) {
          LocalDate kept = LocalDate.of(2020, 2, 29).plusDays(day);
          log.forgetDaysBefore(kept);
          plain.values().forEach(daily -> forget(daily, kept));
        } else if (sold + pieces < 0) {
          PurchaseLog now = log;
          assertThatThrownBy(() -> now.record(new Purchase(id, NOON, pieces)))
              .as("seed %s", seed)
              .isInstanceOf(IllegalArgumentException.class);
        } else if (pieces != 0) {
          log.record(new Purchase(id, NOON.plusSeconds(86_400 * day), pieces));
          add(plain.computeIfAbsent(id, p -> new TreeMap<>()), day, pieces);
          if (sold + pieces == 0) {
            plain.remove(id);
          }
        }
        var counts = new HashMap<String, Long>();
        plain.forEach((p, d) -> counts.put(p, d.values().stream().mapToLong(n -> n).sum()));
        assertThat(log.bestSellers()).as("seed %s", seed).containsExactlyElementsOf(sorted(counts));
        assertThat(log.soldIds()).as("seed %s", seed).isEqualTo(plain.keySet());
        assertThat(log.products()).as("seed %s", seed).isEqualTo(plain.size());
        assertThat(log.total())
            .as("seed %s", seed)
            .isEqualTo(counts.values().stream().mapToLong(n -> n).sum());
        for (int p = 0; p < 5; p++) {
          assertThat(log.count("p" + p))
              .as("seed %s", seed)
              .isEqualTo(counts.getOrDefault("p" + p, 0L));
          assertThat(log.daily("p" + p))
              .as("seed %s", seed)
              .isEqualTo(plain.getOrDefault("p" + p, new TreeMap<>()));
        }
      }
    }
  }

  private static void add(TreeMap<LocalDate, Long> daily, long day, long pieces) {
    LocalDate date = LocalDate.of(2020, 2, 29).plusDays(day);
    daily.merge(date, pieces, (a, b) -> a + b == 0 ? null : a + b);
  }

  private static void forget(TreeMap<LocalDate, Long> daily, LocalDate kept) {
    var older = daily.headMap(kept);
    if (older.size() > 1) {
      LocalDate first = daily.firstKey();
      long pieces = older.values().stream().mapToLong(n -> n).sum();
      older.clear();
      if (pieces != 0) {
        daily.put(first, pieces);
      }
    }
  }

  @Test
  void aPurchaseDeliveredTwiceCountsOnce() {
    var log = new PurchaseLog();
    Purchase first = Purchase.of("a", NOON).withId("order-17/1");
    Purchase second = new Purchase("b", NOON, 2, "order-17/2");
    assertThat(log.record(first)).isTrue();
    assertThat(log.record(first)).isFalse();
    assertThat(log.record(Purchase.of("a", NOON.plusSeconds(99)).withId("order-17/1"))).isFalse();
    log.recordAll(List.of(first, second, second, Purchase.of("b", NOON), Purchase.of("b", NOON)));
    assertThat(log.count("a")).isEqualTo(1);
    assertThat(log.count("b")).isEqualTo(4);
    assertThat(log.record(second)).isFalse();
    assertThat(log.copy().record(second)).as("a copy remembers").isFalse();

    // What was refused has not been counted, so it may come again.
    Purchase tooEarly = new Purchase("c", NOON, -1, "return-3");
    assertThatThrownBy(() -> log.record(tooEarly)).isInstanceOf(IllegalArgumentException.class);
    log.record(new Purchase("c", NOON, 2));
    assertThat(log.record(tooEarly)).isTrue();
    assertThat(log.record(tooEarly)).isFalse();
    assertThat(log.count("c")).isEqualTo(1);
  }

  @Test
  void theLatestIdsAreRemembered() {
    var log = new PurchaseLog();
    int remembered = 200_000;
    for (int i = 0; i <= remembered; i++) {
      log.record(Purchase.of("a", NOON).withId("order " + i));
    }
    assertThat(log.record(Purchase.of("a", NOON).withId("order " + 1))).isFalse();
    assertThat(log.record(Purchase.of("a", NOON).withId("order " + 0))).as("forgotten").isTrue();
    assertThat(log.count("a")).isEqualTo(remembered + 2);
  }

  @Test
  void sumsThatDoNotFitAreRefused() {
    var log = new PurchaseLog();
    log.categorise("a", "c");
    log.categorise("b", "c");
    log.record(new Purchase("a", NOON, Long.MAX_VALUE - 10));
    log.record(new Purchase("b", NOON, 4));
    var more = new Purchase("b", NOON.plusSeconds(86_400), 7);
    for (Purchase purchase :
        List.of(more, new Purchase("new", NOON, 7), new Purchase("a", NOON, 7))) {
      assertThatThrownBy(() -> log.record(purchase))
          .isInstanceOf(ArithmeticException.class)
          .hasMessage(
              "the purchases cannot be counted: with them, more than 9223372036854775807 pieces"
                  + " would be sold or returned in all");
      assertThatThrownBy(() -> log.recordAll(List.of(Purchase.of("c", NOON), purchase)))
          .isInstanceOf(ArithmeticException.class);
    }
    assertThat(log.total()).isEqualTo(Long.MAX_VALUE - 6);
    assertThat(log.count("b")).isEqualTo(4);
    assertThat(log.soldIds()).containsExactlyInAnyOrder("a", "b");
    log.record(new Purchase("b", NOON, 6));
    assertThat(log.total()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> log.record(Purchase.of("a", NOON)))
        .isInstanceOf(ArithmeticException.class);
    log.record(new Purchase("a", NOON, -(Long.MAX_VALUE - 10)));
    log.record(new Purchase("b", NOON.plusSeconds(86_400), -10));
    assertThat(log.total()).isZero();
    log.record(new Purchase("b", NOON, Long.MAX_VALUE));
    assertThat(log.total()).isEqualTo(Long.MAX_VALUE);
  }

  /** Returns make a day's pieces grow without end while the total stays. */
  @Test
  void returnsDoNotMakeADayOverflow() {
    var log = new PurchaseLog();
    long most = Long.MAX_VALUE / 4;
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10; i++) {
                log.record(new Purchase("a", NOON, most));
                log.record(new Purchase("a", NOON.plusSeconds(86_400), 1 - most));
              }
            })
        .isInstanceOf(ArithmeticException.class);
    assertThat(log.daily("a").values().stream().mapToLong(n -> n).sum()).isEqualTo(log.count("a"));
    assertThat(log.count("a", LocalDate.of(2020, 1, 1), LocalDate.of(2020, 3, 1))).isPositive();
  }

  /** Two batches of which either fits, but not both. */
  @Test
  void aBatchIsCountedWholeOrNotAtAllAlsoWhenWritersRace() throws Exception {
    var pool = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 2000; round++) {
        var log = new PurchaseLog();
        log.record(new Purchase("p", NOON, Long.MAX_VALUE - 10));
        var tasks = new ArrayList<Callable<Boolean>>();
        for (int t = 0; t < 2; t++) {
          String first = "first" + t;
          tasks.add(
              () -> {
                try {
                  log.recordAll(List.of(Purchase.of(first, NOON), new Purchase("p", NOON, 8)));
                  return true;
                } catch (ArithmeticException e) {
                  return false;
                }
              });
        }
        var done = pool.invokeAll(tasks);
        for (int t = 0; t < 2; t++) {
          assertThat(log.count("first" + t)).isEqualTo(done.get(t).get() ? 1 : 0);
        }
        assertThat(log.total()).isEqualTo(Long.MAX_VALUE - 1);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** What readers see while days are forgotten is what was there before, or after. */
  @Test
  void forgettingIsSeenWholeOrNotAtAll() throws Exception {
    LocalDate start = LocalDate.of(2020, 1, 1);
    var pool = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 100; round++) {
        var log = new PurchaseLog();
        var daily = new TreeMap<LocalDate, Long>();
        for (int d = 0; d < 400; d++) {
          daily.put(start.plusDays(d), 2L);
        }
        daily.put(start.plusDays(100), -1L);
        log.record("p", daily);
        log.categorise("p", "c");
        var forgetting = pool.submit(() -> log.forgetDaysBefore(start.plusDays(395)));
        var candidate = new Candidate(Product.of("p"), .5f, 797);
        LocalDate end = start.plusDays(1000);
        boolean last;
        do {
          last = forgetting.isDone();
          assertThat(log.count("p", start, end)).isEqualTo(797);
          assertThat(log.daily("p").values().stream().mapToLong(n -> n).sum()).isEqualTo(797);
          assertThat(log.copy().daily("p").values().stream().mapToLong(n -> n).sum())
              .isEqualTo(797);
          assertThat(log.total()).isEqualTo(797);
          assertThat(Popularity.window(2000).of(candidate, log, end)).isEqualTo(797);
          assertThat(Popularity.window(2000).smoothed(1e12).of(candidate, log, end))
              .isCloseTo(797 / 1001.0, org.assertj.core.data.Offset.offset(1e-6));
        } while (!last);
        forgetting.get();
        assertThat(log.daily("p")).hasSize(6);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** Nothing that is sold all the time is missed, or met twice, as others pass it. */
  @Test
  void theOrderMissesNothingWhileItChanges() throws Exception {
    var log = new PurchaseLog();
    for (int p = 0; p < 20; p++) {
      log.record(new Purchase("p" + p, NOON, 1 + p));
    }
    var pool = Executors.newFixedThreadPool(1);
    try {
      var selling =
          pool.submit(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  log.record(new Purchase("p" + i % 20, NOON, 30));
                }
              });
      boolean last;
      do {
        last = selling.isDone();
        assertThat(log.bestSellers()).doesNotHaveDuplicates().hasSize(20);
      } while (!last);
      selling.get();
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aCopyGoesItsOwnWay() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", NOON, 2));
    PurchaseLog copy = log.copy();
    log.record(Purchase.of("a", NOON));
    copy.record(Purchase.of("b", NOON));
    assertThat(log.daily("a")).isEqualTo(Map.of(LocalDate.of(2020, 2, 29), 3L));
    assertThat(copy.daily("a")).isEqualTo(Map.of(LocalDate.of(2020, 2, 29), 2L));
    assertThat(log.soldIds()).containsExactly("a");
    assertThat(copy.bestSellers()).containsExactly("a", "b");
  }

  @Test
  void printsInWords() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", NOON, 3));
    assertThat(log).hasToString("purchases: 3 pieces of 1 products");
    assertThat(new Purchase("a", NOON, 3)).hasToString("3 of a at 2020-02-29T12:00:00Z");
    assertThat(Purchase.returned("a", NOON).withId("x"))
        .hasToString("return of 1 of a at 2020-02-29T12:00:00Z (x)");
  }

  @TempDir Path folder;

  @Test
  void whatNoFileCanHoldIsRefusedBeforeTheGoodFileGoes() throws IOException {
    Path file = folder.resolve("sales");
    var log = new PurchaseLog();
    log.record(Purchase.of("a", NOON));
    log.save(file);
    Map.Entry<String, Days> product = Map.entry("product", Days.of(1, 1));
    String cure = "; keep the purchases in a store";

    assertThatThrownBy(
            () ->
                PurchaseFile.save(new PurchaseFile.Content(List.of(product), List.of()), file, 14))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("" + file)
        .hasMessageEndingWith(
            "its products take more than 2 GiB, which such a file cannot hold" + cure);
    assertThatThrownBy(
            () ->
                PurchaseFile.save(
                    new PurchaseFile.Content(List.of(product), List.of("order 1", "order 2")),
                    file,
                    21))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("its ids take more than 2 GiB, which such a file cannot hold" + cure);
    assertThat(PurchaseLog.load(file).count("a")).isEqualTo(1);
    PurchaseFile.save(new PurchaseFile.Content(List.of(product), List.of("order 1")), file, 15);
    assertThat(PurchaseLog.load(file).count("product")).isEqualTo(1);
  }

  @Test
  void whatIsSavedIsLoaded() throws IOException {
    Path file = folder.resolve("sales");
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      for (int i = random.nextInt(200); i > 0; i--) {
        log.record(
            new Purchase(
                "p\u00e9\ud83d\udc57" + random.nextInt(30),
                NOON.minusSeconds(random.nextInt(10_000_000)),
                1 + random.nextInt(3),
                random.nextBoolean() ? null : "order " + i));
      }
      for (String id : List.copyOf(log.soldIds())) {
        if (random.nextInt(3) == 0) {
          log.record(new Purchase(id, NOON, -1 - random.nextInt((int) log.count(id))));
        }
      }
      log.save(file);
      PurchaseLog loaded = PurchaseLog.load(file);
      assertThat(loaded.bestSellers())
          .as("seed %s", seed)
          .containsExactlyElementsOf(log.bestSellers());
      assertThat(loaded.total()).as("seed %s", seed).isEqualTo(log.total());
      for (String id : log.soldIds()) {
        assertThat(loaded.daily(id)).as("seed %s", seed).isEqualTo(log.daily(id));
      }
      for (int i = 1; i < 200; i++) {
        Purchase again = Purchase.of("again", NOON).withId("order " + i);
        assertThat(loaded.record(again)).as("seed %s, %s", seed, i).isEqualTo(log.record(again));
      }
    }
  }

  @Test
  void aDamagedFileIsOnePlainError() throws IOException {
    Path file = folder.resolve("sales");
    var log = new PurchaseLog();
    log.record(new Purchase("a", NOON, 2, "order-1"));
    log.record(new Purchase("b", NOON.plusSeconds(86_400), 3));
    log.save(file);
    byte[] good = Files.readAllBytes(file);
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 16;
      Files.write(file, bad);
      assertThatThrownBy(() -> PurchaseLog.load(file))
          .as("byte %s", at)
          .isExactlyInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
      Files.write(file, Arrays.copyOf(good, at));
      assertThatThrownBy(() -> PurchaseLog.load(file))
          .as("%s bytes", at)
          .isExactlyInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
    Files.write(file, good);
    assertThat(PurchaseLog.load(file).bestSellers()).containsExactly("b", "a");
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> PurchaseLog.load(missing))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> log.save(folder.resolve("no/folder")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("create it first");
  }

  /** The order of an earlier day is kept until something is counted. */
  @Test
  void bestSellersOfADayFollowEveryPurchase() {
    for (long seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      var model = new ArrayList<Purchase>();
      for (int step = 0; step < 120; step++) {
        Instant time = Instant.EPOCH.plus(Duration.ofDays(random.nextInt(5)));
        if (random.nextInt(3) > 0) {
          model.add(new Purchase("p" + random.nextInt(6), time, 1 + random.nextInt(3)));
          log.record(model.get(model.size() - 1));
        }
        Map<String, Long> sold =
            model.stream()
                .filter(purchase -> !purchase.time().isAfter(time))
                .collect(
                    Collectors.groupingBy(
                        Purchase::productId, Collectors.summingLong(Purchase::quantity)));
        List<String> expected = new ArrayList<>(sold.keySet());
        expected.sort(
            Comparator.comparingLong((String id) -> -sold.get(id))
                .thenComparing(Comparator.naturalOrder()));
        for (int ask = 0; ask < 2; ask++) {
          assertThat(log.bestSellers(time))
              .as("seed %s, step %s", seed, step)
              .containsExactlyElementsOf(expected);
        }
      }
    }
  }
}
