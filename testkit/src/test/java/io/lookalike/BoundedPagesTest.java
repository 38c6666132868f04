package io.lookalike;

import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.testkit.ForwardingIndex;
import io.lookalike.testkit.NaiveIndex;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Pages that cannot be filled, or not easily: what they cost has a bound. */
class BoundedPagesTest {

  private static final int PRODUCTS = 12_000;

  /** The most that was asked for at once, and how often. */
  private final AtomicInteger deepest = new AtomicInteger();

  private final AtomicInteger searches = new AtomicInteger();

  private Recommender shop(RecommenderBuilder builder, int brands) {
    Recommender shop =
        builder
            .dimension(4)
            .index(
                dimension ->
                    new ForwardingIndex(new NaiveIndex(dimension)) {
                      @Override
                      public List<Neighbor> search(Query query) {
                        deepest.accumulateAndGet(query.k(), Math::max);
                        searches.incrementAndGet();
                        return super.search(query);
                      }
                    })
            .build();
    var random = new Random(3);
    var items = new ArrayList<ProductFeatures>();
    for (int i = 0; i < PRODUCTS; i++) {
      var features = new float[4];
      for (int d = 0; d < 4; d++) {
        features[d] = (float) random.nextGaussian();
      }
      items.add(
          new ProductFeatures(
              Product.of("p" + i)
                  .with("brand", "b" + i % brands)
                  .with("design", "d" + i % 3)
                  .with("number", i),
              features));
    }
    shop.addAll(items);
    return shop;
  }

  private RecommendationPage page(Recommender shop, RecommendationRequest request) {
    deepest.set(0);
    searches.set(0);
    return shop.recommend(request.k(12));
  }

  private static RecommenderBuilder builder() {
    return Recommender.builder();
  }

  @Test
  void aShopOnItsFirstDaySearchesAmongWhatHasSold() {
    try (Recommender shop = shop(builder().reranker(PopularityReranker.byPurchases()), 5)) {
      assertThat(page(shop, like("p0")).ids()).isEmpty();
      assertThat(searches).hasValue(1);
      for (int i = 1; i <= 5; i++) {
        shop.recordPurchase("p" + 1000 * i, Instant.EPOCH);
      }
      assertThat(page(shop, like("p0")).ids())
          .as("all that sold, however far away")
          .containsExactlyInAnyOrder("p1000", "p2000", "p3000", "p4000", "p5000");
      assertThat(searches).hasValue(1);
      assertThat(deepest).hasValue(24);
      Explanation.Verdict verdict = shop.explain(like("p0").k(12)).whyNot("p7");
      assertThat(verdict.stage()).isEqualTo(Explanation.Stage.RANKING);
      assertThat(verdict.reason())
          .isEqualTo("it has never sold, and the order leaves such products out");
    }
  }

  @Test
  void aLimitThatTheFilterCannotMeetEndsTheSearch() {
    try (Recommender shop = shop(builder().diversity(Diversity.none().atMost("brand", 2)), 5)) {
      RecommendationRequest oneBrand = like("p0").where(Filter.equal("brand", "b3"));
      assertThat(page(shop, oneBrand).ids()).hasSize(2);
      assertThat(searches).hasValue(1);
      assertThat(page(shop, like("p0").where(Filter.in("brand", "b1", "b2"))).ids()).hasSize(4);
      assertThat(searches).hasValue(1);
      assertThat(page(shop, like("p0").rankedBy(PopularityReranker.balanced())).ids())
          .as("five brands in all")
          .hasSize(10);
      assertThat(searches).as("the second finds that there is no other brand").hasValue(2);
      assertThat(deepest.get()).isLessThanOrEqualTo(96);
      Explanation.Verdict verdict = shop.explain(oneBrand.k(12)).whyNot(farthestOf(shop, "b3"));
      assertThat(verdict.stage()).isEqualTo(Explanation.Stage.DIVERSITY);
      assertThat(verdict.reason()).isEqualTo("its brand is b3, of which 2 are shown");
    }
  }

