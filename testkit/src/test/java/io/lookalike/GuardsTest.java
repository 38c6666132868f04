package io.lookalike;

import static io.lookalike.RecommendationRequest.forCustomer;
import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.Explanation.Stage;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.testkit.NaiveIndex;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages must not mix, and "the same, but". */
class GuardsTest {

  private static RecommenderBuilder builder() {
    return Recommender.builder()
        .dimension(2)
        .index(NaiveIndex.factory())
        .sessions(Sessions.builder().build());
  }

  /** Products on a quarter of a circle: the smaller the angle, the nearer to the first. */
  private static void add(Recommender shop, Product product, double degrees) {
    double radians = Math.toRadians(degrees);
    shop.add(product, new float[] {(float) Math.cos(radians), (float) Math.sin(radians)});
  }

  private static void fill(Recommender shop) {
    add(shop, of("dress", "women", "adults", "red"), 0);
    add(shop, of("shirt", "men", "adults", "red"), 1);
    add(shop, of("girl", "women", "kids", "blue"), 2);
    add(shop, of("skirt", "women", "adults", "blue"), 3);
    add(shop, Product.of("unknown").with("color", "red"), 3.9);
    add(shop, of("coat", "men", "adults", "blue"), 5);
    add(shop, of("scarf", "women", "adults", "red"), 6);
    add(
        shop,
        Product.of("cap")
            .with("gender", Set.of("men", "women"))
            .with("age_group", "adults")
            .with("color", "red"),
        7);
  }

  private static Product of(String id, String gender, String age, String color) {
    return Product.of(id).with("gender", gender).with("age_group", age).with("color", color);
  }

  @Test
  void aPageHoldsOnlyWhatIsTheSameAsTheProductConsulted() {
    try (Recommender shop = builder().sameAs("gender", "age_group").build()) {
      fill(shop);
      assertThat(shop.recommend(like("dress")).ids()).containsExactly("skirt", "scarf", "cap");
      assertThat(shop.recommend(like("coat")).ids()).containsExactly("cap", "shirt");
      assertThat(shop.recommend(like("cap")).ids())
          .containsExactly("scarf", "coat", "skirt", "shirt", "dress");
      assertThat(shop.recommend(like("dress").alsoLike("coat")).ids())
          .containsExactlyInAnyOrder("skirt", "shirt", "scarf", "cap");
    }
  }

  @Test
  void explanationsNameTheGuard() {
    try (Recommender shop = builder().sameAs("gender", "age_group").build()) {
      fill(shop);
      Explanation page = shop.explain(like("dress"));
      assertThat(page.whyNot("shirt"))
          .isEqualTo(
              new Explanation.Verdict(
                  Stage.GUARD,
                  "its gender is men, and the page is to have the same as what was consulted:"
                      + " gender = \"women\""));
      assertThat(page.whyNot("unknown").reason())
          .isEqualTo(
              "it has no gender, and the page is to have the same as what was consulted: gender ="
                  + " \"women\"");
      assertThat(page.whyNot("girl").reason()).startsWith("its age_group is kids, and");
      assertThat(shop.explain(like(new float[] {1, 0})).whyNot("shirt").reason())
          .isEqualTo(
              "its gender is men, and the page is to have the same as dress, which comes first:"
                  + " gender = \"women\"");
    }
  }

  @Test
  void whatHasNoValueIsGuardedByTheNearestThatHasOne() {
    try (Recommender shop = builder().sameAs("gender", "age_group").build()) {
      fill(shop);
      assertThat(shop.recommend(like("unknown")).ids())
          .containsExactly("skirt", "scarf", "cap", "dress");
      assertThat(shop.recommend(like(new float[] {1, 0})).ids())
          .containsExactly("dress", "skirt", "scarf", "cap");
      assertThat(shop.recommend(like("unknown").where(Filter.equal("gender", "men"))).ids())
          .containsExactly("coat", "shirt", "cap");
      shop.recordPurchase("coat", Instant.now());
      Customer new1 = Customer.of("new");
      assertThat(shop.recommend(forCustomer(new1)).ids()).containsExactly("coat", "cap", "shirt");
      shop.record(new Event(new1, Event.Kind.VIEWED, "scarf", Instant.now()));
      assertThat(shop.recommend(forCustomer(new1)).ids())
          .containsExactlyInAnyOrder("dress", "skirt", "cap");
    }
  }

