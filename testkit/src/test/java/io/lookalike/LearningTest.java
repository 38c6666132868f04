package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Product;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A shop that is taught by its own variants. */
class LearningTest {

  private static final int DIMENSION = 24;

  private static RecommenderBuilder builder() {
    return Recommender.builder().dimension(DIMENSION).index(NaiveIndex.factory());
  }

  /** Photos of one design differ most along the first 6 directions. */
  private static void fill(Recommender shop, long seed) {
    var random = new Random(seed);
    var base = new float[DIMENSION];
    for (int i = 0; i < 240; i++) {
      var features = new float[DIMENSION];
      for (int j = 0; j < DIMENSION; j++) {
        if (i % 3 == 0) {
          base[j] = j < 6 ? 0 : (float) random.nextGaussian();
        }
        features[j] = base[j] + (float) ((j < 6 ? 4 : .2) * random.nextGaussian());
      }
      shop.add(Product.of(String.format("p%03d", i)).with("design", i / 3), features);
    }
  }

  private static long found(Recommender shop) {
    long found = 0;
    for (Product product : shop.products()) {
      String nearest = shop.similarTo(product.id(), 1).get(0).id();
      if (shop.product(nearest)
          .orElseThrow()
          .attributes()
          .get("design")
          .equals(product.attributes().get("design"))) {
        found++;
      }
    }
    return found;
  }

  @Test
  void aShopThatKnowsItsVariantsLearnsFromThem() {
    try (Recommender shop = builder().variantsBy("design", VariantPolicy.KEEP).build()) {
      fill(shop, 1);
      long before = found(shop);
      FeatureTransform learnt = shop.refit();
      assertThat(learnt.check().orElseThrow().chosen()).isEqualTo("within design");
      assertThat(found(shop)).as("before: %d of 240", before).isGreaterThan(before + 100);
      assertThat(shop.toString()).contains("within 80 groups of equal design");
    }
  }

  @Test
  void aShopMayWantNoTransform() {
    try (Recommender shop =
        builder()
            .variantsBy("design", VariantPolicy.KEEP)
            .transform(FeatureTransform.Rule.NONE)
            .build()) {
      fill(shop, 2);
      assertThat(shop.refit()).isEqualTo(FeatureTransform.identity(DIMENSION));
    }
  }

  /** A store made before variants were known learns from them at its next refit. */
  @Test
  void aStoreOpenedWithAnotherRuleIsFittedByIt() {
    var store = new MemoryStore();
    try (Recommender shop =
        builder().transform(CatalogueTransform.byCatalogueSize()).store(store).build()) {
      fill(shop, 3);
      shop.refit();
    }
    store = store.reopened();
    try (Recommender shop =
        builder().variantsBy("design", VariantPolicy.KEEP).store(store).build()) {
      assertThat(shop.transform().check()).isEmpty();
      shop.refit();
      assertThat(shop.transform().check()).isPresent();
    }
    for (FeatureTransform.Rule rule :
        new FeatureTransform.Rule[] {
          CatalogueTransform.byDesigns("design"), CatalogueTransform.pca(20)
        }) {
      store = store.reopened();
      try (Recommender shop = builder().transform(rule).store(store).build()) {
        assertThat(shop.transform().check().orElseThrow().chosen()).isEqualTo("within design");
        assertThat(found(shop)).isGreaterThan(200);
      }
    }
  }
}