  private static String farthestOf(Recommender shop, String brand) {
    List<Recommendation> all =
        shop.recommend(
                like("p0")
                    .where(Filter.equal("brand", brand))
                    .diversity(Diversity.none())
                    .k(PRODUCTS))
            .recommendations();
    return all.get(all.size() - 1).id();
  }

  @Test
  void aRerankerThatDropsNearlyAllEndsTheSearchWhereItIsDocumented() {
    Reranker one =
        (candidates, purchases) ->
            candidates.stream()
                .filter(c -> c.product().id().equals("p11999"))
                .map(c -> c.scored(1))
                .toList();
    try (Recommender shop = shop(builder().reranker(one), 5)) {
      page(shop, like("p0"));
      assertThat(deepest).hasValue(4_096);
      assertThat(searches.get()).isLessThanOrEqualTo(6);
      assertThat(page(shop, like("p0").candidates(100)).ids()).hasSizeLessThanOrEqualTo(1);
      assertThat(deepest).hasValue(6_400);
    }
  }

  @Test
  void groupsOfThousandsDoNotHideTheOthers() {
    try (Recommender shop = shop(builder().variantsBy("design", VariantPolicy.COLLAPSE), 5)) {
      RecommendationPage page = page(shop, like("p0"));
      assertThat(page.ids()).as("three designs in all").hasSize(3);
      assertThat(page.recommendations().get(0).variants()).isGreaterThan(3_000);
      assertThat(deepest.get()).isLessThanOrEqualTo(4_096);
    }
  }

