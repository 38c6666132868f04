package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Blend;
import io.lookalike.NeverSold;
import io.lookalike.Popularity;
import io.lookalike.PopularityReranker;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Shoppers whose reasons are known: does the evaluation find them? */
class PlantedTruthTest {

  private static final long SEED = 3;
  private static final int FUTURE_CUSTOMERS = 100;
  private static final ReplayCatalogue CATALOGUE = Shops.catalogue(400, SEED);

  private static final Setting LOOKS = RecommenderSetting.named("looks", BruteForceIndex.factory());

  private static final Setting TOGETHER =
      RecommenderSetting.named("together", BruteForceIndex.factory())
          .transform(CatalogueTransform.byCatalogueSize())
          .rankedBy(PopularityReranker.balanced().boughtTogether(0.5));

  private static PurchaseHistory shop(double looks, double popularity, double together) {
    return new SimulatedShoppers(looks, popularity, together, SEED)
        .shop(CATALOGUE, 1_500, Shops.FIRST, Shops.DAYS);
  }

  private static EvaluationResult evaluate(PurchaseHistory history, List<Setting> settings)
      throws IOException {
    return Replay.of(history, CATALOGUE).cuts(Shops.CUT).threads(2).run(settings);
  }

  @Test
  void theReasonThatIsStrongestWins() throws IOException {
    List<Setting> settings =
        List.of(Baselines.random(1), Baselines.popular(28), LOOKS, Baselines.coPurchase());
    for (Map.Entry<String, PurchaseHistory> each :
        Map.of(
                "looks", shop(0.7, 0.1, 0.1),
                "popular", shop(0.1, 0.7, 0),
                "co-purchase", shop(0, 0.2, 0.7))
            .entrySet()) {
      EvaluationResult result = evaluate(each.getValue(), settings);
      List<String> ranking = List.copyOf(result.ranking(Task.ITEM).keySet());
      assertThat(ranking.get(0)).as("seed " + SEED + ", " + ranking).isEqualTo(each.getKey());
      assertThat(result.comparisons(Task.ITEM))
          .as("the best and the worst differ")
          .first()
          .matches(EvaluationResult.Comparison::significant)
          .extracting(EvaluationResult.Comparison::one)
          .isEqualTo(each.getKey());
      assertThat(result.figure("random", Task.ITEM, Measure.NDCG).value()).isLessThan(0.05);
    }
  }

  @Test
  void theBestBlendMovesWithTheReasons() throws IOException {
    var best = new ArrayList<Double>();
    double[][] reasons = {{0.9, 0.05}, {0.45, 0.45}, {0.05, 0.9}};
    for (double[] reason : reasons) {
      List<Setting> settings = new ArrayList<>();
      for (double weight : new double[] {0, 0.5, 1}) {
        settings.add(
            RecommenderSetting.named("" + weight, BruteForceIndex.factory())
                .rankedBy(
                    PopularityReranker.balanced()
                        .by(Popularity.purchases())
                        .neverSold(NeverSold.keep())
                        .blend(Blend.ranks(weight)))
                .shop("all are candidates", s -> s.candidates(400)));
      }
      Map<String, Double> ranking =
          evaluate(shop(reason[0], reason[1], 0), settings).ranking(Task.ITEM);
      best.add(
          Double.valueOf(
              ranking.entrySet().stream()
                  .max(Comparator.comparingDouble(Map.Entry::getValue))
                  .orElseThrow()
                  .getKey()));
    }
    assertThat(best.get(0)).as("seed " + SEED + ": " + best).isLessThan(best.get(2));
    assertThat(best).isSorted();
  }

  /** Where shoppers buy what goes together, a shop that goes by it finds what looks do not. */
  @Test
  void aShopThatGoesByCoPurchasesFindsThem() throws IOException {
    List<Setting> settings =
        List.of(LOOKS, Baselines.ours(BruteForceIndex.factory()), TOGETHER, Baselines.coPurchase());
    EvaluationResult result = evaluate(shop(0.2, 0.1, 0.6), settings);
    EvaluationAssert.assertThat(result)
        .in(Task.ITEM)
        .isBetter("together", "our default", Measure.NDCG)
        .isBetter("together", "looks", Measure.NDCG);
    EvaluationResult without = evaluate(shop(0.8, 0.2, 0), settings);
    EvaluationAssert.assertThat(without)
        .in(Task.NEW)
        .isNotWorse("together", "our default", Measure.MAP);
  }

