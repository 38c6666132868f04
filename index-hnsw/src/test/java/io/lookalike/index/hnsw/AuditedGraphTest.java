package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.AuditReport;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.math.UnitVector;
import io.lookalike.store.CatalogueStore;
import io.lookalike.testkit.MemoryStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A graph that searches miss much of, as it has few links and looks at few nodes. */
@Tag("once")
class AuditedGraphTest {

  private static final int DIMENSION = 24;
  private static final int PRODUCTS = 6_500;

  private static Recommender shop(CatalogueStore store) {
    return shop(store, 12);
  }

  private static Recommender shop(CatalogueStore store, int m) {
    return Recommender.builder()
        .dimension(DIMENSION)
        .index(HnswIndex.builder().m(m).efConstruction(24).efSearch(31).factory())
        .store(store)
        .build();
  }

  private static List<ProductFeatures> products(long seed, int from, int to, float center) {
    var random = new Random(seed);
    var products = new ArrayList<ProductFeatures>();
    for (int i = from; i < to; i++) {
      var vector = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] = center + (float) random.nextGaussian();
      }
      products.add(new ProductFeatures(Product.of("p" + i), vector));
    }
    return products;
  }

  @Test
  void whatHasChangedIsAuditedAgain(@TempDir Path folder) throws Exception {
    MemoryStore store = MemoryStore.in(folder);
    try (Recommender shop = shop(store)) {
      shop.addAll(products(3, 0, PRODUCTS, 0));
      assertThat(shop.audited()).isZero();
      AuditReport some = shop.audit(0, PRODUCTS / 2);
      assertThat(some.audited()).isBetween(.45, .5).isEqualTo(shop.audited());
      AuditReport rest = shop.auditChanges();
      assertThat(rest.pages()).isBetween(PRODUCTS / 2L, (long) PRODUCTS);
      assertThat(rest.rightPages() + rest.mendedPages()).isEqualTo(rest.pages());
      assertThat(shop.audited()).isEqualTo(1);
      assertThat(shop.auditChanges().pages()).as("nothing has changed").isZero();
      shop.update("p7", a -> a.with("n", 7));
      assertThat(shop.audited()).as("it looks the same").isEqualTo(1);
      shop.addAll(products(4, PRODUCTS, PRODUCTS + 20, 0));
      shop.addAll(products(5, 0, 5, 0)); // with other vectors
      assertThat(shop.audited()).isLessThan(1).isGreaterThan(.99);
      AuditReport changed = shop.auditChanges();
      assertThat(changed.searched()).isEqualTo(25);
      assertThat(changed.pages()).as("and what is near").isBetween(26L, 25 * 11L);
      assertThat(shop.audited()).isEqualTo(1);
    }
    try (Recommender shop = shop(store.reopened())) {
      assertThat(shop.audited()).as("it is in the index file").isEqualTo(1);
      shop.optimize();
      assertThat(shop.audited()).as("another graph").isZero();
    }
  }

  /** Half of the products lie so close together that a search for more finds others. */
  @ParameterizedTest
  @ValueSource(longs = {7, 8})
  void pagesOfTenAreRightAfterAnAuditOfAll(long seed) {
    var random = new Random(seed);
    float[] wide = gaussian(random, 32);
    float[] narrow = gaussian(random, 32);
    var products = new ArrayList<ProductFeatures>();
    for (int i = 0; i < 3_000; i++) {
      float[] vector = gaussian(random, 32);
      for (int d = 0; d < 32; d++) {
        vector[d] = i < 1_500 ? wide[d] + .3f * vector[d] : narrow[d] + .02f * vector[d];
      }
      products.add(new ProductFeatures(Product.of("p" + i), vector));
    }
    List<UnitVector> vectors =
        products.stream().map(product -> UnitVector.of(product.features())).toList();
    try (Recommender shop =
        Recommender.builder().dimension(32).index(HnswIndex.factory()).build()) {
      shop.addAll(products);
      shop.audit(Integer.MAX_VALUE, Integer.MAX_VALUE);
      assertThat(shop.audit(Integer.MAX_VALUE, Integer.MAX_VALUE).recall()).isEqualTo(1);
      var similarities = new float[vectors.size()];
      for (int i = 0; i < vectors.size(); i += 3) {
        UnitVector asked = vectors.get(i);
        asked.cosines(vectors, similarities);
        float[] sorted = similarities.clone();
        sorted[i] = -2;
        Arrays.sort(sorted);
        float tenth = sorted[sorted.length - 10];
        List<String> page = shop.recommend(RecommendationRequest.like("p" + i).k(10)).ids();
        assertThat(page)
            .as("p%d, seed %d", i, seed)
            .hasSize(10)
            .allMatch(id -> similarities[Integer.parseInt(id.substring(1))] >= tenth - 3e-6f);
      }
    }
  }

  private static float[] gaussian(Random random, int dimension) {
    var vector = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      vector[d] = (float) random.nextGaussian();
    }
    return vector;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatPagesMissIsConnected(long seed) {
    try (Recommender shop = shop(new MemoryStore())) {
      shop.addAll(products(seed, 0, PRODUCTS, 0));
      AuditReport first = shop.audit(Integer.MAX_VALUE, Integer.MAX_VALUE);
      assertThat(first.healthy()).as("seed %s: %s", seed, first).isTrue();
      assertThat(first.rightPages()).as("seed %s", seed).isLessThan(PRODUCTS - 300);
      checkMended(first, seed);
      AuditReport second = shop.audit(Integer.MAX_VALUE, Integer.MAX_VALUE);
      assertThat(second.unfindable().number()).as("seed %s: %s", seed, second).isZero();
      assertThat(second.rightPages()).as("seed %s: %s", seed, second).isEqualTo(PRODUCTS);
    }
  }

  @Test
  void whatCameSinceIsConnectedToo() {
    long seed = 4;
    try (Recommender shop = shop(new MemoryStore())) {
      shop.addAll(products(seed, 0, PRODUCTS, 0));
      shop.audit(Integer.MAX_VALUE, Integer.MAX_VALUE);
      products(5, PRODUCTS, PRODUCTS + 300, .5f)
          .forEach(each -> shop.add(each.product(), each.features()));
      AuditReport after = shop.audit(Integer.MAX_VALUE, Integer.MAX_VALUE);
      assertThat(after.healthy()).as("%s", after).isTrue();
      checkMended(after, seed);
    }
  }

  /** One that is the mean of all is where more searches end than can be noted at it. */
  @Test
  void searchesThatEndAtOneProductFindTheirOwn() {
    long seed = 8;
    List<ProductFeatures> products = products(seed, 0, PRODUCTS, .75f);
    var mean = new float[DIMENSION];
    Arrays.fill(mean, 1);
    products.set(0, new ProductFeatures(Product.of("p0"), mean));
    try (Recommender shop = shop(new MemoryStore(), 4)) {
      shop.addAll(products);
      AuditReport first = shop.audit(Integer.MAX_VALUE, 0);
      assertThat(first.healthy()).as("seed %s: %s", seed, first).isTrue();
      assertThat(first.unfindable().number()).as("seed %s", seed).isGreaterThan(400);
      AuditReport second = shop.audit(Integer.MAX_VALUE, 0);
      assertThat(second.unfindable().number()).as("seed %s: %s", seed, second).isZero();
    }
  }

  @Test
  void whatIsConnectedOutlivesTheProcess(@TempDir Path folder) {
    long seed = 6;
    MemoryStore store = MemoryStore.in(folder);
    try (Recommender killed = shop(store)) { // closed only when the next one has opened
      killed.addAll(products(seed, 0, PRODUCTS, 0));
      checkMended(killed.audit(Integer.MAX_VALUE, Integer.MAX_VALUE), seed);
      try (Recommender next = shop(store.reopened())) {
        AuditReport after = next.audit(Integer.MAX_VALUE, Integer.MAX_VALUE);
        assertThat(after.unfindable().number()).as("%s", after).isZero();
        assertThat(after.rightPages()).as("%s", after).isGreaterThan(PRODUCTS - 100);
      }
    }
  }

  private static void checkMended(AuditReport report, long seed) {
    assertThat(report.rightPages() + report.mendedPages())
        .as("seed %s: %s", seed, report)
        .isEqualTo(report.pages());
  }
}