  @Test
  void anUnknownCustomerIsShownTheBestSellersInTheirOrder() {
    try (Recommender shop = shop(builder().sessions(Sessions.builder().build()), 5)) {
      var sold = new ArrayList<Purchase>();
      for (int i = 0; i < 600; i++) {
        for (int piece = 0; piece <= i % 300; piece++) {
          sold.add(Purchase.of("p" + i * 20, Instant.EPOCH));
        }
      }
      shop.recordPurchases(sold);
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        expected.add("p" + i * 20);
      }
      expected.sort(
          Comparator.comparingLong((String id) -> -shop.purchases().count(id))
              .thenComparing(Comparator.naturalOrder()));
      var request = RecommendationRequest.forCustomer(Customer.of("nobody"));
      assertThat(page(shop, request).ids()).isEqualTo(expected.subList(0, 12));
      assertThat(searches.get()).isLessThanOrEqualTo(2);
      Filter few = Filter.atLeast("number", 11_900);
      assertThat(page(shop, request.where(few)).ids())
          .as("what sells is followed by what may be shown")
          .hasSize(12)
          .startsWith(
              expected.stream()
                  .filter(id -> Integer.parseInt(id.substring(1)) >= 11_900)
                  .toArray(String[]::new));
      assertThat(searches.get()).isLessThanOrEqualTo(4);
    }
  }

  /** What sells best in the whole shop is of another brand, thousands of products of it. */
  @Test
  void anUnknownCustomerSeesTheBestSellersOfASmallDepartment() {
    try (Recommender shop =
        shop(
            builder()
                .reranker(PopularityReranker.byPurchases())
                .sessions(Sessions.builder().build()),
            PRODUCTS / 40)) {
      var sold = new ArrayList<Purchase>();
      for (int i = 0; i < PRODUCTS; i++) {
        boolean small = i % (PRODUCTS / 40) == 7;
        for (int piece = 0; piece < (small ? i == 7 ? 2 : 1 : 3); piece++) {
          sold.add(Purchase.of("p" + i, Instant.EPOCH));
        }
      }
      shop.recordPurchases(sold);
      var request =
          RecommendationRequest.forCustomer(Customer.of("nobody"))
              .where(Filter.equal("brand", "b7"));
      List<String> page = page(shop, request).ids();
      assertThat(page).hasSize(12).startsWith("p7");
      assertThat(page(shop, request.rankedBy(PopularityReranker.balanced())).ids())
          .hasSize(12)
          .startsWith("p7");
      assertThat(deepest.get()).isLessThanOrEqualTo(4_096);
    }
  }

  @Test
  void whatSoldBestAndIsGoneHidesNothing() {
    try (Recommender shop =
        builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .reranker(PopularityReranker.byPurchases())
            .sessions(Sessions.builder().build())
            .build()) {
      shop.add(Product.of("x"), new float[] {1, 0});
      shop.add(Product.of("never sold"), new float[] {0, 1});
      shop.recordPurchase("x", Instant.EPOCH);
      for (int i = 0; i < 5_000; i++) {
        shop.recordPurchases(
            List.of(
                Purchase.of("gone" + i, Instant.EPOCH), Purchase.of("gone" + i, Instant.EPOCH)));
      }
      var request = RecommendationRequest.forCustomer(Customer.of("nobody")).k(3);
      assertThat(shop.recommend(request).ids()).containsExactly("x");
    }
  }

  /** A limit that was reached may be free again on the next page: its products are sought, too. */
  @Test
  void aLimitThatIsFreeAgainIsSoughtFor() {
    try (Recommender shop =
        builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .reranker(PopularityReranker.byPurchases().neverSold(NeverSold.keep()))
            .build()) {
      String[] brands = {"x", "x", "x", "x", "x", "x", "x", "x", "y", "z"};
      for (int i = 0; i < brands.length; i++) {
        double angle = Math.toRadians(i);
        shop.add(
            Product.of("p" + i).with("brand", brands[i]).with("color", i == 7 ? "blue" : "red"),
            new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
      }
      shop.recordPurchase("p8", Instant.EPOCH);
      shop.recordPurchase("p9", Instant.EPOCH);
      RecommendationRequest request =
          like("p0").k(3).diversity(Diversity.none().atMost("brand", 1).atMost("color", 2));
      assertThat(shop.recommend(request.candidates(50)).ids()).containsExactly("p8", "p9", "p7");
      assertThat(shop.recommend(request).ids()).containsExactly("p8", "p9", "p7");
    }
  }

  // ---- what a reranker gives back

  private void assertRefused(Reranker reranker, String reason) {
    try (Recommender shop =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).build()) {
      shop.add(Product.of("a"), new float[] {1, 0});
      shop.add(Product.of("b"), new float[] {1, 1});
      shop.add(Product.of("c"), new float[] {0, 1});
      assertThatThrownBy(() -> shop.recommend(like("a").excluding(List.of("c")).rankedBy(reranker)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the reranker " + reranker + " gave back " + reason);
    }
  }

  @Test
  void whatARerankerGivesBackIsChecked() {
    var stranger = new Candidate(Product.of("z"), 1, 0).scored(1);
    assertRefused((candidates, purchases) -> null, "null");
    assertRefused((candidates, purchases) -> Collections.singletonList(null), "a null, expected");
    assertRefused((candidates, purchases) -> List.of(stranger), "\"z\", which is none");
    for (String notAsked : List.of("a", "c")) {
      var back = new Candidate(Product.of(notAsked), 1, 0).scored(1);
      assertRefused(
          (candidates, purchases) -> List.of(back), "\"" + notAsked + "\", which is none");
    }
    assertRefused(
        (candidates, purchases) ->
            List.of(candidates.get(0).scored(1), candidates.get(0).scored(2)),
        "\"b\" twice");
  }

  @Test
  void aRerankerCannotSpoilWhatItIsGiven() {
    Reranker vandal =
        (candidates, purchases) -> {
          assertThatThrownBy(() -> candidates.remove(0))
              .isInstanceOf(UnsupportedOperationException.class);
          assertThatThrownBy(() -> candidates.sort(Comparator.comparing(c -> c.product().id())))
              .isInstanceOf(UnsupportedOperationException.class);
          return candidates.stream().map(c -> c.scored(1)).toList();
        };
    try (Recommender shop =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).build()) {
      shop.add(Product.of("a"), new float[] {1, 0});
      shop.add(Product.of("b"), new float[] {1, 1});
      assertThat(shop.recommend(like("a").rankedBy(vandal)).ids()).containsExactly("b");
    }
  }
}