  @Test
  void nothingAfterTheCutChangesAnAnswer() {
    Replay replay = Replay.of(shop(0.4, 0.3, 0.2), CATALOGUE).cuts(Shops.CUT);
    List<Setting> all = new ArrayList<>(Baselines.all(BruteForceIndex.factory()));
    all.add(TOGETHER);
    for (Setting setting : all) {
      assertThat(replay.leaks(history -> setting)).as(setting.name()).isEmpty();
    }
  }

  @Test
  void aLeakPutInOnPurposeIsCaught() throws IOException {
    PurchaseHistory history = shop(0.4, 0.3, 0.2);
    Replay replay = Replay.of(history, CATALOGUE).cuts(Shops.CUT);
    assertThat(replay.leaks(Clairvoyant::new)).isNotEmpty();
    EvaluationResult result = replay.run(List.of(new Clairvoyant(history), Baselines.popular(7)));
    assertThat(result.ranking(Task.CUSTOMER).keySet()).first().isEqualTo("clairvoyant");
  }

  /** Shows what sells best in the week after the cut. */
  private record Clairvoyant(PurchaseHistory history) implements Setting {
    @Override
    public String name() {
      return "clairvoyant";
    }

    @Override
    public String description() {
      return "knows the future";
    }

    @Override
    public Answers open(Past past) {
      var sold = new long[CATALOGUE.size()];
      for (int row = history.before(past.at()); row < history.size(); row++) {
        sold[CATALOGUE.number(history.productIds().get(history.product(row)))]++;
      }
      List<String> best =
          past.products().stream()
              .map(p -> p.id())
              .sorted(Comparator.comparingLong(id -> -sold[CATALOGUE.number(id)]))
              .toList();
      return question ->
          best.stream()
              .filter(id -> !id.equals(question.consulted()))
              .filter(id -> !question.newOnly() || past.sold(id) == 0)
              .limit(question.k())
              .toList();
    }
  }

  /** In 200 replays of shops with one past and different futures, 95 % hold what is true of all. */
  @Test
  void intervalsCoverAtTheNominalRate() throws IOException {
    PurchaseHistory past =
        new SimulatedShoppers(0.4, 0.4, 0, SEED).shop(CATALOGUE, 400, Shops.FIRST, Shops.DAYS);
    PurchaseHistory others =
        new SimulatedShoppers(0.4, 0.4, 0, SEED)
            .shop(CATALOGUE, 200 * FUTURE_CUSTOMERS, Shops.CUT, 7);
    var futures = new ArrayList<List<Integer>>();
    for (int run = 0; run < 200; run++) {
      futures.add(new ArrayList<>());
    }
    for (int row = 0; row < others.size(); row++) {
      futures.get(others.customer(row) / FUTURE_CUSTOMERS).add(row);
    }
    var intervals = new ArrayList<Interval>();
    for (List<Integer> future : futures) {
      intervals.add(futureOf(past, others, future));
    }
    double truth = intervals.stream().mapToDouble(Interval::value).average().orElseThrow();
    long held = intervals.stream().filter(interval -> interval.contains(truth)).count();
    assertThat(held).as("of 200, seed " + SEED).isBetween(180L, 199L);
  }

  /** How well best sellers do with other customers after the cut, who buy for the same reasons. */
  private static Interval futureOf(
      PurchaseHistory past, PurchaseHistory others, List<Integer> future) throws IOException {
    PurchaseHistory.Builder both = PurchaseHistory.builder();
    for (int row = 0; row < past.before(Shops.CUT); row++) {
      both.add("past", past.productIds().get(past.product(row)), past.time(row), 1);
    }
    for (int row : future) {
      both.add(
          others.customerId(others.customer(row)),
          others.productIds().get(others.product(row)),
          others.time(row),
          1);
    }
    return Replay.of(both.build(), CATALOGUE)
        .cuts(Shops.CUT)
        .tasks(Task.CUSTOMER)
        .run(List.of(Baselines.popular(60)))
        .figure("popular", Task.CUSTOMER, Measure.NDCG);
  }
}
