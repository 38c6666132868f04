package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Product;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureSet;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.DataInput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NightlyRefitTest {

  private static final long SEED = 7;

  @TempDir private Path folder;

  @Test
  void pagesAndChangesGoOnAndNothingIsLost() throws Exception {
    var rule = new SlowRule(CatalogueTransform.pca(2));
    Path store = folder.resolve("store");
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (Recommender shop = settings(rule).store(store).build()) {
      var random = new Random(SEED);
      for (int i = 0; i < 50; i++) {
        shop.add(Product.of("p" + i).with("stock", 1), features(random));
      }

      ScheduledFuture<?> nights = NightlyRefit.begin(shop, Duration.ZERO, timer);
      rule.begun.await();
      // The refit is under way, and ends only after all this.
      shop.add(Product.of("new").with("stock", 9), features(random));
      shop.update("p1", a -> a.with("stock", 2));
      shop.remove("p2");
      assertThat(shop.similarTo("p0", 10)).as("seed %d", SEED).hasSize(10);
      rule.goOn.countDown();
      nights.cancel(false);
      timer.shutdown();
      assertThat(timer.awaitTermination(50, TimeUnit.SECONDS)).isTrue();

      assertThat(shop.transform().outputDimension()).isEqualTo(2);
      check(shop);
    } finally {
      timer.shutdownNow();
    }
    try (Recommender opened = settings(CatalogueTransform.pca(2)).store(store).build()) {
      assertThat(opened.transform().outputDimension()).isEqualTo(2);
      check(opened);
    }
  }

  private static void check(Recommender shop) {
    assertThat(shop.size()).as("seed %d", SEED).isEqualTo(50);
    assertThat(shop.product("p2")).isEmpty();
    assertThat(shop.product("p1").orElseThrow().attributes().wholeNumber("stock")).hasValue(2);
    assertThat(shop.similarTo("new", 49)).as("seed %d", SEED).hasSize(49);
  }

  private static RecommenderBuilder settings(FeatureTransform.Rule rule) {
    return Recommender.builder().dimension(3).index(BruteForceIndex.factory()).transform(rule);
  }

  private static float[] features(Random random) {
    return new float[] {random.nextFloat(), random.nextFloat(), random.nextFloat()};
  }

  /** Fits when it is told to go on. */
  private static final class SlowRule implements FeatureTransform.Rule {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    private final FeatureTransform.Rule rule;

    SlowRule(FeatureTransform.Rule rule) {
      this.rule = rule;
    }

    @Override
    public String name() {
      return rule.name();
    }

    @Override
    public FeatureTransform fit(FeatureSet features) {
      begun.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return rule.fit(features);
    }

    @Override
    public FeatureTransform read(DataInput in) throws IOException {
      return rule.read(in);
    }
  }
}
