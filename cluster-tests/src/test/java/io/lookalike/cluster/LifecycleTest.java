package io.lookalike.cluster;

import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.AuditReport;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.opensearch.ClusterReport;
import io.lookalike.index.opensearch.OpenSearchIndex;
import io.lookalike.math.UnitVector;
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
    return builder(index, store, DIMENSION);
  }

  private static RecommenderBuilder builder(String index, Path store, int dimension) {
    return Recommender.builder()
        .dimension(dimension)
        .index(cluster.builder().index(index).factory())
        .variantsBy("design", VariantPolicy.KEEP)
        .store(store);
  }

  private static List<ProductFeatures> products(int count) {
    return products(count, DIMENSION);
  }

  private static List<ProductFeatures> products(int count, int dimension) {
    var random = new Random(3);
    var products = new ArrayList<ProductFeatures>();
    for (int i = 0; i < count; i++) {
      var features = new float[dimension];
      for (int d = 0; d < dimension; d++) {
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

  /** Vectors in no groups at all, and few links: by 200, a good part of the nearest is missed. */
  @Test
  void searchesAreAsThoroughAsTheVectorsNeed() throws Exception {
    int dimension = 128;
    RecommenderBuilder hard =
        Recommender.builder()
            .dimension(dimension)
            .index(cluster.builder().index("hard").m(4).efConstruction(16).factory())
            .store(folder);
    try (Recommender shop = hard.build()) {
      shop.addAll(products(4000, dimension));
      shop.optimize();
      assertThat(recall(shop, dimension)).isGreaterThanOrEqualTo(.95);
    }
    assertThat(cluster.ask("GET", "/hard/_mapping", ""))
        .containsPattern("\"efSearch\":([3-9]\\d\\d|\\d{4})");
    try (Recommender shop = hard.build()) {
      assertThat(recall(shop, dimension)).as("found again").isGreaterThanOrEqualTo(.95);
    }
  }

  /** Of the ten nearest of vectors that are no product's. */
  private static double recall(Recommender shop, int dimension) {
    var random = new Random(8);
    var items = new ArrayList<IndexItem>();
    shop.searcher().forEach(items::add);
    int found = 0;
    for (int i = 0; i < 50; i++) {
      var values = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        values[d] = (float) random.nextGaussian();
      }
      Query query = Query.of(UnitVector.of(values), 10);
      List<String> truth =
          items.stream()
              .map(item -> new Neighbor(item.id(), item.vector().cosine(query.vector())))
              .sorted(Neighbor.CLOSEST_FIRST)
              .limit(10)
              .map(Neighbor::id)
              .toList();
      for (Neighbor neighbor : shop.searcher().search(query)) {
        found += truth.contains(neighbor.id()) ? 1 : 0;
      }
    }
    return found / 500.0;
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
  void anIndexIsMadeAnewBesideTheOneThatServesAndThereIsAWayBack() throws Exception {
    String first;
    String second;
    try (Recommender shop = builder("anew", folder).build()) {
      shop.addAll(products(300));
      first = aliased("anew");
      List<String> page = shop.recommend(like("p7").k(12)).ids();
      var told = new ArrayList<Long>();
      shop.reindex((done, total) -> told.add(done));
      assertThat(told).hasSize(300).isSorted().endsWith(300L);
      second = aliased("anew");
      assertThat(indexes("anew")).containsExactlyInAnyOrder(first, second);
      assertThat(second).isNotEqualTo(first);
      assertThat(shop.recommend(like("p7").k(12)).ids()).isEqualTo(page);
      shop.update("p5", a -> a.with("stock", 77));
      shop.remove("p6");
    }
    for (String serves : List.of(second, first)) {
      try (Recommender shop = builder("anew", folder).build()) {
        assertThat(shop.size()).isEqualTo(299);
        assertThat(shop.recommend(like("p7").where(Filter.greaterThan("stock", 50))).ids())
            .containsExactly("p5");
        assertThat(shop.save()).isTrue();
        assertThat(aliased("anew")).as("the way back is kept to").isEqualTo(serves);
      }
      if (serves.equals(second)) {
        assertThat(cluster.builder().index("anew").rollBack()).isEqualTo(first);
      }
    }
    assertThat(indexes("anew")).as("nothing was built").hasSize(2);
    assertThatThrownBy(() -> cluster.builder().index("anew").rollBack())
        .hasMessageContaining("there is no index to go back to");
  }

  @Test
  void theIndexBeforeIsKnownWhereBothWereMadeInOneSecond() throws Exception {
    var origin = new LastingIndex.Origin("store", 1, 0, "BEST", 1, "");
    List<IndexItem> items = List.of(IndexItem.of("a", new float[] {1, 2}));
    for (int round = 0; round < 6; round++) {
      String alias = "second" + round;
      IndexFactory factory = cluster.builder().index(alias).factory();
      var first = (LastingIndex) factory.build(origin, 2, items);
      first.mark(origin);
      var second = (LastingIndex) factory.build(origin, 2, items);
      second.mark(origin);
      assertThat(cluster.builder().index(alias).rollBack())
          .as("round %d", round)
          .isEqualTo(((OpenSearchIndex) first).name());
      first.close();
      second.close();
    }
  }

  /** Who has the index before must not take the alias back when he saves. */
  @Test
  void whoServesFromTheIndexBeforeLeavesTheAlias() throws Exception {
    var origin = new LastingIndex.Origin("store", 1, 0, "BEST", 1, "");
    IndexFactory factory = cluster.builder().index("before").factory();
    List<IndexItem> items = List.of(IndexItem.of("a", new float[] {1, 2}));
    var first = (LastingIndex) factory.build(origin, 2, items);
    first.mark(origin);
    var second = (LastingIndex) factory.build(origin, 2, items);
    second.mark(origin);
    first.mark(new LastingIndex.Origin("store", 1, 0, "BEST", 9, ""));
    assertThat(aliased("before")).isEqualTo(((OpenSearchIndex) second).name());
    LastingIndex found = factory.reopen(origin, 2).orElseThrow();
    assertThat(found).asString().isEqualTo(second.toString());
    found.close();
    first.close();
    second.close();
  }

  /** As where the process was killed: what is half filled is left, and gone on with. */
  @Test
  void anIndexThatIsHalfFilledIsGoneOnWith() throws Exception {
    int dimension = 2_000; // of which 115 products are written together
    String first;
    String half;
    try (Recommender shop = builder("half", folder, dimension).build()) {
      shop.addAll(products(250, dimension));
      first = aliased("half");
      assertThatThrownBy(
              () ->
                  shop.reindex(
                      (done, total) -> {
                        if (done == 200) {
                          throw new IllegalStateException("stopped");
                        }
                      }))
          .hasMessage("stopped");
      assertThat(aliased("half")).isEqualTo(first);
      assertThat(shop.recommend(like("p7").k(12)).ids()).hasSize(12);
      half = indexes("half").stream().filter(n -> !n.equals(first)).findFirst().orElseThrow();
      shop.update("p1", a -> a.with("stock", 77));
      shop.remove("p2");
      shop.add(Product.of("p3").with("stock", 78), products(5, dimension).get(4).features());
    }
    try (Recommender shop = builder("half", folder, dimension).build()) {
      assertThat(aliased("half")).as("what is half filled is not found").isEqualTo(first);
      shop.reindex((done, total) -> {});
      assertThat(aliased("half")).isEqualTo(half);
      assertThat(indexes("half")).containsExactlyInAnyOrder(first, half);
      assertThat(shop.size()).isEqualTo(249);
      assertThat(shop.recommend(like("p7").where(Filter.greaterThan("stock", 50))).ids())
          .containsExactlyInAnyOrder("p1", "p3");
      AuditReport audit = shop.audit();
      assertThat(audit.healthy()).as("%s", audit).isTrue();
    }
  }

  /** Graphs of bytes bring candidates, and numbers say how near these are. */
  @Test
  void bytesFindNearlyAsMuch() {
    int dimension = 64;
    var random = new Random(8);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < 3_000; i++) {
      items.add(
          new IndexItem(
              "p" + i, gaussian(random, dimension), Attributes.none().with("part", i % 500)));
    }
    int found = 0;
    int queries = 50;
    IndexFactory factory = cluster.builder().index("bytes").quantized().factory();
    try (NeighborIndex index = factory.build(dimension, items)) {
      for (int i = 0; i < queries; i++) {
        Query query = Query.of(gaussian(random, dimension), 10);
        List<Neighbor> truth =
            items.stream()
                .map(item -> new Neighbor(item.id(), item.vector().cosine(query.vector())))
                .sorted(Neighbor.CLOSEST_FIRST)
                .limit(10)
                .toList();
        List<Neighbor> page = index.search(query);
        assertThat(page).hasSize(10).isSortedAccordingTo(Neighbor.CLOSEST_FIRST);
        for (Neighbor neighbor : page) {
          found += truth.stream().anyMatch(n -> n.id().equals(neighbor.id())) ? 1 : 0;
          int number = Integer.parseInt(neighbor.id().substring(1));
          assertThat(neighbor.similarity())
              .isCloseTo(items.get(number).vector().cosine(query.vector()), within(1e-5f));
        }
        assertThat(index.search(query.where(Filter.equal("part", i))))
            .as("guaranteed k")
            .hasSize(6);
      }
      assertThat(index.vector("p9")).isEqualTo(items.get(9).vector());
    }
    assertThat(found).isGreaterThanOrEqualTo((int) (.98 * 10 * queries));
  }

  private static UnitVector gaussian(Random random, int dimension) {
    var values = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      values[d] = (float) random.nextGaussian();
    }
    return UnitVector.of(values);
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
    var other = new LastingIndex.Origin("other", 1, 0, "BEST", 1, "");
    List<IndexItem> items = List.of(IndexItem.of("a", new float[] {1, 2}));
    assertThatThrownBy(() -> cluster.builder().index("mine").factory().build(other, 2, items))
        .as("nor is its alias taken by an index that is made anew")
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
