package io.lookalike.cluster;

import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.opensearch.ClusterReport;
import io.lookalike.index.opensearch.OpenSearchIndex;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A shop whose products are in a store and whose index is in a cluster. */
@Tag("opensearch")
@Timeout(300)
class LifecycleTest {

  private static final int DIMENSION = 16;

  private static TestCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.of(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static RecommenderBuilder builder(String index, Path store) {
    return Recommender.builder()
        .dimension(DIMENSION)
        .index(cluster.builder().index(index).factory())
        .variantsBy("design", VariantPolicy.KEEP)
        .store(store);
  }

  private static List<ProductFeatures> products(int count) {
    var random = new Random(3);
    var products = new ArrayList<ProductFeatures>();
    for (int i = 0; i < count; i++) {
      var features = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        features[d] = (float) random.nextGaussian();
      }
      products.add(
          new ProductFeatures(
              Product.of("p" + i).with("design", "d" + i % 40).with("stock", i % 3), features));
    }
    return products;
  }

  private static List<String> indexes(String name) throws Exception {
    return cluster.indexes().stream().filter(n -> n.startsWith(name + "-")).toList();
  }

  private static String aliased(String name) throws Exception {
    return cluster.ask("GET", "/_cat/aliases/" + name + "?h=index", "").strip();
  }

  @Test
  void anIndexIsFoundAgainAndFollowsTheStore() throws Exception {
    String name;
    List<String> page;
    try (Recommender shop = builder("again", folder).build()) {
      assertThat(shop.addAll(products(300)).added()).isEqualTo(300);
      shop.recordPurchase("p9", Instant.now());
      name = aliased("again");
      shop.update("p5", a -> a.with("stock", 77));
      assertThat(shop.remove("p6")).isTrue();
      page = shop.recommend(like("p7").k(12)).ids();
    }
    try (Recommender shop = builder("again", folder).build()) {
      assertThat(aliased("again")).as("nothing was built").isEqualTo(name);
      assertThat(shop.size()).isEqualTo(299);
      assertThat(shop.recommend(like("p7").k(12)).ids()).isEqualTo(page);
      assertThat(shop.recommend(like("p7").where(Filter.greaterThan("stock", 50))).ids())
          .containsExactly("p5");
      assertThat(shop.product("p6")).isEmpty();
      assertThat(shop.audit().toString()).isNotBlank();
    }
    assertThat(indexes("again")).containsExactly(name);
  }

  @Test
  void aRefitSwapsTheAliasAndLeavesTheLastForAWayBack() throws Exception {
    try (Recommender shop = builder("refit", folder).build()) {
      shop.addAll(products(200));
      String first = aliased("refit");
      shop.refit();
      String second = aliased("refit");
      assertThat(second).isNotEqualTo(first);
      assertThat(indexes("refit")).containsExactlyInAnyOrder(first, second);
      shop.refit();
      String third = aliased("refit");
      assertThat(indexes("refit")).containsExactlyInAnyOrder(second, third);
      assertThat(shop.recommend(like("p7").k(12)).ids()).hasSize(12);
    }
    try (Recommender shop = builder("refit", folder).build()) {
      assertThat(shop.size()).isEqualTo(200);
      assertThat(indexes("refit")).as("nothing was built").hasSize(2);
    }
  }

  @Test
  void anIndexThatIsGoneIsBuiltFromTheStore() throws Exception {
    String first;
    try (Recommender shop = builder("gone", folder).build()) {
      shop.addAll(products(100));
      first = aliased("gone");
      cluster.ask("DELETE", "/" + first, "");
      assertThatThrownBy(() -> shop.recommend(like("p7")))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("the index " + first + " is gone");
      assertThatThrownBy(() -> shop.update("p7", a -> a.with("stock", 1)))
          .hasMessageContaining("gone");
      assertThat(cluster.indexes()).as("nor made by a write").noneMatch(n -> n.startsWith("gone"));
    }
    try (Recommender shop = builder("gone", folder).build()) {
      assertThat(shop.size()).isEqualTo(100);
      assertThat(aliased("gone")).isNotEqualTo(first);
      assertThat(shop.recommend(like("p7").k(12)).ids()).hasSize(12);
    }
  }

  @Test
  void anotherStoresIndexIsRefused() throws Exception {
    try (Recommender shop = builder("mine", folder.resolve("a")).build()) {
      shop.addAll(products(50));
    }
    assertThatThrownBy(() -> builder("mine", folder.resolve("b")).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("of another store");
    cluster.ask("PUT", "/byhand", "");
    assertThatThrownBy(() -> builder("byhand", folder.resolve("c")).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("there is an index byhand in the cluster");
  }

  @Test
  void aReadOnlyIndexIsTold() throws Exception {
    try (NeighborIndex index = cluster.builder().index("full").factory().create(2)) {
      index.upsert(IndexItem.of("a", new float[] {1, 2}));
      String settings = "/" + ((OpenSearchIndex) index).name() + "/_settings";
      cluster.ask("PUT", settings, "{\"index.blocks.read_only_allow_delete\": true}");
      assertThatThrownBy(() -> index.upsert(IndexItem.of("b", new float[] {1, 2})))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("the index is read-only, as a disk of a node is nearly full");
      assertThat(index.search(Query.of(new float[] {1, 2}, 5))).hasSize(1);
      cluster.ask("PUT", settings, "{\"index.blocks.read_only_allow_delete\": null}");
      index.upsert(IndexItem.of("b", new float[] {1, 2}));
      assertThat(index.size()).isEqualTo(2);
    }
  }

  @Test
  void theLongestVectorsAreTaken() {
    var random = new Random(5);
    try (NeighborIndex index = cluster.builder().index("long").factory().create(16_000)) {
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < 20; i++) {
        var values = new float[16_000];
        for (int d = 0; d < values.length; d++) {
          values[d] = (float) random.nextGaussian();
        }
        items.add(IndexItem.of("p" + i, values));
      }
      index.upsertAll(items);
      assertThat(index.search(Query.of(items.get(3).vector(), 1)).get(0).id()).isEqualTo("p3");
    }
  }

  @Test
  void theClusterIsReported() {
    ClusterReport report = cluster.builder().report();
    assertThat(report.version()).isEqualTo("2.19.1");
    assertThat(report.nodes()).isEqualTo(1);
    assertThat(report.problems()).isEmpty();
  }
}
