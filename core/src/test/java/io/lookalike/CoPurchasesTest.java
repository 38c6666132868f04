package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.CoPurchases.Pair;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CoPurchasesTest {

  private static final Instant START = Instant.parse("2024-05-01T12:00:00Z");
  private static final PurchaseLog NOTHING = new PurchaseLog();

  private static Event bought(String customer, String product, Instant time) {
    return new Event(Customer.of(customer), Event.Kind.BOUGHT, product, time);
  }

  private static Instant day(int day) {
    return START.plus(Duration.ofDays(day));
  }

  private static List<String> ids(CoPurchases counts, String product, Instant at) {
    return counts.boughtWith(product, at, NOTHING, 100).stream().map(Pair::productId).toList();
  }

  @Test
  void theRuleByHand() {
    var counts = CoPurchases.builder().build();
    counts.recordAll(
        List.of(
            bought("anna", "dress", day(0)),
            bought("anna", "shoes", day(7)), // the last day that counts
            bought("anna", "hat", day(8)),
            bought("ben", "dress", day(60)),
            bought("ben", "shoes", day(60)),
            bought("ben", "shoes", day(60)), // delivered twice
            bought("carl", "hat", day(60))));
    var sold = new PurchaseLog();
    sold.record(new Purchase("shoes", START, 4));
    List<Pair> pairs = counts.boughtWith("dress", day(90), sold, 10);
    assertThat(pairs).extracting(Pair::productId).containsExactly("shoes");
    assertThat(pairs.get(0).times()).isEqualTo(2);
    // Ben's counts 1, Anna's, 60 days before, a half; 4 pieces were sold.
    assertThat(pairs.get(0).score()).isCloseTo(1.5 / 2, within(1e-12));
    assertThat(counts.boughtWith("shoes", day(90), sold, 10))
        .extracting(Pair::productId)
        .containsExactly("dress", "hat");
    assertThat(counts.boughtWith("shoes", day(90), sold, 1)).hasSize(1);
    assertThat(counts.boughtWith("scarf", day(90), sold, 10)).isEmpty();
    assertThat(counts.boughtWith("dress", day(7), sold, 10)).hasSize(1);
    assertThat(counts.boughtWith("dress", day(7).minusSeconds(1), sold, 10))
        .as("what was bought later does not count")
        .isEmpty();
  }

  /** Against a count that goes through all pairs of purchases. */
  @Test
  void asOfAnyInstantInWhateverOrderItCameIn() {
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      var events = new ArrayList<Event>();
      for (int i = random.nextInt(120); i > 0; i--) {
        events.add(
            bought(
                "c" + random.nextInt(6),
                "p" + random.nextInt(8),
                START.plus(Duration.ofHours(random.nextInt(24 * 40)))));
      }
      var sold = new PurchaseLog();
      events.forEach(e -> sold.record(Purchase.of(e.productId(), e.time())));
      Instant at = START.plus(Duration.ofHours(random.nextInt(24 * 45)));
      var counts = CoPurchases.builder().build();
      counts.recordAll(events);
      Collections.shuffle(events, random);
      var others = CoPurchases.builder().build();
      others.recordAll(events);
      others.recordAll(events.subList(0, events.size() / 2)); // delivered again
      var past = CoPurchases.builder().build();
      events.stream().filter(e -> !e.time().isAfter(at)).forEach(past::record);
      for (int p = 0; p < 8; p++) {
        List<Pair> pairs = counts.boughtWith("p" + p, at, sold, 100);
        assertThat(pairs).as("seed %s", seed).isEqualTo(model("p" + p, at, events, sold));
        assertThat(others.boughtWith("p" + p, at, sold, 100)).as("seed %s", seed).isEqualTo(pairs);
        assertThat(past.boughtWith("p" + p, at, sold, 100))
            .as("seed %s, without what came later", seed)
            .isEqualTo(pairs);
      }
    }
  }

  private static List<Pair> model(
      String product, Instant at, List<Event> events, PurchaseLog sold) {
    List<Event> past =
        new HashSet<>(events)
            .stream()
                .filter(e -> !e.time().isAfter(at))
                .sorted(Comparator.comparing(Event::time))
                .toList();
    Map<String, Integer> times = new HashMap<>();
    Map<String, Double> sums = new HashMap<>();
    Instant last =
        past.stream()
            .filter(e -> e.productId().equals(product))
            .map(Event::time)
            .max(Comparator.naturalOrder())
            .orElse(START);
    for (Event one : past) {
      for (Event other : past) {
        if (one.productId().equals(product)
            && !other.productId().equals(product)
            && one.customer().equals(other.customer())
            && Duration.between(one.time(), other.time()).abs().compareTo(Duration.ofDays(7))
                <= 0) {
          double age = Duration.between(one.time(), last).toSeconds() / (60 * 86_400.0);
          times.merge(other.productId(), 1, Integer::sum);
          sums.merge(other.productId(), Math.pow(.5, age), Double::sum);
        }
      }
    }
    var pairs = new ArrayList<Pair>();
    LocalDate tomorrow = LocalDate.ofEpochDay(Math.floorDiv(at.getEpochSecond(), 86_400L) + 1);
    sums.forEach(
        (id, sum) -> {
          long pieces = sold.count(id, LocalDate.EPOCH, tomorrow);
          pairs.add(new Pair(id, times.get(id), sum / Math.sqrt(Math.max(1, pieces))));
        });
    pairs.sort(Comparator.comparingDouble((Pair p) -> -p.score()).thenComparing(Pair::productId));
    return pairs;
  }

  @Test
  void forgettingIsAsIfItHadNeverBeen() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var all = CoPurchases.builder().build();
      var without = CoPurchases.builder().build();
      for (int i = 0; i < 60; i++) {
        Event event =
            bought("c" + random.nextInt(4), "p" + random.nextInt(5), day(random.nextInt(30)));
        all.record(event);
        if (!event.customer().id().equals("c1")) {
          without.record(event);
        }
      }
      assertThat(all.forget(Customer.of("c1"))).isTrue();
      assertThat(all.forget(Customer.of("c1"))).isFalse();
      assertThat(all.customers()).isEqualTo(without.customers());
      for (int p = 0; p < 5; p++) {
        assertThat(all.boughtWith("p" + p, day(40), NOTHING, 10))
            .as("seed %s", seed)
            .isEqualTo(without.boughtWith("p" + p, day(40), NOTHING, 10));
      }
    }
  }

  /** What was told before is told again only if nothing has changed that it follows from. */
  @Test
  void answersFollowEveryChange() {
    for (long seed = 0; seed < 30; seed++) {
      var random = new Random(seed);
      var counts = CoPurchases.builder().build();
      var events = new ArrayList<Event>();
      var sold = new PurchaseLog();
      for (int step = 0; step < 150; step++) {
        String product = "p" + random.nextInt(5);
        Instant time = day(random.nextInt(30));
        switch (random.nextInt(4)) {
          case 0 -> {
            events.add(bought("c" + random.nextInt(4), product, time));
            counts.record(events.get(events.size() - 1));
          }
          case 1 -> sold.record(new Purchase(product, time, 1 + random.nextInt(3)));
          case 2 -> {
            var gone = Customer.of("c" + random.nextInt(4));
            if (random.nextInt(5) == 0 && counts.forget(gone)) {
              events.removeIf(event -> event.customer().equals(gone));
            }
          }
          default -> {
            Instant at = random.nextBoolean() ? day(40) : time;
            int most = 1 + random.nextInt(3);
            List<Pair> expected = model(product, at, events, sold);
            assertThat(counts.boughtWith(product, at, sold, most))
                .as("seed %s, step %s", seed, step)
                .isEqualTo(expected.subList(0, Math.min(most, expected.size())));
            assertThat(counts.boughtWith(product, at, new PurchaseLog(), 10))
                .as("seed %s, step %s", seed, step)
                .isEqualTo(model(product, at, events, new PurchaseLog()));
          }
        }
      }
    }
  }

  @Test
  void memoryIsBounded() {
    var counts = CoPurchases.builder().maxCustomers(100).maxPurchases(3).build();
    for (int i = 0; i < 5_000; i++) {
      counts.record(bought("c" + i, "dress", START.plusSeconds(i)));
      counts.record(bought("c" + i, "p" + i, START.plusSeconds(i)));
      assertThat(counts.customers()).isLessThanOrEqualTo(100);
    }
    assertThat(ids(counts, "dress", day(1)))
        .as("of those who bought last")
        .hasSizeBetween(90, 100)
        .contains("p4999")
        .doesNotContain("p4000");
    assertThat(ids(counts, "p1", day(1))).isEmpty();
    for (int i = 0; i < 50; i++) {
      counts.record(bought("anna", "a" + i, START.plusSeconds(i)));
    }
    assertThat(ids(counts, "a49", day(1))).hasSizeBetween(2, 5).contains("a48");
    counts.record(bought("anna", "late", START.minusSeconds(1)));
    assertThat(ids(counts, "a49", day(1))).hasSizeBetween(2, 6).contains("a48");
  }

  @Test
  void ofABestSellerTheLatestPurchasesCount() {
    var counts = CoPurchases.builder().build();
    for (int i = 0; i < 12_000; i++) {
      counts.record(bought("c" + i, "dress", START.plusSeconds(i)));
      counts.record(bought("c" + i, i < 6_000 ? "early" : "late", START.plusSeconds(i)));
    }
    assertThat(counts.boughtWith("dress", day(1), NOTHING, 10))
        .extracting(Pair::productId, Pair::times)
        .containsExactly(tuple("late", 5_000));
  }

  @Test
  void anythingButAPurchaseIsRefused() {
    var counts = CoPurchases.builder().build();
    var viewed = new Event(Customer.of("anna"), Event.Kind.VIEWED, "dress", START);
    assertThatThrownBy(() -> counts.record(viewed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the event is anna viewed dress at 2024-05-01T12:00:00Z, expected what somebody bought");
    assertThatThrownBy(() -> CoPurchases.builder().maxCustomers(0))
        .hasMessage("maxCustomers is 0, expected 1 or more");
    assertThatThrownBy(() -> CoPurchases.builder().maxPurchases(1).maxPurchases(2))
        .hasMessage("maxPurchases was already set to 1, then came 2");
    assertThat(counts).hasToString("purchases of 0 products by 0 customers");
    counts.record(bought("anna", "dress", Instant.MIN));
    counts.record(bought("anna", "hat", Instant.MIN));
    assertThat(ids(counts, "dress", Instant.MAX)).containsExactly("hat");
  }
}
