package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class PopularityTest {

  private static final LocalDate TODAY = LocalDate.of(2024, 6, 30);

  private static Instant daysAgo(long days) {
    return TODAY.minusDays(days).atTime(11, 0).toInstant(ZoneOffset.UTC);
  }

  private static double of(Popularity popularity, String id, PurchaseLog log) {
    return popularity.of(new Candidate(Product.of(id), .5f, log.count(id)), log, TODAY);
  }

  private static Offset<Double> within(double offset) {
    return Offset.offset(offset);
  }

  @Test
  void windowAndDecayByHand() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", daysAgo(-1), 1000)); // tomorrow does not count
    log.record(new Purchase("a", daysAgo(0), 8));
    log.record(new Purchase("a", daysAgo(6), 4));
    log.record(new Purchase("a", daysAgo(7), 2));
    log.record(new Purchase("a", daysAgo(20), 1));
    assertThat(of(Popularity.window(1), "a", log)).isEqualTo(8);
    assertThat(of(Popularity.window(7), "a", log)).isEqualTo(12);
    assertThat(of(Popularity.window(8), "a", log)).isEqualTo(14);
    assertThat(of(Popularity.window(9999), "a", log)).isEqualTo(15);
    assertThat(of(Popularity.purchases(), "a", log)).isEqualTo(15);
    assertThat(of(Popularity.decay(10), "a", log))
        .isEqualTo(8 + 4 * Math.pow(2, -.6) + 2 * Math.pow(2, -.7) + .25, within(1e-12));
    assertThat(of(Popularity.decay(10), "nothing", log)).isZero();
  }

  @Test
  void smoothingDrawsTowardsTheMean() {
    var log = new PurchaseLog();
    log.record(new Purchase("old", daysAgo(99), 300)); // 100 days on sale
    log.record(new Purchase("new", daysAgo(1), 10)); // 2 days on sale
    double mean = 310.0 / 102;
    Popularity smoothed = Popularity.window(365).smoothed(7);
    assertThat(of(smoothed, "old", log)).isEqualTo((300 + 7 * mean) / 107, within(1e-12));
    assertThat(of(smoothed, "new", log)).isEqualTo((10 + 7 * mean) / 9, within(1e-12));
    assertThat(of(Popularity.window(365).smoothed(1e9), "new", log))
        .as("a prior of ages is all that counts")
        .isEqualTo(mean, within(1e-6));
    log.categorise("new", "hats");
    log.categorise("old", "coats");
    assertThat(of(smoothed, "new", log))
        .as("the mean of its category, of which it is all")
        .isEqualTo(5, within(1e-12));
  }

  @Test
  void aTrendIsSurerOfMany() {
    var log = new PurchaseLog();
    log.record(new Purchase("few", daysAgo(8), 2));
    log.record(new Purchase("few", daysAgo(0), 4));
    log.record(new Purchase("many", daysAgo(13), 200));
    log.record(new Purchase("many", daysAgo(6), 400));
    log.record(new Purchase("many", daysAgo(14), 9999)); // before both weeks
    Trend few = log.trend("few", TODAY, 7);
    Trend many = log.trend("many", TODAY, 7);
    assertThat(many.growth()).isEqualTo(Math.log(400.5 / 200.5), within(1e-12));
    assertThat(many.standardError()).isEqualTo(Math.sqrt(1 / 400.5 + 1 / 200.5), within(1e-12));
    assertThat(few.standardError()).isGreaterThan(8 * many.standardError());
    assertThat(many.atLeast(1.645)).isPositive();
    assertThat(few.atLeast(1.645)).isNegative();
    assertThat(of(Popularity.trend(7), "many", log)).isGreaterThan(1);
    assertThat(of(Popularity.trend(7), "few", log)).isLessThan(1);
    assertThat(log.trend("nothing", TODAY, 7).growth()).isZero();
  }

  @Test
  void aDayMayLieAtEitherEndOfTime() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", daysAgo(0), 3));
    for (LocalDate day : List.of(LocalDate.MIN, LocalDate.MAX)) {
      assertThat(log.trend("a", day, 7)).isEqualTo(log.trend("nothing", TODAY, 7));
      for (Popularity popularity : ALL) {
        var candidate = new Candidate(Product.of("a"), .5f, 3);
        assertThat(popularity.of(candidate, log, day)).as("%s on %s", popularity, day).isFinite();
      }
    }
    assertThat(log.trend("a", TODAY, Integer.MAX_VALUE).growth()).isPositive();
  }

  /** Whatever else the log holds, what all came back counts as if it had never been sold. */
  @Test
  void whatCameBackChangesNoMean() {
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      var without = new PurchaseLog();
      log.categorise("p0", "c");
      without.categorise("p0", "c");
      log.categorise("gone", "c");
      without.categorise("gone", "c");
      var gone = new ArrayList<Purchase>();
      for (int i = random.nextInt(30); i > 0; i--) {
        var purchase = new Purchase("p" + random.nextInt(3), daysAgo(random.nextInt(20)), 2);
        log.record(purchase);
        without.record(purchase);
        if (random.nextBoolean()) {
          gone.add(new Purchase("gone", daysAgo(random.nextInt(20)), 1 + random.nextInt(3)));
          log.record(gone.get(gone.size() - 1));
        }
      }
      for (Purchase purchase : gone) {
        log.record(new Purchase("gone", daysAgo(random.nextInt(5)), -purchase.quantity()));
      }
      assertThat(log.soldIds()).as("seed %s", seed).isEqualTo(without.soldIds());
      for (Popularity popularity : ALL) {
        for (String id : List.of("p0", "p1", "p2", "gone")) {
          assertThat(of(popularity, id, log))
              .as("seed %s, %s of %s", seed, popularity, id)
              .isEqualTo(of(popularity, id, without));
        }
      }
    }
  }

  @Test
  void moreBackThanSoldInAWindowIsNothingSold() {
    var log = new PurchaseLog();
    log.record(new Purchase("a", daysAgo(30), 5));
    log.record(new Purchase("a", daysAgo(2), -3));
    assertThat(log.count("a", TODAY.minusDays(7), TODAY)).isEqualTo(-3);
    for (Popularity popularity : ALL) {
      assertThat(of(popularity, "a", log)).as("%s", popularity).isNotNegative().isFinite();
    }
    assertThat(of(Popularity.window(7), "a", log)).isZero();
    assertThat(log.trend("a", TODAY, 7)).isEqualTo(log.trend("nothing", TODAY, 7));
  }

  @Test
  void popularitiesPrintInWords() {
    assertThat(ALL)
        .map(Object::toString)
        .containsExactly(
            "pieces sold",
            "pieces sold, of 10 days",
            "pieces sold, with a half-life of 5.0 days",
            "pieces sold, of 10 days, a day, smoothed by 3.0 days of the mean's",
            "pieces sold, with a half-life of 5.0 days, a day, smoothed by 3.0 days of the mean's",
            "growth of sales over 5 days");
  }

  private static final List<Popularity> ALL =
      List.of(
          Popularity.purchases(),
          Popularity.window(10),
          Popularity.decay(5),
          Popularity.window(10).smoothed(3),
          Popularity.decay(5).smoothed(3),
          Popularity.trend(5));

  /** The order of the events, and when categories become known, must not matter. */
  @Test
  void replayGivesTheSameState() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var events = new ArrayList<Purchase>();
      for (int i = random.nextInt(80); i > 0; i--) {
        events.add(
            new Purchase(
                "p" + random.nextInt(6), daysAgo(random.nextInt(30)), 1 + random.nextInt(4)));
      }
      var log = new PurchaseLog();
      Map<String, String> categories = new HashMap<>();
      for (Purchase event : events) {
        if (random.nextInt(4) == 0) {
          String id = "p" + random.nextInt(6);
          String category = random.nextBoolean() ? null : "c" + random.nextInt(2);
          log.categorise(id, category);
          categories.put(id, category);
        }
        log.record(event);
      }
      var again = new PurchaseLog();
      categories.forEach(again::categorise);
      Collections.shuffle(events, random);
      var daily = new HashMap<String, TreeMap<LocalDate, Long>>();
      for (Purchase event : events) {
        daily
            .computeIfAbsent(event.productId(), id -> new TreeMap<>())
            .merge(LocalDate.ofInstant(event.time(), ZoneOffset.UTC), event.quantity(), Long::sum);
      }
      daily.forEach(again::record);
      for (int p = 0; p < 6; p++) {
        for (Popularity popularity : ALL) {
          assertThat(of(popularity, "p" + p, log))
              .as("seed %s, product %s", seed, p)
              .isEqualTo(of(popularity, "p" + p, again))
              .isNotNegative()
              .isFinite();
        }
        assertThat(log.daily("p" + p)).as("seed %s", seed).isEqualTo(again.daily("p" + p));
      }
      assertThat(log.lastDay()).as("seed %s", seed).isEqualTo(again.lastDay());
    }
  }

  /** A piece more, sold today, never makes a product less popular. */
  @Test
  void aSaleNeverHurts() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      for (int i = 1 + random.nextInt(40); i > 0; i--) {
        log.record(Purchase.of("p" + random.nextInt(4), daysAgo(random.nextInt(20))));
      }
      log.record(Purchase.of("p0", daysAgo(random.nextInt(20))));
      List<Double> before = ALL.stream().map(p -> of(p, "p0", log)).toList();
      log.record(Purchase.of("p0", daysAgo(0)));
      for (int i = 0; i < ALL.size(); i++) {
        assertThat(of(ALL.get(i), "p0", log))
            .as("seed %s, popularity %s", seed, i)
            .isGreaterThanOrEqualTo(before.get(i) - 1e-9);
      }
    }
  }

  @Test
  void forgettingDaysKeepsWhatWasSoldAndWhatIsRecent() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var log = new PurchaseLog();
      var counts = new HashMap<String, Long>();
      long theSeed = seed;
      for (int i = 1 + random.nextInt(100); i > 0; i--) {
        var purchase =
            new Purchase(
                "p" + random.nextInt(3), daysAgo(random.nextInt(40)), 1 + random.nextInt(3));
        log.record(purchase);
        counts.merge(purchase.productId(), purchase.quantity(), Long::sum);
      }
      log.categorise("p0", "c");
      int kept = random.nextInt(41);
      LocalDate cut = TODAY.minusDays(kept);
      Map<String, Long> recent = new HashMap<>();
      counts.keySet().forEach(id -> recent.put(id, log.count(id, cut, TODAY.plusDays(1))));
      long total = log.total();
      double mean = of(Popularity.window(9999).smoothed(1e12), "p1", log);
      log.forgetDaysBefore(cut);
      assertThat(log.total()).as("seed %s", seed).isEqualTo(total);
      assertThat(of(Popularity.window(9999).smoothed(1e12), "p1", log))
          .as("seed %s: the mean of all time", seed)
          .isEqualTo(mean, within(1e-9));
      counts.forEach(
          (id, count) -> {
            String as = "seed " + theSeed + ", " + id;
            assertThat(log.count(id)).as(as).isEqualTo(count);
            assertThat(log.daily(id).values().stream().mapToLong(Long::longValue).sum())
                .as(as)
                .isEqualTo(count);
            assertThat(log.count(id, cut, TODAY.plusDays(1))).as(as).isEqualTo(recent.get(id));
            assertThat(log.daily(id)).as(as).hasSizeLessThanOrEqualTo(kept + 2);
          });
    }
  }

  @Test
  void badSettingsAreNamed() {
    assertThatThrownBy(() -> Popularity.window(0)).hasMessage("days is 0, expected 1 or more");
    assertThatThrownBy(() -> Popularity.trend(0)).hasMessage("days is 0, expected 1 or more");
    assertThatThrownBy(() -> Popularity.decay(0))
        .hasMessage("the half-life is 0.0 days, expected more than 0");
    assertThatThrownBy(() -> Popularity.decay(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> Popularity.decay(1).smoothed(-1))
        .hasMessage("priorDays is -1.0, expected more than 0");
    assertThatThrownBy(() -> Blend.ranks(1.1)).hasMessage("weight is 1.1, expected 0 to 1");
    assertThatThrownBy(() -> Blend.reciprocalRank(-1, .5))
        .hasMessage("constant is -1.0, expected 0 or more");
    assertThatThrownBy(() -> NeverSold.explore(2, 1)).hasMessage("share is 2.0, expected 0 to 1");
  }
}