  @Test
  void requestsOverrideTheShop() {
    try (Recommender shop = builder().sameAs("gender").build();
        Recommender open = builder().build()) {
      fill(shop);
      fill(open);
      assertThat(shop.recommend(like("dress").sameAs()).ids()).hasSize(7);
      assertThat(shop.recommend(like("dress").sameAs("color")).ids())
          .isEqualTo(open.recommend(like("dress").sameAs("color")).ids())
          .containsExactly("shirt", "unknown", "scarf", "cap");
      assertThat(open.recommend(like("dress").sameAs("missing")).ids()).hasSize(7);
      assertThat(
              shop.recommend(like("dress").merchandising(Merchandising.none().pin("coat"))).ids())
          .doesNotContain("coat");
    }
  }

  @Test
  void badGuardsAreRefused() {
    assertThatThrownBy(() -> builder().sameAs())
        .hasMessage("sameAs names no attribute, expected at least one");
    assertThatThrownBy(() -> builder().sameAs("gender", " "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sameAs names a blank attribute, expected a name");
    assertThatThrownBy(() -> builder().sameAs("gender").sameAs("color"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("sameAs was already set to [gender], then came [color]");
    assertThatThrownBy(() -> like("dress").sameAs(""))
        .hasMessage("sameAs names a blank attribute, expected a name");
  }

  /** Whatever is asked, whatever the shop does with variants and sales: no page is mixed. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noPageIsMixed(long seed) {
    var random = new Random(seed);
    try (Recommender shop =
        builder()
            .sameAs("gender")
            .variantsBy(
                "design", random.nextBoolean() ? VariantPolicy.COLLAPSE : VariantPolicy.KEEP)
            .reranker(
                random.nextBoolean() ? PopularityReranker.balanced() : Reranker.bySimilarity())
            .build()) {
      var ids = new ArrayList<String>();
      for (int i = 0; i < 120; i++) {
        Product product = Product.of("p" + i).with("design", i / 3);
        if (random.nextInt(5) > 0) {
          product =
              product.with("gender", List.of("women", "men", "unisex").get(random.nextInt(3)));
        }
        add(shop, product, 90 * random.nextDouble());
        ids.add("p" + i);
        if (random.nextBoolean()) {
          shop.recordPurchase("p" + i, Instant.now());
        }
      }
      for (int i = 0; i < 60; i++) {
        RecommendationRequest request =
            random.nextBoolean()
                ? like(ids.get(random.nextInt(ids.size())))
                : like(new float[] {random.nextFloat(), 1});
        assertThat(
                shop.recommend(request.k(1 + random.nextInt(30))).recommendations().stream()
                    .map(r -> String.valueOf(r.product().attributes().get("gender")))
                    .distinct())
            .as("seed %d, question %d", seed, i)
            .hasSize(1)
            .doesNotContain("null");
      }
    }
  }

  @Test
  void theSameButInAnotherColor() {
    try (Recommender shop = builder().variantsBy("design", VariantPolicy.EXCLUDE_OWN).build()) {
      add(shop, Product.of("a-red").with("design", "a").with("color", "red"), 0);
      add(shop, Product.of("b-blue").with("design", "b").with("color", "blue"), 1);
      add(shop, Product.of("c-blue").with("design", "c").with("color", "blue"), 2);
      add(shop, Product.of("a-blue").with("design", "a").with("color", "blue"), 40);
      add(
          shop,
          Product.of("a-navy").with("design", "a").with("color", "blue").with("stock", 1),
          30);
      add(shop, Product.of("a-green").with("design", "a").with("color", "green"), 3);
      shop.add(Product.of("a-new").with("design", "a").with("color", "blue"));
      RecommendationRequest blue = like("a-red").but("color", "blue");
      assertThat(shop.recommend(blue).ids())
          .containsExactly("a-navy", "a-blue", "a-new", "b-blue", "c-blue");
      assertThat(shop.recommend(blue.k(1)).ids()).containsExactly("a-navy");
      assertThat(shop.recommend(blue.where(Filter.parse("stock = 1"))).ids())
          .containsExactly("a-navy");
      assertThat(shop.recommend(blue.but("stock", 1)).ids()).containsExactly("a-navy");
      assertThat(shop.recommend(blue.excluding(Set.of("a-navy"))).ids()).startsWith("a-blue");
      assertThat(shop.recommend(like(new float[] {1, 0}).but("color", "blue")).ids())
          .startsWith("b-blue", "c-blue");
      assertThat(shop.recommend(like("a-red").but("color", "pink")).ids()).isEmpty();
      Explanation why = shop.explain(blue.k(4));
      assertThat(why.whyNot("a-navy").reason())
          .isEqualTo("place 1 of the page, a variant of what was consulted, with color = \"blue\"");
      assertThat(why.whyNot("b-blue").reason()).isEqualTo("place 4 of the page");
      assertThat(why.whyNot("a-green"))
          .isEqualTo(
              new Explanation.Verdict(
                  Stage.FILTER,
                  "color = \"blue\" does not hold: its attributes are "
                      + shop.product("a-green").orElseThrow().attributes()));
      assertThat(shop.recommend(blue.variants(VariantPolicy.COLLAPSE)).ids())
          .containsExactly("a-navy", "b-blue", "c-blue");
    }
  }

  @Test
  void nearDuplicatesThatNeverSoldComeFirst() {
    try (Recommender shop =
        builder()
            .variantsAbove(.999f, VariantPolicy.KEEP)
            .reranker(PopularityReranker.byPurchases())
            .build()) {
      fill(shop);
      shop.recordPurchase("coat", Instant.now());
      assertThat(shop.recommend(like("dress").but("color", "blue")).ids())
          .containsExactly("girl", "coat");
    }
  }

  @Test
  void aLikedProductWithoutLooksGuardsToo() {
    try (Recommender shop = builder().sameAs("gender").build()) {
      fill(shop);
      shop.add(of("bare", "men", "adults", "red"));
      shop.recordPurchase("dress", Instant.now());
      Customer anna = Customer.of("anna");
      shop.record(new Event(anna, Event.Kind.VIEWED, "bare", Instant.now()));
      assertThat(shop.recommend(forCustomer(anna)).ids())
          .containsExactlyInAnyOrder("shirt", "coat", "cap");
    }
  }

  /** Where thousands around have no value, pins of different values would stand side by side. */
  @Test
  void theFirstPinGuardsWhereNothingNearHasAValue() {
    try (Recommender shop = builder().sameAs("gender").build()) {
      fill(shop);
      for (int i = 0; i < 4_200; i++) {
        add(shop, Product.of("n" + i), 60 + i * .001);
      }
      RecommendationRequest request =
          like(new float[] {.5f, .866f}).merchandising(Merchandising.none().pin("shirt", "dress"));
      assertThat(shop.recommend(request).ids()).startsWith("shirt").doesNotContain("dress", "n0");
    }
  }

  @Test
  void nearDuplicatesInAnotherColorComeFirst() {
    try (Recommender shop =
        builder()
            .variantsAbove(.999f, VariantPolicy.KEEP)
            .reranker(PopularityReranker.byPurchases().neverSold(NeverSold.keep()))
            .build()) {
      fill(shop);
      shop.recordPurchase("coat", Instant.now());
      assertThat(shop.recommend(like("dress").but("color", "blue")).ids())
          .containsExactly("girl", "coat", "skirt");
    }
    try (Recommender shop = builder().build()) {
      fill(shop);
      assertThat(shop.recommend(like("dress").but("color", "blue")).ids())
          .containsExactly("girl", "skirt", "coat");
    }
  }

  @Test
  void whatIsAskedForInsteadIsChecked() {
    assertThatThrownBy(() -> like("a").but(" ", "red"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> like("a").but("color", List.of("red")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(like("a").but("color", "red").sameAs("gender"))
        .hasToString(
            "RecommendationRequest[like=[Example[ByProduct[id=a], weight=1.0]], k=10, but=[color = \"red\"], sameAs=[gender]]");
  }
}
