package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.Product;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {

  private static final Offset<Double> CLOSE = within(1e-6);
  private static final Instant CUT = Instant.parse("2024-03-01T00:00:00Z");

  /** Two designs, a1 and a2, b1 and b2, and a shoe that looks like neither. */
  private static final ReplayCatalogue CATALOGUE =
      ReplayCatalogue.builder()
          .categoryBy("category")
          .variantsBy("design")
          .add(product("a1", "dress", "a"), new float[] {1, 0, 0})
          .add(product("a2", "dress", "a"), new float[] {1, 0.1f, 0})
          .add(product("b1", "dress", "b"), new float[] {1, 0.5f, 0})
          .add(product("b2", "dress", "b"), new float[] {1, 0.6f, 0})
          .add(product("shoe", "shoe", "s"), new float[] {0, 0, 1})
          .build();

  private static Product product(String id, String category, String design) {
    return Product.of(id).with("category", category).with("design", design);
  }

  private static Instant day(int ofMarch) {
    return CUT.plus(Duration.ofDays(ofMarch - 1L));
  }

  /** In February a1 sold 3 times, b1 twice; in March come the purchases that are asked about. */
  private static PurchaseHistory.Builder history() {
    return PurchaseHistory.builder()
        .add("anna", "a1", day(-5), 1)
        .add("bert", "a1", day(-4), 2)
        .add("bert", "b1", day(-3), 1)
        .add(null, "b1", day(-2), 1)
        .add("anna", "b1", day(2), 1)
        .add("anna", "shoe", day(2), 1)
        .add("bert", "a1", day(3), 1)
        .add("carl", "b2", day(4), 1)
        .add("carl", "gone", day(4), 1);
  }

  /** Always the same order. */
  private static Setting fixed(String name, String... order) {
    return new Setting() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String description() {
        return String.join(" ", order);
      }

      @Override
      public Answers open(Past past) {
        return question ->
            List.of(order).stream()
                .filter(id -> !id.equals(question.consulted()))
                .filter(id -> !question.newOnly() || past.sold(id) == 0)
                .limit(question.k())
                .toList();
      }
    };
  }

  private static Replay replay() {
    return Replay.of(history().build(), CATALOGUE).cuts(CUT).k(2);
  }

  /** By other features b2 lies next to a1, and the shoe has none. */
  @Test
  void settingsWithFeaturesOfTheirOwnStandBesideOthers() {
    Map<String, float[]> others =
        Map.of(
            "a1", new float[] {1, 0},
            "b2", new float[] {1, 0.1f},
            "a2", new float[] {0, 1},
            "b1", new float[] {-1, 1});
    RecommenderSetting looks = RecommenderSetting.named("looks", BruteForceIndex.factory());
    RecommenderSetting other = looks.features("of another network", others);
    assertThat(other.description()).contains("; features of another network, ");
    int[] numbers = history().build().productIds().stream().mapToInt(CATALOGUE::number).toArray();
    var past = new Past(history().build(), CATALOGUE, numbers, CUT);
    Question question = new Question("a1", null, List.of(), 4, false);
    try (Setting.Answers byLooks = looks.open(past);
        Setting.Answers byOthers = other.open(past)) {
      assertThat(byLooks.answer(question)).startsWith("a2", "b1");
      assertThat(byOthers.answer(question)).containsExactly("b2", "a2", "b1");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> looks.features("none", Map.of()))
        .withMessage("there are no features, expected those of 1 product or more");
  }

  @Test
  void customersPagesWorkedByHand() throws IOException {
    EvaluationResult result = replay().run(List.of(fixed("f", "a1", "b1")));
    // anna bought b1 and the shoe, bert a1, carl b2: the page holds 1 of 2, 1 of 1, 0 of 1
    assertThat(result.questions(Task.CUSTOMER, Slice.ALL)).isEqualTo(3);
    assertThat(result.figure("f", Task.CUSTOMER, Measure.PRECISION).value())
        .isCloseTo((0.5 + 0.5 + 0) / 3, CLOSE);
    assertThat(result.figure("f", Task.CUSTOMER, Measure.RECALL).value())
        .isCloseTo((0.5 + 1 + 0) / 3, CLOSE);
    // (1/2 of the second place) / 2, 1, 0
    assertThat(result.figure("f", Task.CUSTOMER, Measure.MAP).value())
        .isCloseTo((0.25 + 1 + 0) / 3, CLOSE);
    // a1 sold 3 pieces, b1 2
    assertThat(result.figure("f", Task.CUSTOMER, Measure.POPULARITY).value()).isEqualTo(2.5);
    // anna had a1 (3), bert b1 and a1 (2.5), carl nothing: (2.5 + 2.5) / (3 + 2.5) - 1
    assertThat(result.figure("f", Task.CUSTOMER, Measure.LIFT).value())
        .isCloseTo(5 / 5.5 - 1, CLOSE);
    assertThat(result.coverage("f", Task.CUSTOMER)).isEqualTo(0.4);
    assertThat(result.figure("f", Task.CUSTOMER, Measure.NEVER_SOLD).value()).isZero();
    assertThat(result.figure("f", Task.CUSTOMER, Measure.VARIANTS).value())
        .isCloseTo((0.5 + 1) / 2, CLOSE);
    assertThat(result.figure("f", Task.CUSTOMER, Measure.SAME_CATEGORY).value()).isEqualTo(1);
    // nothing that the best sellers a1 and b1 do not have
    assertThat(result.figure("f", Task.CUSTOMER, Measure.SERENDIPITY).value()).isZero();
  }

  @Test
  void slicesWorkedByHand() throws IOException {
    EvaluationResult result = replay().run(List.of(fixed("f", "a1", "b1")));
    // sold before: anna's b1, bert's a1; never: anna's shoe, carl's b2
    assertThat(result.questions(Task.CUSTOMER, Slice.WARM)).isEqualTo(2);
    assertThat(result.figure("f", Task.CUSTOMER, Measure.RECALL, Slice.WARM).value()).isEqualTo(1);
    assertThat(result.questions(Task.CUSTOMER, Slice.COLD)).isEqualTo(2);
    assertThat(result.figure("f", Task.CUSTOMER, Measure.RECALL, Slice.COLD).value()).isZero();
    // bert bought a1 again
    assertThat(result.questions(Task.CUSTOMER, Slice.REPEAT)).isEqualTo(1);
    assertThat(result.questions(Task.CUSTOMER, Slice.FIRST)).isEqualTo(2);
    assertThat(result.questions(Task.CUSTOMER, Slice.VARIANTS)).isEqualTo(1);
    assertThat(result.questions(Task.CUSTOMER, Slice.OTHERS)).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> result.figure("f", Task.CUSTOMER, Measure.RBP, Slice.ALL))
        .withMessage("the measure is rbp, expected one of [hit_rate, recall, map, ndcg]");
  }

  @Test
  void productPagesAskForWhatTheSameCustomerBoughtWithItOrNext() throws IOException {
    EvaluationResult result = replay().run(List.of(fixed("f", "shoe", "b1")));
    // only anna bought two: on b1's page the shoe is first, on the shoe's b1
    assertThat(result.questions(Task.ITEM, Slice.ALL)).isEqualTo(2);
    assertThat(result.figure("f", Task.ITEM, Measure.MRR).value()).isEqualTo(1);
  }

  @Test
  void newProductsAreAskedForAlone() throws IOException {
    EvaluationResult result = replay().run(List.of(fixed("f", "a1", "b2", "shoe")));
    assertThat(result.questions(Task.NEW, Slice.ALL)).isEqualTo(2);
    assertThat(result.figure("f", Task.NEW, Measure.MRR).value()).isCloseTo((0.5 + 1) / 2, CLOSE);
    assertThat(result.figure("f", Task.NEW, Measure.NEVER_SOLD).value()).isEqualTo(1);
  }

  @Test
  void whatIsNotLaunchedIsNeitherShownNorAskedFor() throws IOException {
    ReplayCatalogue catalogue =
        ReplayCatalogue.builder()
            .launchBy("launch")
            .add(Product.of("a1").with("launch", "2024-01-01"), new float[] {1, 0})
            .add(Product.of("b1"), new float[] {1, 1})
            .add(Product.of("shoe").with("launch", day(1)), new float[] {0, 1})
            .build();
    Replay replay = Replay.of(history().build(), catalogue).cuts(CUT).tasks(Task.CUSTOMER);
    EvaluationResult result =
        replay.run(
            List.of(
                Baselines.popular(7),
                RecommenderSetting.named("looks", BruteForceIndex.factory())));
    assertThat(result.coverage("popular", Task.CUSTOMER)).isEqualTo(1); // of two
    assertThat(result.questions(Task.CUSTOMER, Slice.ALL)).isEqualTo(2); // anna's shoe left out
    assertThatThrownBy(() -> replay.run(List.of(fixed("f", "shoe"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the setting f answered")
        .hasMessageContaining("shoe, which was not in the catalogue then");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ReplayCatalogue.builder()
                    .launchBy("launch")
                    .add(Product.of("a").with("launch", "soon"), null)
                    .build())
        .withMessage(
            "the product a has launch \"soon\", expected the day of its launch, such as"
                + " 2020-03-01");
  }

  @Test
  void aLogAsOfACutHoldsWhatWasSoldLessWhatCameBack() {
    PurchaseHistory history =
        history().add("bert", "a1", day(-1), -1).add("bert", "b2", day(-1), -1).build();
    int[] numbers = history.productIds().stream().mapToInt(CATALOGUE::number).toArray();
    var past = new Past(history, CATALOGUE, numbers, CUT);
    assertThat(past.log().count("a1")).isEqualTo(2);
    assertThat(past.log().count("b1")).isEqualTo(2);
    assertThat(past.log().count("b2")).isZero();
    assertThat(past.log().total()).isEqualTo(4);
    assertThat(past.log().daily("a1")).hasSize(3);
    assertThat(past.clock().instant()).isBefore(CUT);
  }

  @Test
  void everyBaselineFillsItsPagesFromTheWholeCatalogue() throws IOException {
    ReplayCatalogue catalogue = Shops.catalogue(200, 5);
    PurchaseHistory history =
        new SimulatedShoppers(0.3, 0.3, 0.3, 5).shop(catalogue, 300, Shops.FIRST, Shops.DAYS);
    EvaluationResult result =
        Replay.of(history, catalogue).run(Baselines.all(BruteForceIndex.factory()));
    assertThat(result.settings()).hasSize(8);
    for (String setting : result.settings()) {
      assertThat(result.figure(setting, Task.CUSTOMER, Measure.NDCG).value())
          .as(setting)
          .isBetween(0.0, 1.0);
    }
    assertThat(result.figure("bought again", Task.CUSTOMER, Measure.VARIANTS).value())
        .isGreaterThan(result.figure("random", Task.CUSTOMER, Measure.VARIANTS).value());
    assertThat(result.figure("popular in category", Task.ITEM, Measure.SAME_CATEGORY).value())
        .isGreaterThan(0.7);
    assertThat(result.figure("random", Task.NEW, Measure.NEVER_SOLD).value()).isEqualTo(1);
  }

  @Test
  void theNumberOfThreadsChangesNothing() throws IOException {
    ReplayCatalogue catalogue = Shops.catalogue(120, 6);
    PurchaseHistory history =
        new SimulatedShoppers(0.4, 0.3, 0.2, 6).shop(catalogue, 200, Shops.FIRST, Shops.DAYS);
    Replay replay = Replay.of(history, catalogue).weekly(Shops.CUT, 2);
    List<Setting> settings = Baselines.all(BruteForceIndex.factory());
    EvaluationResult one = replay.run(settings);
    EvaluationResult three = replay.threads(3).run(settings);
    assertThat(one.cuts()).containsExactly(Shops.CUT.minus(Duration.ofDays(7)), Shops.CUT);
    for (Task task : Task.values()) {
      assertThat(three.comparisons(task)).isEqualTo(one.comparisons(task));
      for (String setting : one.settings()) {
        for (Measure measure : Measure.values()) {
          assertThat(three.figure(setting, task, measure))
              .as(setting + " " + task + " " + measure)
              .isEqualTo(one.figure(setting, task, measure));
        }
        assertThat(three.gini(setting, task)).isEqualTo(one.gini(setting, task));
      }
    }
  }

  @Test
  void whatWasMadeIsNotMadeAgain(@TempDir Path folder) throws IOException {
    var opened = new AtomicInteger();
    Setting counted =
        new Setting() {
          @Override
          public String name() {
            return "f";
          }

          @Override
          public String description() {
            return "f";
          }

          @Override
          public Answers open(Past past) {
            opened.incrementAndGet();
            return fixed("f", "a1", "b1", "b2").open(past);
          }
        };
    Replay replay = replay().resumingIn(folder.resolve("pages"));
    EvaluationResult first = replay.run(List.of(counted));
    EvaluationResult second = replay.run(List.of(counted));
    assertThat(opened).hasValue(1);
    assertThat(second.figure("f", Task.ITEM, Measure.NDCG))
        .isEqualTo(first.figure("f", Task.ITEM, Measure.NDCG));
    replay.k(3).run(List.of(counted)); // other questions
    assertThat(opened).hasValue(2);
    replay.run(List.of(fixed("f", "shoe"))); // another setting of the name
    replay.run(List.of(counted));
    assertThat(opened).hasValue(3);
    try (var files = Files.list(folder.resolve("pages"))) {
      for (Path file : files.toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
      }
    }
    replay.run(List.of(counted)); // damaged
    assertThat(opened).hasValue(4);
  }

  /** Counts how often a setting is asked to make pages. */
  private static Setting counted(Setting setting, AtomicInteger opened) {
    return new Setting() {
      @Override
      public String name() {
        return setting.name();
      }

      @Override
      public String description() {
        return setting.description();
      }

      @Override
      public Answers open(Past past) {
        opened.incrementAndGet();
        return setting.open(past);
      }
    };
  }

  private static ReplayCatalogue by(@Nullable String category, @Nullable String variants) {
    ReplayCatalogue.Builder builder = ReplayCatalogue.builder();
    if (category != null) {
      builder.categoryBy(category);
    }
    if (variants != null) {
      builder.variantsBy(variants);
    }
    for (String id : List.of("a1", "a2", "b1", "b2", "shoe")) {
      builder.add(
          Objects.requireNonNull(CATALOGUE.product(id)), CATALOGUE.features(CATALOGUE.number(id)));
    }
    return builder.build();
  }

  @Test
  void pagesOfOtherInputsAreMadeAgain(@TempDir Path folder) throws IOException {
    var opened = new AtomicInteger();
    List<Setting> settings = List.of(counted(Baselines.popularInCategory(), opened));
    int expected = 0;
    for (ReplayCatalogue catalogue :
        List.of(by("category", null), by("design", null), by(null, null), by(null, "design"))) {
      Replay replay = Replay.of(history().build(), catalogue).cuts(CUT).k(2).resumingIn(folder);
      EvaluationResult resumed = replay.run(settings);
      assertThat(opened).as(catalogue.categoryBy() + " " + expected).hasValue(++expected);
      replay.run(settings);
      assertThat(opened).hasValue(expected);
      assertThat(resumed.figure("popular in category", Task.ITEM, Measure.NDCG))
          .isEqualTo(
              Replay.of(history().build(), catalogue)
                  .cuts(CUT)
                  .k(2)
                  .run(settings)
                  .figure("popular in category", Task.ITEM, Measure.NDCG));
      expected = opened.get();
    }
  }

  @Test
  void pagesOfOtherQuestionsAreMadeAgain(@TempDir Path folder) throws IOException {
    var opened = new AtomicInteger();
    List<Setting> settings = List.of(counted(fixed("f", "a1", "b1"), opened));
    Replay replay = replay().tasks(Task.CUSTOMER).resumingIn(folder);
    replay.run(settings);
    replay.recent(1).run(settings); // bert bought two
    assertThat(opened).hasValue(2);
  }

  @Test
  void pagesOfOtherFeaturesAreMadeAgain(@TempDir Path folder) throws IOException {
    var opened = new AtomicInteger();
    for (float last : new float[] {0.1f, 0.2f}) {
      Map<String, float[]> features = Map.of("a1", new float[] {1, 0}, "b1", new float[] {1, last});
      RecommenderSetting setting =
          RecommenderSetting.named("looks", BruteForceIndex.factory())
              .features("rows.npy", features);
      replay().resumingIn(folder).run(List.of(counted(setting, opened)));
    }
    assertThat(opened).hasValue(2);
    RecommenderSetting looks = RecommenderSetting.named("looks", BruteForceIndex.factory());
    Map<String, float[]> swapped = Map.of("a", new float[] {1}, "b", new float[] {2});
    assertThat(
            looks.features("f", Map.of("b", new float[] {2}, "a", new float[] {1})).description())
        .isEqualTo(looks.features("f", swapped).description())
        .isNotEqualTo(
            looks.features("f", Map.of("a", new float[] {2}, "b", new float[] {1})).description());
  }

  @Test
  void whatAShopRefusesIsSaid() {
    Map<String, float[]> features =
        Map.of("a1", new float[] {1, 0}, "b1", new float[] {Float.NaN, 0});
    RecommenderSetting setting =
        RecommenderSetting.named("looks", BruteForceIndex.factory()).features("broken", features);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> replay().run(List.of(setting)))
        .withMessageStartingWith("the setting looks: the product b1 cannot be shown: ")
        .withMessageContaining("NaN");
  }

  @Test
  void cutsMayComeInAnyOrder() throws IOException {
    ReplayCatalogue catalogue =
        ReplayCatalogue.builder()
            .launchBy("launch")
            .add(Product.of("a1"), null)
            .add(Product.of("b1"), null)
            .add(Product.of("b2").with("launch", CUT.plus(Duration.ofDays(2))), null)
            .build();
    Replay replay = Replay.of(history().build(), catalogue).k(2).tasks(Task.CUSTOMER);
    List<Setting> settings = List.of(fixed("f", "a1", "b1"));
    EvaluationResult rising = replay.cuts(CUT, day(4)).run(settings);
    EvaluationResult falling = replay.cuts(day(4), CUT).run(settings);
    assertThat(falling.cuts()).containsExactly(CUT, day(4));
    assertThat(rising.coverage("f", Task.CUSTOMER)).isCloseTo(2 / 3.0, CLOSE);
    assertThat(falling.coverage("f", Task.CUSTOMER)).isCloseTo(2 / 3.0, CLOSE);
    assertThat(falling.gini("f", Task.CUSTOMER)).isEqualTo(rising.gini("f", Task.CUSTOMER));
  }

  @Test
  void aHistoryOfTooFewDaysIsToldOf() throws IOException {
    PurchaseHistory short1 = PurchaseHistory.builder().add("anna", "a1", day(1), 1).build();
    PurchaseHistory short2 =
        PurchaseHistory.builder().add("anna", "a1", day(1), 1).add("anna", "b1", day(2), 1).build();
    for (PurchaseHistory few : List.of(short1, short2)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Replay.of(few, CATALOGUE).run(List.of(fixed("f", "a1"))))
          .withMessageStartingWith("the cut is 2024-02-")
          .withMessageContaining(
              ", expected a time with purchases before and after it, from " + day(1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Replay.of(few, CATALOGUE).leaks(h -> fixed("f", "a1")));
    }
    EvaluationResult result =
        Replay.of(short2, CATALOGUE).cuts(day(2)).run(List.of(fixed("f", "a1")));
    assertThat(result.questions(Task.CUSTOMER, Slice.ALL)).isEqualTo(1);
  }

  /** The customers' pages of a history that a test adds to, one product each. */
  private static EvaluationResult firstOf(PurchaseHistory.Builder history, Setting... settings)
      throws IOException {
    ReplayCatalogue catalogue =
        ReplayCatalogue.builder()
            .add(Product.of("c"), null)
            .add(Product.of("b"), null)
            .add(Product.of("a"), null)
            .build();
    history.add("zoe", "a", day(2), 1);
    return Replay.of(history.build(), catalogue)
        .cuts(CUT)
        .k(1)
        .tasks(Task.CUSTOMER)
        .run(List.of(settings));
  }

  /** All three sold once, so that a, the first by its id, is the best seller. */
  @Test
  void theBestSellersOfSerendipityAreThoseOfTheBaseline() throws IOException {
    PurchaseHistory.Builder history = PurchaseHistory.builder();
    for (String id : List.of("c", "b", "a")) {
      history.add("anna", id, day(-1), 1);
    }
    EvaluationResult result = firstOf(history, Baselines.popular(7));
    assertThat(result.figure("popular", Task.CUSTOMER, Measure.HIT_RATE).value()).isEqualTo(1);
    assertThat(result.figure("popular", Task.CUSTOMER, Measure.SERENDIPITY).value()).isZero();
  }

  @Test
  void newIsWhatFirstSoldNotLongAgo() throws IOException {
    PurchaseHistory.Builder history =
        PurchaseHistory.builder()
            .add("anna", "b", day(-60), -1) // sold before the history begins
            .add("anna", "a", day(-60), 1)
            .add("bert", "a", day(-3), 1)
            .add("bert", "b", day(-5), 2);
    EvaluationResult result =
        firstOf(history, fixed("never", "c"), fixed("new", "b"), fixed("old", "a"));
    assertThat(result.figure("never", Task.CUSTOMER, Measure.NEVER_SOLD).value()).isEqualTo(1);
    assertThat(result.figure("never", Task.CUSTOMER, Measure.NEW).value()).isZero();
    assertThat(result.figure("new", Task.CUSTOMER, Measure.NEW).value()).isEqualTo(1);
    assertThat(result.figure("old", Task.CUSTOMER, Measure.NEW).value()).isZero();
    EvaluationResult cameBack =
        firstOf(
            PurchaseHistory.builder().add("anna", "a", day(-60), 1).add("anna", "b", day(-5), -1),
            fixed("back", "b"));
    assertThat(cameBack.figure("back", Task.CUSTOMER, Measure.NEW).value()).isZero();
  }

  @Test
  void whatCameBackBeforeASaleOfTheWeekCountsAgainstIt() throws IOException {
    PurchaseHistory.Builder history =
        PurchaseHistory.builder()
            .add("anna", "c", day(-60), 9)
            .add("anna", "c", day(-3), -3)
            .add("bert", "c", day(-2), 2)
            .add("bert", "a", day(-1), 1);
    EvaluationResult result = firstOf(history, Baselines.popular(7));
    assertThat(result.figure("popular", Task.CUSTOMER, Measure.HIT_RATE).value()).isEqualTo(1);
  }

  @Test
  void readsBothKindsOfFiles(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("purchases.csv"),
        "product,time,customer,quantity\na,2024-01-02,anna,2\nb,2024-01-01,,\n");
    PurchaseHistory history =
        PurchaseHistory.of(
            PurchasesCsv.of(folder.resolve("purchases.csv")),
            report -> assertThat(report.accepted()).isEqualTo(2));
    assertThat(history.first()).isEqualTo("2024-01-01T00:00:00Z");
    assertThat(history.quantity(1)).isEqualTo(2);
    assertThat(history.customer(0)).isEqualTo(PurchaseHistory.NOBODY);
    assertThat(history.customers()).isEqualTo(1);
    Files.writeString(
        folder.resolve("transactions_train.csv"),
        "t_dat,customer_id,article_id\n2020-09-01,x,0000000001\n2020-09-02,x,1\n");
    PurchaseHistory hm =
        PurchaseHistory.of(
            HmDataset.in(folder), report -> assertThat(report.problems()).hasSize(1));
    assertThat(hm.productIds()).containsExactly("0000000001");
    assertThat(hm.size()).isEqualTo(1);
  }

  @Test
  void progressReachesItsTotal() throws IOException {
    var told = new ArrayList<Long>();
    replay().progress((what, done, total) -> told.add(total - done)).run(List.of(fixed("f", "a1")));
    assertThat(told).last().isEqualTo(0L);
  }

  @Test
  void saysWhatItExpects() {
    Map<String, Runnable> wrong =
        Map.of(
            "the cut is 2030-01-01T00:00:00Z, expected a time with purchases before and after it,"
                + " from 2024-02-24T00:00:00Z to 2024-03-04T00:00:00Z",
            () -> replay().cuts(Instant.parse("2030-01-01T00:00:00Z")),
            "the cut is 2024-03-01T00:00:00.500Z, expected whole seconds",
            () -> replay().cuts(CUT.plusMillis(500)),
            "k is 0, expected 1 or more",
            () -> replay().k(0),
            "customers is 0.0, expected more than 0 and at most 1",
            () -> replay().customers(0),
            "window is PT0S, expected more than 0",
            () -> replay().window(Duration.ZERO),
            "there are no settings, expected 1 or more",
            () -> run(replay()),
            "two settings are called f; give each a name of its own",
            () -> run(replay(), fixed("f", "a1"), fixed("f", "b1")),
            "the product a1 was added twice",
            () -> ReplayCatalogue.builder().add(Product.of("a1"), null).add(Product.of("a1"), null),
            "a purchase of a has 0 pieces, expected 1 or more",
            () -> PurchaseHistory.builder().add("c", "a", CUT, 0));
    wrong.forEach(
        (message, call) ->
            assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(message));
    assertThatThrownBy(() -> Replay.of(PurchaseHistory.builder().build(), CATALOGUE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("there are no purchases");
    assertThatThrownBy(() -> run(replay(), fixed("f", "a1", "a1")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a1 twice");
  }

  private static void run(Replay replay, Setting... settings) {
    try {
      replay.run(List.of(settings));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
