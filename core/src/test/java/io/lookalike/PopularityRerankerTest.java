package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import io.lookalike.math.UnitVector;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PopularityRerankerTest {

  private static final PurchaseLog NOTHING = new PurchaseLog();

  private static List<String> ranked(List<Candidate> candidates) {
    return PopularityReranker.byPurchases().rerank(candidates, NOTHING).stream()
        .map(Recommendation::id)
        .toList();
  }

  private static Candidate candidate(String id, double similarity, long sales) {
    return new Candidate(Product.of(id), (float) similarity, sales);
  }

  /** Table 1 of Boukrouh et al.: the recommendations for the sunglasses 0215303002. */
  @Test
  void tableOne() {
    var candidates =
        new ArrayList<>(
            List.of(
                candidate("0376172001", .90, 288),
                candidate("0215303001", .99, 270),
                candidate("0357792004", .91, 166),
                candidate("0270375001", .92, 114),
                candidate("0270382001", .93, 98),
                candidate("0370594023", .94, 78),
                candidate("0268305007", .95, 69),
                candidate("0357792009", .96, 58),
                candidate("0270375004", .97, 27),
                candidate("0270375006", .98, 0)));
    List<String> expected =
        candidates.stream().limit(9).map(c -> c.product().id()).toList(); // the last never sold
    Collections.shuffle(candidates, new Random(1));
    assertThat(ranked(candidates)).isEqualTo(expected);
  }

  @Test
  void tiesGoToTheMoreSimilarThenToTheSmallerId() {
    assertThat(
            ranked(
                List.of(
                    candidate("b", .5, 3),
                    candidate("d", .9, 2),
                    candidate("a", .5, 3),
                    candidate("c", .8, 3))))
        .containsExactly("c", "a", "b", "d");
  }

  @Test
  void invariantsOnRandomCandidates() {
    for (long seed = 0; seed < 1000; seed++) {
      var random = new Random(seed);
      var candidates = new ArrayList<Candidate>();
      for (int i = random.nextInt(30); i > 0; i--) {
        candidates.add(
            candidate(
                "p" + i, random.nextInt(4) / 4.0, (long) random.nextInt(3) * random.nextInt(5)));
      }
      List<Recommendation> page = PopularityReranker.byPurchases().rerank(candidates, NOTHING);
      assertThat(page).as("seed %s", seed).isSortedAccordingTo(Recommendation.BEST_FIRST);
      assertThat(page).as("seed %s", seed).allMatch(r -> r.sales() > 0 && r.score() == r.sales());
      assertThat(page.stream().map(Recommendation::id))
          .as("seed %s", seed)
          .containsExactlyInAnyOrderElementsOf(
              candidates.stream().filter(c -> c.sales() > 0).map(c -> c.product().id()).toList());
      Collections.shuffle(candidates, random);
      assertThat(PopularityReranker.byPurchases().rerank(candidates, NOTHING))
          .as("seed %s, another order of candidates", seed)
          .isEqualTo(page);
    }
  }

  /** One sale more never moves a product down. */
  @Test
  void moreSalesNeverHurt() {
    for (long seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      var candidates = new ArrayList<Candidate>();
      for (int i = 0; i < 10; i++) {
        candidates.add(candidate("p" + i, random.nextFloat(), random.nextInt(5)));
      }
      int lucky = random.nextInt(10);
      Candidate before = candidates.get(lucky);
      int rankBefore = ranked(candidates).indexOf(before.product().id());
      candidates.set(
          lucky, new Candidate(before.product(), before.similarity(), before.sales() + 1));
      int rankAfter = ranked(candidates).indexOf(before.product().id());
      assertThat(rankAfter).as("seed %s", seed).isNotNegative();
      if (rankBefore >= 0) {
        assertThat(rankAfter).as("seed %s", seed).isLessThanOrEqualTo(rankBefore);
      }
    }
  }

  private static final List<Blend> BLENDS =
      List.of(
          Blend.reciprocalRank(),
          Blend.reciprocalRank(0, .8),
          Blend.ranks(.3),
          Blend.standardScores(.5),
          Blend.popularityFirst());

  @Test
  void ranksAreOneMoreThanWhatIsBetter() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      int n = random.nextInt(20);
      var similarities = new float[n];
      var popularities = new double[n];
      for (int i = 0; i < n; i++) {
        similarities[i] = random.nextInt(5) / 2f - 1;
        popularities[i] = random.nextInt(3) * (random.nextBoolean() ? -0.0 : 1);
      }
      double[] bySales = Blend.reciprocalRank(0, 1).scores(similarities, popularities);
      double[] byLooks = Blend.ranks(0).scores(similarities, popularities);
      for (int i = 0; i < n; i++) {
        int q = 1;
        int r = 1;
        for (int j = 0; j < n; j++) {
          q += popularities[j] > popularities[i] ? 1 : 0;
          r += similarities[j] > similarities[i] ? 1 : 0;
        }
        assertThat(bySales[i]).as("seed %s", seed).isEqualTo(1.0 / q);
        assertThat(byLooks[i])
            .as("seed %s", seed)
            .isEqualTo(1 - (r - 1) / (double) Math.max(1, n - 1));
      }
    }
  }

  /** Whatever looks at all ties of each would take minutes here. */
  @Test
  void aMillionEqualsAreRanked() {
    var similarities = new float[1_000_000];
    var popularities = new double[similarities.length];
    popularities[7] = 1;
    double[] scores = Blend.reciprocalRank(0, .5).scores(similarities, popularities);
    assertThat(scores[7]).isEqualTo(1);
    assertThat(scores[8]).isEqualTo(.5 + .25);
    scores = Blend.ranks(.5).scores(similarities, popularities);
    assertThat(scores[7]).isEqualTo(1);
    assertThat(scores[8]).isEqualTo(.5 + .5 * (1 - 1 / 999_999.0));
  }

  @Test
  void saysWhetherItNeedsWhatNeverSold() {
    PopularityReranker byPurchases = PopularityReranker.byPurchases();
    assertThat(byPurchases.soldOnly()).isTrue();
    assertThat(byPurchases.by(Popularity.window(7)).at(NOON).soldOnly()).isTrue();
    assertThat(byPurchases.neverSold(NeverSold.keep()).soldOnly()).isFalse();
    assertThat(byPurchases.neverSold(NeverSold.explore(.1, 1)).soldOnly()).isFalse();
    assertThat(PopularityReranker.balanced().soldOnly()).isFalse();
    assertThat(PopularityReranker.balanced().neverSold(NeverSold.drop()).soldOnly()).isTrue();
    assertThat(Reranker.bySimilarity().soldOnly()).isFalse();
  }

  @Test
  void blendsByHand() {
    float[] similarities = {.9f, .5f, .5f, .1f};
    double[] popularities = {0, 10, 30, 0};
    assertThat(Blend.reciprocalRank().scores(similarities, popularities))
        .containsExactly(
            .5 / 61 + .5 / 63, .5 / 62 + .5 / 62, .5 / 62 + .5 / 61, .5 / 64 + .5 / 63);
    assertThat(Blend.ranks(.25).scores(similarities, popularities))
        .containsExactly(
            new double[] {
              .75 + .25 * (1 - 2 / 3.),
              .75 * (1 - 1 / 3.) + .25 * (1 - 1 / 3.),
              .75 * (1 - 1 / 3.) + .25,
              .25 * (1 - 2 / 3.)
            },
            org.assertj.core.data.Offset.offset(1e-12));
    assertThat(Blend.standardScores(1).scores(similarities, popularities))
        .containsExactly(
            new double[] {-10 / Math.sqrt(150), 0, 20 / Math.sqrt(150), -10 / Math.sqrt(150)},
            org.assertj.core.data.Offset.offset(1e-12));
    assertThat(Blend.popularityFirst().scores(similarities, popularities))
        .containsExactly(0, 10, 30, 0);
    for (Blend blend : BLENDS) {
      assertThat(blend.scores(new float[0], new double[0])).isEmpty();
      assertThat(blend.scores(new float[] {.3f}, new double[] {7})).hasSize(1);
    }
  }

  /** Monotone, for any number of others and ties among them; standard scores need not be. */
  @Test
  void moreOfEitherNeverCostsAPlace() {
    for (long seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      int n = 1 + random.nextInt(12);
      var similarities = new float[n];
      var popularities = new double[n];
      for (int i = 0; i < n; i++) {
        similarities[i] = random.nextInt(5) / 5f;
        popularities[i] = random.nextInt(5);
      }
      int lucky = random.nextInt(n);
      float[] closer = similarities.clone();
      closer[lucky] += random.nextInt(3) / 5f;
      double[] dearer = popularities.clone();
      dearer[lucky] += random.nextInt(3);
      for (Blend blend : BLENDS) {
        double[] before = blend.scores(similarities, popularities);
        assertThat(before).as("seed %s", seed).hasSize(n);
        if (blend == BLENDS.get(3)) {
          continue;
        }
        double[] after = blend.scores(closer, dearer);
        for (int j = 0; j < n; j++) {
          if (before[lucky] >= before[j]) {
            assertThat(after[lucky]).as("seed %s", seed).isGreaterThanOrEqualTo(after[j]);
          }
        }
      }
    }
  }

  @Test
  void aChangeOfScaleLeavesRanksAlone() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      int n = 2 + random.nextInt(20);
      var similarities = new float[n];
      var popularities = new double[n];
      var squeezed = new float[n];
      var logs = new double[n];
      for (int i = 0; i < n; i++) {
        similarities[i] = random.nextFloat();
        popularities[i] = random.nextInt(1000);
        squeezed[i] = .8f + similarities[i] / 8;
        logs[i] = Math.log1p(popularities[i]);
      }
      for (Blend blend : List.of(BLENDS.get(0), BLENDS.get(1), BLENDS.get(2))) {
        assertThat(blend.scores(squeezed, logs))
            .as("seed %s", seed)
            .isEqualTo(blend.scores(similarities, popularities));
      }
    }
  }

  private static final InstantSource NOON =
      InstantSource.fixed(Instant.parse("2024-06-30T12:00:00Z"));

  @Test
  void beforeAnythingHasSoldTheBalancedOrderIsVisual() {
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      var candidates = new ArrayList<Candidate>();
      for (int i = random.nextInt(30); i > 0; i--) {
        candidates.add(candidate("p" + i, random.nextInt(9) / 9.0, 0));
      }
      assertThat(ids(PopularityReranker.balanced().rerank(candidates, NOTHING)))
          .as("seed %s", seed)
          .isEqualTo(ids(Reranker.bySimilarity().rerank(candidates, NOTHING)));
    }
  }

  private static List<String> ids(List<Recommendation> page) {
    return page.stream().map(Recommendation::id).toList();
  }

  @Test
  void aNewcomerIsAsPopularAsItsLookAlikesAtADiscount() {
    Map<String, UnitVector> vectors =
        Map.of(
            "hit", UnitVector.of(new float[] {1, 0}),
            "flop", UnitVector.of(new float[] {0, 1}),
            "new", UnitVector.of(new float[] {3, 1}),
            "odd", UnitVector.of(new float[] {-1, -1}));
    var candidates = new ArrayList<Candidate>();
    for (String id : List.of("hit", "flop", "new", "odd")) {
      long sales = id.equals("hit") ? 100 : id.equals("flop") ? 20 : 0;
      candidates.add(new Candidate(Product.of(id), .5f, sales, vectors::get));
    }
    PopularityReranker reranker =
        PopularityReranker.byPurchases().neverSold(NeverSold.propagate(.5));
    List<Recommendation> page = reranker.rerank(candidates, NOTHING);
    assertThat(ids(page)).containsExactly("hit", "new", "flop", "odd");
    assertThat(page.get(1).score())
        .as("weights 3 and 1")
        .isCloseTo(.5 * (3 * 100 + 20) / 4, org.assertj.core.data.Offset.offset(1e-4));
    assertThat(page.get(3).score()).as("nothing that sold looks like it").isZero();
    assertThat(ids(reranker.neverSold(NeverSold.keep()).rerank(candidates, NOTHING)))
        .containsExactly("hit", "flop", "new", "odd");
    assertThat(ids(reranker.neverSold(NeverSold.drop()).rerank(candidates, NOTHING)))
        .containsExactly("hit", "flop");
  }

  @Test
  void newcomersGetTheirShareByLot() {
    int newcomersFirst = 0;
    for (int day = 0; day < 1000; day++) {
      InstantSource today = InstantSource.fixed(Instant.EPOCH.plusSeconds(86_400L * day));
      PopularityReranker reranker =
          PopularityReranker.byPurchases().neverSold(NeverSold.explore(.2, 7)).at(today);
      var candidates = new ArrayList<Candidate>();
      for (int i = 0; i < 20; i++) {
        candidates.add(candidate("p" + i, i / 20.0, i % 2 == 0 ? 0 : i));
      }
      List<Recommendation> page = reranker.rerank(candidates, NOTHING);
      assertThat(ids(page)).as("day %s", day).doesNotHaveDuplicates().hasSize(20);
      assertThat(page.stream().filter(r -> r.sales() > 0))
          .as("day %s", day)
          .isSortedAccordingTo(Recommendation.BEST_FIRST);
      Collections.shuffle(candidates, new Random(day));
      assertThat(reranker.rerank(candidates, NOTHING)).as("day %s", day).isEqualTo(page);
      newcomersFirst += page.get(0).sales() == 0 ? 1 : 0;
    }
    assertThat(newcomersFirst).as("of 1000 pages, a fifth begin with one").isBetween(150, 250);
  }

  @Test
  void theClockDecidesWhatCounts() {
    var log = new PurchaseLog();
    log.record(new Purchase("past", NOON.instant().minusSeconds(86_400 * 40), 50));
    log.record(new Purchase("recent", NOON.instant(), 5));
    List<Candidate> candidates = List.of(candidate("past", .9, 50), candidate("recent", .1, 5));
    PopularityReranker week = PopularityReranker.byPurchases().by(Popularity.window(7)).at(NOON);
    assertThat(ids(week.rerank(candidates, log))).containsExactly("recent", "past");
    InstantSource then = InstantSource.fixed(NOON.instant().minusSeconds(86_400 * 39));
    assertThat(ids(week.at(then).rerank(candidates, log)))
        .as("by then, the other had never sold")
        .containsExactly("past");
  }

  /** A replay at a day knows nothing of later days, whatever the settings. */
  @Test
  void aReplayDoesNotSeeTheFuture() {
    List<Popularity> popularities =
        List.of(
            Popularity.purchases(),
            Popularity.window(28),
            Popularity.decay(30).smoothed(7),
            Popularity.trend(14),
            (candidate, log, today) -> candidate.sales());
    List<NeverSold> rules =
        List.of(
            NeverSold.drop(),
            NeverSold.keep(),
            NeverSold.propagate(.5),
            NeverSold.explore(.5, 7),
            NeverSold.explore(1, 7));
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var then = new PurchaseLog();
      var now = new PurchaseLog();
      for (int i = random.nextInt(20); i > 0; i--) {
        long day = random.nextInt(40);
        var purchase =
            new Purchase("p" + random.nextInt(8), NOON.instant().minusSeconds(86_400 * day), 2);
        then.record(purchase);
        now.record(purchase);
      }
      for (int i = random.nextInt(20); i > 0; i--) {
        long day = 1 + random.nextInt(40);
        now.record(
            new Purchase("p" + random.nextInt(12), NOON.instant().plusSeconds(86_400 * day), 3));
      }
      List<Candidate> asThen = candidates(then);
      List<Candidate> asNow = candidates(now);
      for (Popularity popularity : popularities) {
        for (Blend blend : BLENDS) {
          for (NeverSold rule : rules) {
            PopularityReranker replay =
                PopularityReranker.balanced().by(popularity).blend(blend).neverSold(rule).at(NOON);
            assertThat(replay.rerank(asNow, now))
                .as("seed %s, %s", seed, replay)
                .isEqualTo(replay.rerank(asThen, then));
            assertThat(replay.popularities(asNow, now))
                .as("seed %s, %s", seed, replay)
                .isEqualTo(replay.popularities(asThen, then));
          }
        }
      }
    }
  }

  private static List<Candidate> candidates(PurchaseLog log) {
    var candidates = new ArrayList<Candidate>();
    for (int i = 0; i < 14; i++) {
      String id = "p" + i;
      float angle = i / 14f;
      candidates.add(
          new Candidate(
              Product.of(id),
              1 - angle,
              log.count(id),
              p -> UnitVector.of(new float[] {1 - angle, angle})));
    }
    return candidates;
  }

  @Test
  void aClockAtEitherEndOfTimeMattersWhereADayIsNeeded() {
    var log = new PurchaseLog();
    log.record(new Purchase("p1", NOON.instant(), 2));
    log.record(new Purchase("p2", NOON.instant(), 3));
    List<Candidate> candidates = candidates(log);
    for (Instant end : List.of(Instant.MIN, Instant.MAX)) {
      InstantSource clock = InstantSource.fixed(end);
      assertThatThrownBy(() -> PopularityReranker.balanced().at(clock).rerank(candidates, log))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the reranker's clock, set by at(...), says %s, which is no calendar day; expected a"
                  + " time from -999999999-01-01 to +999999999-12-31",
              end);
      assertThat(PopularityReranker.balanced().at(clock).rerank(List.of(), log)).isEmpty();
      PopularityReranker byPurchases = PopularityReranker.byPurchases().at(clock);
      assertThat(ids(byPurchases.rerank(candidates, log)))
          .isEqualTo(end.equals(Instant.MAX) ? List.of("p2", "p1") : List.of());
      assertThatThrownBy(
              () -> byPurchases.neverSold(NeverSold.explore(.5, 1)).rerank(candidates, log))
          .isExactlyInstanceOf(IllegalArgumentException.class);
    }
  }

  /** The nearest 256 that sold lend their popularity, in whatever order the candidates come. */
  @Test
  void ofManyThatSoldTheNearestLendTheirPopularity() {
    UnitVector alike = UnitVector.of(new float[] {1, 0});
    PopularityReranker reranker =
        PopularityReranker.byPurchases().neverSold(NeverSold.propagate(1));
    for (int sold : new int[] {255, 256, 257, 1000}) {
      var candidates = new ArrayList<Candidate>();
      for (int i = 0; i < sold; i++) {
        long pieces = i < 256 ? 10 : 1_000_000;
        candidates.add(new Candidate(Product.of("p" + i), 1 - i / 2000f, pieces, id -> alike));
      }
      candidates.add(new Candidate(Product.of("new"), -1, 0, id -> alike));
      Collections.shuffle(candidates, new Random(sold));
      double score =
          reranker.rerank(candidates, NOTHING).stream()
              .filter(r -> r.id().equals("new"))
              .findFirst()
              .orElseThrow()
              .score();
      assertThat(score)
          .as("%s sold", sold)
          .isCloseTo(10, org.assertj.core.data.Offset.offset(1e-9));
    }
  }

  @Test
  void rerankersPrintInWords() {
    assertThat(PopularityReranker.balanced())
        .hasToString(
            "by popularity (pieces sold, with a half-life of 30.0 days, a day, smoothed by 7.0 days"
                + " of the mean's), blend: reciprocal rank fusion, constant 60.0, weight 0.5, never"
                + " sold: propagate, discount 0.5");
    assertThat(PopularityReranker.byPurchases().blend(Blend.ranks(.5)))
        .hasToString("by popularity (pieces sold), blend: ranks, weight 0.5, never sold: drop");
    assertThat(Blend.standardScores(.5)).hasToString("standard scores, weight 0.5");
    assertThat(Blend.popularityFirst()).hasToString("popularity first");
    assertThat(Reranker.bySimilarity()).hasToString("by similarity");
  }
}
