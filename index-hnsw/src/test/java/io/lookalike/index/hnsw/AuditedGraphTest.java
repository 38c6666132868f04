package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.AuditReport;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
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
        .index(HnswIndex.builder().m(m).efConstruction(24).efSearch(24).factory())
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
