package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lookalike.Blend;
import io.lookalike.NeverSold;
import io.lookalike.Popularity;
import io.lookalike.PopularityReranker;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsSearchTest {

  private static final long SEED = 11;
  private static final ReplayCatalogue CATALOGUE = Shops.catalogue(300, SEED);

  private static final List<List<Double>> CHOICES =
      List.of(List.of(24.0, 48.0, 96.0), List.of(1.0, 0.0, 0.25, 0.5, 0.75));

  private static Replay replay(double looks, double popularity) {
    PurchaseHistory history =
        new SimulatedShoppers(looks, popularity, 0, SEED)
            .shop(CATALOGUE, 1_200, Shops.FIRST, Shops.DAYS);
    return Replay.of(history, CATALOGUE).cuts(Shops.CUT).threads(2);
  }

  private static Setting setting(List<Double> choice) {
    return RecommenderSetting.named(choice.toString(), BruteForceIndex.factory())
        .rankedBy(
            PopularityReranker.balanced()
                .by(Popularity.purchases())
                .neverSold(NeverSold.keep())
                .blend(Blend.ranks(choice.get(1))))
        .shop(choice.get(0) + " candidates", shop -> shop.candidates(choice.get(0).intValue()));
  }

  /** Where shoppers go by looks, it leaves popularity, which it begins with. */
  @Test
  void itGoesToWhereTheReasonsAreAndStopsByItself() throws IOException {
    var told = new ArrayList<SettingsSearch.Step>();
    Replay replay = replay(0.9, 0.05);
    SettingsSearch.Found found =
        SettingsSearch.of(replay, Task.ITEM).run(CHOICES, SettingsSearchTest::setting, told::add);
    assertThat(found.steps()).as("seed " + SEED).isNotEmpty().isEqualTo(told);
    assertThat(found.tried()).isLessThan(15);
    assertThat(found.steps())
        .allSatisfy(
            step -> {
              assertThat(step.difference()).isPositive();
              assertThat(step.p()).isLessThan(0.05);
              assertThat(step.tried()).isPositive();
            });
    assertThat(found.steps().get(0).from()).isEqualTo("[24.0, 1.0]");
    assertThat(found.steps().get(found.steps().size() - 1).to()).isEqualTo(found.setting().name());
    EvaluationAssert.assertThat(
            replay.tasks(Task.ITEM).run(List.of(setting(List.of(24.0, 1.0)), found.setting())))
        .in(Task.ITEM)
        .isBetter(found.setting().name(), "[24.0, 1.0]", Measure.NDCG);
  }

  @Test
  void whereNothingIsToldApartTheFirstOneStays() throws IOException {
    SettingsSearch search = SettingsSearch.of(replay(0.5, 0.2), Task.ITEM);
    SettingsSearch.Found found =
        search.run(List.of(List.of("a", "b", "c")), choice -> same(choice.get(0)));
    assertThat(found.setting().name()).isEqualTo("a");
    assertThat(found.steps()).isEmpty();
    assertThat(found.tried()).isEqualTo(3);
    assertThat(search.run(List.of(), choice -> same("alone")).tried()).isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.run(List.of(List.of("a"), List.of()), choice -> same("a")))
        .withMessage("choice 1 has no values, expected 1 or more");
  }

  private static Setting same(String name) {
    return RecommenderSetting.named(name, BruteForceIndex.factory());
  }
}
