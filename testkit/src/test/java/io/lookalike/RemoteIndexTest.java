package io.lookalike;

import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import io.lookalike.testkit.NaiveIndex;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * An index in another process: each call costs a round trip, and going through all is no option.
 */
class RemoteIndexTest {

  private static final int DIMENSION = 8;

  private final AtomicInteger trips = new AtomicInteger();

  /** Counts calls, and refuses to go through what it holds. */
  private final class Remote implements NeighborIndex {
    private final NaiveIndex there = new NaiveIndex(DIMENSION);

    private NeighborIndex call() {
      trips.incrementAndGet();
      return there;
    }

    @Override
    public int dimension() {
      return DIMENSION;
    }

    @Override
    public int size() {
      return call().size();
    }

    @Override
    public List<Neighbor> search(Query query) {
      return call().search(query);
    }

    @Override
    public List<Hit> hits(Query query, boolean vectors) {
      return call().hits(query, vectors);
    }

    @Override
    public @Nullable IndexItem item(String id) {
      return call().item(id);
    }

    @Override
    public Map<String, IndexItem> items(Collection<String> ids) {
      return call().items(ids);
    }

    @Override
    public @Nullable Attributes attributes(String id) {
      return call().attributes(id);
    }

    @Override
    public @Nullable UnitVector vector(String id) {
      return call().vector(id);
    }

    @Override
    public void upsertAll(List<IndexItem> items) {
      call().upsertAll(items);
    }

    @Override
    public boolean setAttributes(String id, Attributes attributes) {
      return call().setAttributes(id, attributes);
    }

    @Override
    public boolean remove(String id) {
      return call().remove(id);
    }

    @Override
    public List<String> ids() {
      throw new AssertionError("ten million ids");
    }

    @Override
    public void forEach(Consumer<? super IndexItem> action) {
      throw new AssertionError("ten million products");
    }

    @Override
    public void close() {
      there.close();
    }
  }

  private static RecommenderBuilder builder() {
    return Recommender.builder().dimension(DIMENSION);
  }

  private Recommender filled(RecommenderBuilder builder) {
    Recommender shop = builder.index(dimension -> new Remote()).build();
    var random = new Random(5);
    var items = new ArrayList<ProductFeatures>();
    for (int i = 0; i < 400; i++) {
      var features = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        features[d] = (float) random.nextGaussian();
      }
      items.add(
          new ProductFeatures(
              Product.of("p" + i)
                  .with("brand", "b" + i % 7)
                  .with("design", "d" + i % 150)
                  .with("stock", i % 3),
              features));
    }
    assertThat(shop.addAll(items).added()).isEqualTo(400);
    for (int i = 0; i < 100; i++) {
      shop.recordPurchase("p" + i * 3, Instant.EPOCH);
    }
    return shop;
  }

  private int tripsFor(Recommender shop, RecommendationRequest request) {
    trips.set(0);
    assertThat(shop.recommend(request).ids()).hasSize(request.k());
    return trips.get();
  }

  @Test
  void aPageTakesTwoRoundTrips() {
    Filter inStock = Filter.greaterThan("stock", 0);
    try (Recommender shop = filled(builder().variantsBy("design", VariantPolicy.KEEP))) {
      RecommendationRequest page = like("p7").k(12);
      assertThat(tripsFor(shop, page)).isEqualTo(2);
      assertThat(tripsFor(shop, page.where(inStock))).isEqualTo(2);
      assertThat(tripsFor(shop, page.where(inStock).rankedBy(PopularityReranker.balanced())))
          .isEqualTo(2);
      assertThat(tripsFor(shop, page.rankedBy(PopularityReranker.byPurchases()))).isEqualTo(2);
      assertThat(tripsFor(shop, page.diversity(Diversity.mmr(.7).atMost("brand", 3)))).isEqualTo(2);
      assertThat(tripsFor(shop, page.merchandising(Merchandising.none().pin("p33", "p44"))))
          .isEqualTo(2);
      assertThat(tripsFor(shop, page.alsoLike("p8").notLike("p9"))).isEqualTo(2);
      assertThat(tripsFor(shop, page.variants(VariantPolicy.COLLAPSE))).isEqualTo(2);
      assertThat(tripsFor(shop, page.variants(VariantPolicy.EXCLUDE_OWN))).isEqualTo(2);
      assertThat(tripsFor(shop, like(new float[] {1, 2, 3, 4, 5, 6, 7, 8}).k(12))).isEqualTo(1);
      assertThat(tripsFor(shop, page.variants(VariantPolicy.COLLAPSE).where(inStock)))
          .as("a third asks which of the variants behind the page match the filter")
          .isEqualTo(3);
    }
  }

  @Test
  void aRerankerThatComparesCandidatesAsksForTheirVectorsOnce() {
    Reranker apart =
        (candidates, purchases) ->
            candidates.stream()
                .map(c -> c.scored(-c.similarityTo(candidates.get(0))))
                .sorted(Recommendation.BEST_FIRST)
                .toList();
    try (Recommender shop = filled(builder().reranker(apart))) {
      assertThat(tripsFor(shop, like("p7").k(12))).isEqualTo(3);
    }
  }

  /** Everything but what is documented to go through the catalogue works without doing so. */
  @Test
  void nothingGoesThroughTheCatalogue() {
    try (Recommender shop = filled(builder().sessions(Sessions.builder().build()))) {
      var customer = Customer.of("c");
      assertThat(shop.recommend(RecommendationRequest.forCustomer(customer)).ids()).hasSize(10);
      shop.record(new Event(customer, Event.Kind.VIEWED, "p3", Instant.now()));
      assertThat(shop.recommend(RecommendationRequest.forCustomer(customer)).ids())
          .hasSize(10)
          .doesNotContain("p3");
      assertThat(shop.explain(like("p7")).whyNot("p399").reason()).isNotBlank();
      shop.add(Product.of("new").with("stock", 5), ones());
      assertThat(shop.update("new", a -> a.with("stock", 6))).isTrue();
      assertThat(shop.product("new").orElseThrow().attributes().get("stock")).isEqualTo(6.0);
      assertThat(shop.remove("new")).isTrue();
      assertThat(shop.size()).isEqualTo(400);
    }
  }

  private static float[] ones() {
    var features = new float[DIMENSION];
    java.util.Arrays.fill(features, 1);
    return features;
  }
}
