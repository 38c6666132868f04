package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.PopularityReranker;
import io.lookalike.catalog.Product;
import io.lookalike.evaluation.Baselines;
import io.lookalike.evaluation.EvaluationAssert;
import io.lookalike.evaluation.EvaluationReport;
import io.lookalike.evaluation.EvaluationResult;
import io.lookalike.evaluation.Experiment;
import io.lookalike.evaluation.LooksEvaluation;
import io.lookalike.evaluation.Measure;
import io.lookalike.evaluation.PurchaseHistory;
import io.lookalike.evaluation.RecommenderSetting;
import io.lookalike.evaluation.Replay;
import io.lookalike.evaluation.ReplayCatalogue;
import io.lookalike.evaluation.Setting;
import io.lookalike.evaluation.SimulatedShoppers;
import io.lookalike.evaluation.Task;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shop's build that fails when a change makes recommendations worse. */
class EvaluationTest {

  private static final ReplayCatalogue CATALOGUE = catalogue();

  private static ReplayCatalogue catalogue() {
    var random = new Random(1);
    ReplayCatalogue.Builder builder =
        ReplayCatalogue.builder().categoryBy("category").variantsBy("product_code");
    for (int i = 0; i < 120; i++) {
      var features = new float[16];
      for (int d = 0; d < features.length; d++) {
        features[d] = (float) random.nextGaussian() + (d == i % 6 ? 4 : 0);
      }
      builder.add(
          Product.of("p" + i).with("category", "c" + i % 6).with("product_code", "d" + i / 2),
          features);
    }
    return builder.build();
  }

  private static final PurchaseHistory HISTORY =
      new SimulatedShoppers(0.6, 0.2, 0.1, 1)
          .shop(CATALOGUE, 300, Instant.parse("2024-04-01T00:00:00Z"), 70);

  @Test
  void settingsAreComparedAndReported(@TempDir Path folder) throws IOException {
    PurchaseHistory history = HISTORY;
    ReplayCatalogue catalogue = CATALOGUE;
    // snippet: replay
    EvaluationResult result =
        Replay.of(history, catalogue)
            .weekly(Instant.parse("2024-06-01T00:00:00Z"), 4)
            .threads(2)
            .run(List.of(Baselines.popular(7), Baselines.ours(BruteForceIndex.factory())));
    EvaluationReport.of(result).write(folder.resolve("report"));
    // end
    assertThat(folder.resolve("report/evaluation.html")).exists();
  }

  @Test
  void aChangeIsNotWorse() throws IOException {
    // snippet: evaluation-assert
    Setting before =
        RecommenderSetting.named("before", BruteForceIndex.factory())
            .rankedBy(PopularityReranker.byPurchases());
    Setting after =
        RecommenderSetting.named("after", BruteForceIndex.factory())
            .rankedBy(PopularityReranker.balanced())
            .shop("24 candidates", shop -> shop.candidates(24));
    EvaluationResult result = Replay.of(HISTORY, CATALOGUE).run(List.of(before, after));
    EvaluationAssert.assertThat(result).in(Task.ITEM).isNotWorse("after", "before", Measure.NDCG);
    // end
  }

  @Test
  void featuresAreComparedWithoutPurchases() {
    ReplayCatalogue catalogue = CATALOGUE;
    // snippet: looks
    LooksEvaluation asIs = LooksEvaluation.of(catalogue, 10);
    LooksEvaluation whitened = asIs.transformed(CatalogueTransform.whitening(512, 0.25), 1);
    asIs.sameCategory(); // how many of the 10 nearest are of the product's category
    asIs.heldOut(1).variants(); // whether another variant is among them...
    whitened.variants(); // ...and with a transform, of designs that it was not fitted to
    asIs.heldOut(1).overlap(whitened); // how many of the nearest both find
    // end
    assertThat(asIs.sameCategory().value()).isGreaterThan(0.5);
  }

  @Test
  void customersAreDividedAndCounted() {
    String customerId = "4711";
    // snippet: experiment
    Experiment experiment = Experiment.named("blend-2024-06", List.of("as it was", "more looks"));
    String arm = experiment.arm(customerId); // by a hash: for good, on every machine
    experiment.shown(customerId); // a page of this arm
    experiment.succeeded(customerId); // somebody bought from it
    Experiment.Report report = experiment.report("more looks", "as it was");
    // end
    assertThat(experiment.count(arm)).isEqualTo(new Experiment.Count(1, 1));
    assertThat(report.significant()).isFalse();
  }
}
