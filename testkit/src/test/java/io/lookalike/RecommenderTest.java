package io.lookalike;

import static io.lookalike.ColourExtractor.picture;
import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.catalog.ProductImage;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.store.CatalogueStore;
import io.lookalike.testkit.ForwardingIndex;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecommenderTest {

  private final ColourExtractor extractor = new ColourExtractor("colour/1");
  private final Recommender shop = visual().build();

  private RecommenderBuilder visual() {
    return Recommender.builder().extractor(extractor).index(NaiveIndex.factory());
  }

  @AfterEach
  void close() {
    shop.close();
  }

  private void fillWithReds() {
    shop.add(Product.of("red").with("price", 10), picture("red.png", 250, 0, 0));
    shop.add(Product.of("crimson").with("price", 20), picture("crimson.png", 220, 20, 60));
    shop.add(Product.of("pink").with("price", 30), picture("pink.png", 255, 192, 203));
    shop.add(Product.of("blue").with("price", 40), picture("blue.png", 0, 0, 255));
  }

  private static IndexFactory factory(IntFunction<NeighborIndex> indexes) {
    return indexes::apply;
  }

  private static List<String> ids(List<Recommendation> page) {
    return page.stream().map(Recommendation::id).toList();
  }

  @Test
  void aProductNeverRecommendsItself() {
    fillWithReds();
    assertThat(ids(shop.similarTo("red", 10))).containsExactly("crimson", "pink", "blue");
    assertThat(ids(shop.similarTo("red", 1))).containsExactly("crimson");
    assertThat(shop.similarTo("red", 0)).isEmpty();
  }

  @Test
  void aPictureOrFeaturesFindTheProductItself() {
    fillWithReds();
    ImageSource image = picture("query.png", 250, 0, 0);
    assertThat(ids(shop.similarTo(image, 2))).containsExactly("red", "crimson");
    assertThat(shop.similarTo(extractor.extract(image), 2)).isEqualTo(shop.similarTo(image, 2));
  }

  @Test
  void similaritiesStayWithinTheirRangeWhateverRoundingDoes() {
    IndexFactory beyond =
        factory(
            dimension ->
                new ForwardingIndex(new NaiveIndex(dimension)) {
                  @Override
                  public List<Neighbor> search(Query query) {
                    float most = Math.nextUp(1f);
                    return super.search(query).stream()
                        .map(n -> new Neighbor(n.id(), n.similarity() > 0 ? most : -most))
                        .toList();
                  }
                });
    try (Recommender rounded = Recommender.builder().dimension(2).index(beyond).build()) {
      rounded.add(Product.of("same"), new float[] {1, 1});
      rounded.add(Product.of("opposite"), new float[] {-1, -1});
      assertThat(rounded.similarTo(new float[] {1, 1}, 2))
          .extracting(Recommendation::similarity)
          .containsExactly(1f, -1f);
    }
  }

  @Test
  void filtersChooseWhatIsShown() {
    fillWithReds();
    Filter cheap = Filter.lessThan("price", 25);
    assertThat(shop.recommend(like("blue").where(cheap)).ids()).containsExactly("crimson", "red");
    assertThat(shop.recommend(like(picture("q", 0, 0, 255)).where(cheap)).ids())
        .containsExactly("crimson", "red");
    assertThat(shop.update(Product.of("red").with("price", 99))).isTrue();
    assertThat(shop.recommend(like("blue").where(cheap)).ids()).containsExactly("crimson");
    assertThat(shop.product("red").orElseThrow().attributes().get("price")).isEqualTo(99.0);
    assertThat(shop.update(Product.of("nobody"))).isFalse();
  }

  @Test
  void thePaperRanksItsTenBySalesAndDropsTheNeverSold() {
    try (Recommender paper =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).paper().build()) {
      // p0 is the consulted one; p1 to p12 are ever farther away.
      for (int i = 0; i <= 12; i++) {
        double angle = i * 0.05;
        paper.add(
            Product.of("p" + i), new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
        for (int sold = 0; sold < i && i != 4; sold++) {
          paper.recordPurchase("p" + i, Instant.EPOCH);
        }
      }
      assertThat(ids(paper.similarTo("p0", 10)))
          .as("p11 and p12 sell best but are not among the ten nearest; p4 never sold")
          .containsExactly("p10", "p9", "p8", "p7", "p6", "p5", "p3", "p2", "p1");
      Recommendation first = paper.similarTo("p0", 1).get(0);
      assertThat(first.score()).isEqualTo(10);
      assertThat(first.sales()).isEqualTo(10);
      assertThat(first.similarity()).isCloseTo((float) Math.cos(.5), within(1e-6f));
    }
  }

  @Test
  void thePaperLooksAtNoMoreThanTenWhileSalesReachDeeper() {
    try (Recommender paper =
            Recommender.builder().dimension(2).index(NaiveIndex.factory()).paper().build();
        Recommender sales =
            Recommender.builder()
                .dimension(2)
                .index(NaiveIndex.factory())
                .candidates(10)
                .reranker(PopularityReranker.byPurchases())
                .build()) {
      for (Recommender each : List.of(paper, sales)) {
        for (int i = 0; i <= 100; i++) {
          double angle = i * 0.01;
          each.add(
              Product.of("p" + i), new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
        }
        each.recordPurchase("p3", Instant.EPOCH);
        each.recordPurchase("p11", Instant.EPOCH);
        each.recordPurchase("p99", Instant.EPOCH);
      }
      assertThat(ids(paper.similarTo("p0", 10))).containsExactly("p3");
      assertThat(ids(paper.similarTo("p0", 20))).containsExactly("p3");
      assertThat(ids(sales.similarTo("p0", 2))).containsExactly("p3", "p11");
      assertThat(ids(sales.similarTo("p0", 3))).containsExactly("p3", "p11", "p99");
      assertThat(ids(sales.similarTo("p0", 10))).containsExactly("p3", "p11", "p99");
      assertThat(sales.recommend(like("p0").onlyNearest(11)).ids()).containsExactly("p3", "p11");
      assertThat(paper.recommend(like("p0").candidates(1).k(2)).ids()).containsExactly("p3", "p11");
    }
  }

  @Test
  void aRequestOverridesTheShopForOneCall() {
    fillWithReds();
    shop.recordPurchase("blue", Instant.EPOCH);
    RecommendationRequest request = like("red").k(2);
    assertThat(shop.recommend(request).ids()).containsExactly("crimson", "pink");
    assertThat(shop.recommend(request.excluding(List.of("crimson", "unheard of"))).ids())
        .containsExactly("pink", "blue");
    assertThat(shop.recommend(request.rankedBy(PopularityReranker.byPurchases())).ids())
        .containsExactly("blue");
    assertThat(shop.recommend(request).ids()).as("as before").containsExactly("crimson", "pink");
    assertThat(shop.recommend(like("red")).ids()).hasSize(3);
    assertThatThrownBy(() -> like("red").onlyNearest(0))
        .hasMessage("candidates is 0, expected 1 or more");
    assertThatThrownBy(() -> Recommender.builder().onlyNearest(7).candidates(8))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "candidates or onlyNearest was already set to only the nearest 7, then came at least 8");
  }

  @Test
  void variantsCollapseBehindTheOneThatRanksHighest() {
    try (Recommender designs =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .variantsBy("code", VariantPolicy.COLLAPSE)
            .reranker(PopularityReranker.byPurchases())
            .candidates(10)
            .build()) {
      for (int i = 0; i < 6; i++) {
        designs.add(
            Product.of("p" + i).with("code", i < 2 ? "own" : i < 5 ? "cap" : "scarf"),
            new float[] {(float) Math.cos(i * .1), (float) Math.sin(i * .1)});
        designs.recordPurchases(List.of(new Purchase("p" + i, Instant.EPOCH, 10 + i)));
      }
      RecommendationPage page = designs.recommend(like("p0"));
      assertThat(page.ids()).containsExactly("p5", "p4", "p1");
      assertThat(page.recommendations())
          .extracting(Recommendation::variants)
          .containsExactly(0, 2, 0);
      assertThat(designs.recommend(like("p0").variants(VariantPolicy.KEEP)).ids()).hasSize(5);
      assertThat(designs.recommend(like("p0").variants(VariantPolicy.ONLY)).ids())
          .containsExactly("p1");
      assertThat(designs.recommend(like(new float[] {1, 0})).ids())
          .containsExactly("p5", "p4", "p1");
      assertThat(
              designs.recommend(like(new float[] {1, 0}).variants(VariantPolicy.EXCLUDE_OWN)).ids())
          .as("a picture has no variants")
          .hasSize(6);
      assertThatThrownBy(
              () -> designs.recommend(like(new float[] {1, 0}).variants(VariantPolicy.ONLY)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("ask with a product's id");
      assertThatThrownBy(() -> designs.recommend(like("lost").variants(VariantPolicy.ONLY)))
          .isInstanceOf(UnknownProductException.class);
      designs.remove("p4");
      assertThat(designs.recommend(like("p0")).recommendations().get(1))
          .satisfies(r -> assertThat(r.id()).isEqualTo("p3"))
          .satisfies(r -> assertThat(r.variants()).isEqualTo(1));
    }
    fillWithReds();
    assertThatThrownBy(() -> shop.recommend(like("red").variants(VariantPolicy.COLLAPSE)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("call variantsBy or variantsAbove");
    assertThatThrownBy(() -> Recommender.builder().variantsBy(" ", VariantPolicy.KEEP))
        .hasMessage("variantsBy is blank, expected an attribute's name");
  }

  /** What one example finds first is disliked, what another finds is far: more is looked at. */
  @Test
  void whatIsDislikedDoesNotHideTheBest() {
    try (Recommender shop =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).build()) {
      for (int i = 0; i < 4; i++) {
        shop.add(Product.of("disliked" + i), direction(-6 - i));
        shop.add(Product.of("far" + i), direction(200 + 2 * i));
      }
      shop.add(Product.of("near"), direction(20));
      RecommendationRequest request =
          like(direction(0))
              .alsoLike(Example.features(direction(120)))
              .notLike(Example.features(direction(-10)))
              .combining(Combination.BEST)
              .k(2);
      assertThat(shop.recommend(request).ids()).containsExactly("near", "far0");
    }
  }

  private static float[] direction(double degrees) {
    double angle = Math.toRadians(degrees);
    return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
  }

  @Test
  void variantsOfAProductWithoutLooksAreNone() {
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .variantsAbove(.99f, VariantPolicy.KEEP)
            .build()) {
      shop.add(Product.of("bare"));
      shop.add(Product.of("a"), new float[] {1, 0});
      RecommendationRequest only = like("bare").variants(VariantPolicy.ONLY);
      assertThat(shop.recommend(only).ids()).isEmpty();
      assertThatThrownBy(
              () -> shop.recommend(like(new float[] {1, 0}).variants(VariantPolicy.ONLY)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no product was consulted");
    }
  }

  /** In a first load, where all are taken over at once. */
  @Test
  void whatComesTwiceIsOfItsLastGroupOfVariants() {
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .variantsBy("code", VariantPolicy.COLLAPSE)
            .build()) {
      shop.addAll(
          List.of(
              new ProductFeatures(Product.of("q").with("code", "A"), new float[] {1, 0}),
              new ProductFeatures(Product.of("x").with("code", "A"), new float[] {1, .1f}),
              new ProductFeatures(Product.of("y").with("code", "B"), new float[] {1, .2f}),
              new ProductFeatures(Product.of("x").with("code", "B"), new float[] {1, .3f})));
      RecommendationPage page = shop.recommend(like(new float[] {1, 0}).k(5));
      assertThat(page.ids()).containsExactly("q", "y");
      assertThat(page.recommendations()).extracting(Recommendation::variants).containsExactly(0, 1);
    }
  }

  @Test
  void whatIsNotShownHasAReason() {
    for (int i = 0; i < 40; i++) {
      shop.add(
          Product.of("p" + i).with("price", i).with("brand", "b" + i % 2),
          picture("p" + i, 100 + i, 0, 0));
    }
    shop.recordPurchase("p1", Instant.EPOCH);
    RecommendationRequest request =
        like("p0")
            .k(2)
            .where(Filter.parse("price < 30 and not (price = 7)"))
            .excluding(List.of("p2"));
    Explanation visual = shop.explain(request);
    assertThat(visual.page().ids()).containsExactly("p1", "p3");
    assertThat(visual.whyNot("p0").reason()).isEqualTo("it is the product that was consulted");
    assertThat(visual.whyNot("p1"))
        .isEqualTo(new Explanation.Verdict(Explanation.Stage.SHOWN, "place 1 of the page"));
    assertThat(visual.whyNot("p2").reason()).isEqualTo("the request excludes it");
    assertThat(visual.whyNot("p4"))
        .isEqualTo(
            new Explanation.Verdict(Explanation.Stage.PAGE, "it ranks 3, and the page holds 2"));
    assertThat(visual.whyNot("p7").reason())
        .isEqualTo("not (price = 7) does not hold: its attributes are {brand=b1, price=7}");
    assertThat(visual.whyNot("p31").reason()).startsWith("price < 30 does not hold");
    assertThat(visual.whyNot("p29").reason())
        .matches("its similarity is 0\\.\\d{3}, and the last of the 4 candidates has .*");
    assertThat(visual.whyNot("x").reason()).isEqualTo("it is not in the catalogue");
    assertThat(visual.candidates().get(0).popularity()).isEmpty();

    Explanation sold = shop.explain(request.rankedBy(PopularityReranker.byPurchases()));
    assertThat(sold.page().ids()).containsExactly("p1");
    assertThat(sold.whyNot("p3").reason()).startsWith("it has never sold");
    assertThat(sold.candidates().get(0))
        .satisfies(step -> assertThat(step.popularity()).hasValue(1))
        .satisfies(step -> assertThat(step.score()).hasValue(1))
        .satisfies(step -> assertThat(step.rank()).isEqualTo(1));
    Explanation limited =
        shop.explain(request.candidates(9).diversity(Diversity.none().atMost("brand", 1)));
    assertThat(limited.page().ids()).containsExactly("p1", "p4");
    assertThat(limited.whyNot("p3").reason()).isEqualTo("its brand is b1, of which 1 are shown");
    assertThat(shop.explain(request.k(0)).whyNot("p1").reason()).isEqualTo("nothing was looked at");
    assertThatThrownBy(() -> shop.explain(like("nobody")))
        .isInstanceOf(UnknownProductException.class);
  }

  @Test
  void aPinThatTheOrderDropsIsShownAllTheSame() {
    fillWithReds();
    shop.recordPurchase("pink", Instant.EPOCH);
    Merchandising wanted = Merchandising.none().pin("blue", "nobody", "red", "blue");
    RecommendationRequest request =
        like("red").rankedBy(PopularityReranker.byPurchases()).merchandising(wanted);
    assertThat(shop.recommend(request).ids()).containsExactly("blue", "pink");
    assertThat(shop.recommend(request.k(1)).ids()).containsExactly("blue");
    assertThat(shop.explain(request).whyNot("blue").reason())
        .isEqualTo("place 1 of the page, pinned");
    assertThat(shop.recommend(request.where(Filter.lessThan("price", 40))).ids())
        .as("a filter is stronger than a pin")
        .containsExactly("pink");
    assertThatThrownBy(() -> Merchandising.none().boost(Filter.ALL, 1))
        .hasMessage("factor is 1.0, expected more than 1");
  }

  @Test
  void badDiversityIsNamed() {
    assertThatThrownBy(() -> Diversity.mmr(1.5)).hasMessage("relevance is 1.5, expected 0 to 1");
    assertThatThrownBy(() -> Diversity.none().atMost("brand", 0))
        .hasMessage("at most 0 products of a brand, expected 1 or more");
    assertThatThrownBy(() -> Diversity.none().atMost(" ", 1)).hasMessageContaining("is blank");
  }

  @Test
  void ofASetEachMemberIsLimited() {
    shop.add(Product.of("a").with("tag", Set.of("red", "blue")), picture("a", 250, 0, 0));
    shop.add(Product.of("b").with("tag", Set.of("blue", "green")), picture("b", 240, 0, 0));
    shop.add(Product.of("c").with("tag", Set.of("green")), picture("c", 230, 0, 0));
    shop.add(Product.of("d"), picture("d", 0, 250, 0));
    shop.add(Product.of("e"), picture("e", 0, 0, 250));
    assertThat(
            shop.recommend(
                    like(picture("q", 250, 0, 0)).diversity(Diversity.none().atMost("tag", 1)))
                .ids())
        .containsExactlyInAnyOrder("a", "c", "d", "e")
        .startsWith("a", "c");
  }

  private static org.assertj.core.data.Offset<Float> within(float offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }

  @Test
  void aBatchKeepsItsGoodItems() {
    var progress = new ArrayList<String>();
    AddReport report =
        shop.addAll(
            List.of(
                new ProductImage(Product.of("red"), picture("red.png", 250, 0, 0)),
                new ProductImage(Product.of("lost"), ImageSource.of(Path.of("nowhere/lost.jpg"))),
                new ProductImage(Product.of("text"), ImageSource.of("t.jpg", new byte[] {1, 2})),
                new ProductImage(Product.of("blue"), picture("blue.png", 0, 0, 255)),
                new ProductImage(Product.of("red"), picture("red2.png", 0, 255, 0))),
            (done, total) -> progress.add(done + "/" + total));
    assertThat(report.added()).as("products, not pictures").isEqualTo(2);
    assertThat(report.rejected())
        .containsExactly(
            new AddReport.Rejected("lost", "nowhere/lost.jpg: no such file"),
            new AddReport.Rejected("text", "t.jpg: not a picture"));
    assertThat(progress).containsExactly("1/5", "2/5", "3/5", "4/5", "5/5");
    assertThat(shop.size()).isEqualTo(2);
    assertThat(shop.similarTo(picture("q", 0, 255, 0), 1).get(0))
        .as("of one id twice in a batch the last counts")
        .satisfies(r -> assertThat(r.id()).isEqualTo("red"));
  }

  @Test
  void aBatchOutlivesAPictureOfWhichTheExtractorMakesNothing() {
    FeatureExtractor faulty =
        new FeatureExtractor() {
          @Override
          public String identity() {
            return "faulty";
          }

          @Override
          public int dimension() {
            return 2;
          }

          @Override
          public float[] extract(ImageSource image) {
            return image.name().equals("black") ? new float[2] : new float[] {1, 2};
          }

          @Override
          public void close() {}
        };
    try (Recommender robust =
        Recommender.builder().extractor(faulty).index(NaiveIndex.factory()).build()) {
      AddReport report =
          robust.addAll(
              List.of(
                  new ProductImage(Product.of("a"), picture("white", 9, 9, 9)),
                  new ProductImage(Product.of("b"), picture("black", 0, 0, 0)),
                  new ProductImage(Product.of("c"), picture("white", 9, 9, 9))),
              ProgressListener.NONE);
      assertThat(report.added()).isEqualTo(2);
      assertThat(report.rejected())
          .containsExactly(
              new AddReport.Rejected(
                  "b",
                  "black: the features of the product b: all 2 elements of the vector are 0, which"
                      + " has no direction"));
      assertThat(robust.size()).isEqualTo(2);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // callers without a null checker
  void whatIsNullIsNamed() {
    fillWithReds();
    assertThatThrownBy(() -> shop.similarTo((String) null, 1))
        .hasMessage("an example's product id is null, expected a text");
    assertThatThrownBy(() -> shop.similarTo((ImageSource) null, 1)).hasMessage("image");
    assertThatThrownBy(() -> shop.product(null)).hasMessage("productId");
    assertThatThrownBy(() -> shop.remove(null)).hasMessage("productId");
    assertThatThrownBy(() -> shop.add(Product.of("x"), (ImageSource) null)).hasMessage("image");
    assertThatThrownBy(() -> shop.addAll(List.of(), null)).hasMessage("progress");
    assertThatThrownBy(() -> shop.purchases().count(null)).hasMessage("productId");
    assertThatThrownBy(() -> Filter.equal(null, "x")).hasMessage("attribute");
    assertThat(shop.size()).isEqualTo(4);
  }

  @Test
  void manyBatchesGoInWhole() {
    var items = new ArrayList<ProductImage>();
    for (int i = 0; i < 600; i++) {
      items.add(
          new ProductImage(Product.of("p" + i), picture("p" + i, i % 256, i * 7 % 256, i / 3)));
    }
    assertThat(shop.addAll(items, ProgressListener.NONE).added()).isEqualTo(600);
    assertThat(shop.size()).isEqualTo(600);
    assertThat(shop.searcher().size()).isEqualTo(600);
  }

  @Test
  void anInterruptEndsABatch() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () ->
                shop.addAll(
                    List.of(
                        new ProductImage(Product.of("a"), picture("a", 1, 1, 1)),
                        new ProductImage(Product.of("b"), picture("b", 1, 1, 1))),
                    ProgressListener.NONE))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
    assertThat(shop.size()).isZero();
  }

  @Test
  void removedProductsAreGone() {
    fillWithReds();
    assertThat(shop.remove("crimson")).isTrue();
    assertThat(shop.remove("crimson")).isFalse();
    assertThat(ids(shop.similarTo("red", 10))).containsExactly("pink", "blue");
    assertThatThrownBy(() -> shop.similarTo("crimson", 10))
        .isInstanceOf(UnknownProductException.class)
        .hasMessage(
            "no product has the id \"crimson\" among the 3 in the catalogue; add it first, or ask"
                + " with its picture");
  }

  @Test
  void anIdInAnotherUnicodeFormIsToldApart() {
    shop.add(Product.of("caf\u00e9"), new float[] {1, 0, 0, 0});
    assertThatThrownBy(() -> shop.similarTo("cafe\u0301", 10))
        .isInstanceOf(UnknownProductException.class)
        .hasMessageEndingWith(
            "; one has it in another Unicode form (NFC), so ask for that, and normalize ids where"
                + " they come in");
    shop.add(Product.of("the\u0301"), new float[] {1, 0, 0, 0});
    assertThatThrownBy(() -> shop.suggest("th\u00e9", "kind"))
        .isInstanceOf(UnknownProductException.class)
        .hasMessageContaining("in another Unicode form (NFD)");
  }

  @Test
  void badInputIsNamedAndChangesNothing() {
    fillWithReds();
    assertThatThrownBy(() -> shop.similarTo("red", -1)).hasMessage("k is -1, expected 0 or more");
    assertThatThrownBy(() -> shop.add(Product.of("red"), new float[3]))
        .hasMessage("the product red has 3 features, expected 4");
    assertThatThrownBy(() -> shop.add(Product.of("red"), new float[4]))
        .hasMessageContaining("the product red")
        .hasMessageContaining("no direction");
    assertThatThrownBy(() -> shop.add(Product.of("red"), new float[] {1, Float.NaN, 1, 1}))
        .hasMessageContaining("element 1 of the vector is NaN");
    assertThatThrownBy(() -> shop.similarTo(new float[] {1, 2}, 1))
        .hasMessage("the query has 2 features, expected 4");
    assertThatThrownBy(() -> shop.add(Product.of("red"), ImageSource.of("x", new byte[9])))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("x: not a picture");
    assertThatThrownBy(() -> Product.of(" ")).hasMessageContaining("id is blank");
    assertThat(ids(shop.similarTo(picture("q", 250, 0, 0), 1))).containsExactly("red");
  }

  @Test
  void anIndexThatFailsLeavesTheCatalogueAsItWas() {
    var failing = new AtomicBoolean();
    var fatal = new AtomicBoolean();
    IndexFactory factory = factory(dimension -> new FailingIndex(dimension, failing, fatal));
    try (Recommender shaky = Recommender.builder().dimension(2).index(factory).build()) {
      shaky.add(Product.of("a").with("n", 1), new float[] {1, 0});
      failing.set(true);
      assertThatThrownBy(() -> shaky.add(Product.of("a").with("n", 2), new float[] {0, 1}))
          .hasMessage("disk full");
      assertThatThrownBy(() -> shaky.add(Product.of("b"), new float[] {0, 1}))
          .hasMessage("disk full");
      fatal.set(true);
      assertThatThrownBy(() -> shaky.add(Product.of("c"), new float[] {0, 1}))
          .isInstanceOf(OutOfMemoryError.class);
      assertThat(shaky.size()).isEqualTo(1);
      assertThat(shaky.product("a").orElseThrow().attributes().get("n")).isEqualTo(1.0);
    }
  }

  /** An index whose writes can be made to fail. */
  private static class FailingIndex extends ForwardingIndex {
    private final AtomicBoolean failing;
    private final AtomicBoolean fatal;

    FailingIndex(int dimension, AtomicBoolean failing, AtomicBoolean fatal) {
      super(new NaiveIndex(dimension));
      this.failing = failing;
      this.fatal = fatal;
    }

    @Override
    public void upsertAll(List<IndexItem> items) {
      if (fatal.get()) {
        throw new OutOfMemoryError("full");
      }
      if (failing.get()) {
        throw new IllegalStateException("disk full");
      }
      super.upsertAll(items);
    }
  }

  @Test
  void theBuilderRejectsAtOnce() {
    assertThatThrownBy(() -> Recommender.builder().build())
        .hasMessageContaining("neither extractor nor dimension was set");
    assertThatThrownBy(() -> Recommender.builder().dimension(4).build())
        .hasMessageContaining("index was not set")
        .hasMessageContaining("BruteForceIndex.factory()");
    assertThatThrownBy(() -> Recommender.builder().dimension(0))
        .hasMessage("dimension is 0, expected 1 or more");
    assertThatThrownBy(() -> Recommender.builder().candidates(0))
        .hasMessage("candidates is 0, expected 1 or more");
    assertThatThrownBy(() -> Recommender.builder().dimension(4).dimension(5))
        .hasMessage("dimension was already set to 4, then came 5");
    assertThatThrownBy(() -> Recommender.builder().candidates(7).paper())
        .hasMessage(
            "candidates or onlyNearest was already set to at least 7, then came only the nearest"
                + " 10");
    assertThatThrownBy(() -> visual().dimension(5).build())
        .hasMessageContaining("dimension is 5, but the extractor makes 4");
    assertThatThrownBy(() -> visual().paper().build().refit().apply(new float[1]))
        .hasMessageContaining("1 dimensions, expected 4");
  }

  @Test
  void withoutAnExtractorPicturesAreRefused() {
    try (Recommender vectors =
        Recommender.builder().dimension(4).index(NaiveIndex.factory()).build()) {
      assertThatThrownBy(() -> vectors.add(Product.of("a"), picture("a", 1, 2, 3)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no extractor");
    }
  }

  @Test
  void closingClosesWhatWasGivenAndEndsEverything() {
    fillWithReds();
    shop.close();
    shop.close();
    assertThat(extractor.closed).isTrue();
    assertThatThrownBy(() -> shop.similarTo("red", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this recommender has been closed");
    assertThatThrownBy(() -> shop.recordPurchase("red", Instant.EPOCH))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> shop.remove("red")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anIndexThatCannotBeClosedDoesNotKeepTheExtractorOpen() {
    IndexFactory stuck =
        factory(
            dimension ->
                new ForwardingIndex(new NaiveIndex(dimension)) {
                  @Override
                  public void close() {
                    throw new IllegalStateException("stuck");
                  }
                });
    Recommender broken = Recommender.builder().extractor(extractor).index(stuck).build();
    assertThatThrownBy(broken::close).hasMessage("stuck");
    assertThat(extractor.closed).isTrue();
    broken.close();
  }

  @Test
  void whatFailsToOpenClosesItsIndexesAndLeavesTheExtractorToTheCaller() {
    var store = new MemoryStore();
    try (Recommender stored =
        Recommender.builder()
            .extractor(extractor.shared())
            .index(NaiveIndex.factory())
            .store(store)
            .build()) {
      stored.add(Product.of("red"), picture("red", 255, 0, 0));
      stored.add(Product.of("reddish"), picture("reddish", 250, 9, 0));
    }

    IndexFactory none =
        factory(
            dimension -> {
              throw new IllegalStateException("no index");
            });
    RecommenderBuilder builder = Recommender.builder().extractor(extractor).index(none);
    assertThatThrownBy(builder::build).hasMessage("no index");

    var open = new AtomicInteger();
    for (boolean fatal : new boolean[] {false, true}) {
      IndexFactory full =
          factory(
              dimension -> {
                open.incrementAndGet();
                return new FailingIndex(
                    dimension, new AtomicBoolean(true), new AtomicBoolean(fatal)) {
                  @Override
                  public void close() {
                    super.close();
                    open.decrementAndGet();
                  }
                };
              });
      CatalogueStore again = store.reopened();
      assertThatThrownBy(
              () -> Recommender.builder().extractor(extractor).index(full).store(again).build())
          .hasMessage(fatal ? "full" : "disk full");
      assertThat(open).hasValue(0);
    }
    assertThat(extractor.closed).isFalse();
  }

  @Test
  void aBatchOfPurchasesIsCountedWholeOrNotAtAll() {
    List<Purchase> bad = List.of(Purchase.of("a", Instant.EPOCH), Purchase.of("a", Instant.MAX));
    assertThatThrownBy(() -> shop.recordPurchases(bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no calendar day");
    assertThat(shop.purchases().total()).isZero();
    shop.recordPurchases(bad.subList(0, 1));
    assertThat(shop.purchases().count("a")).isEqualTo(1);
  }

  @Test
  void aCustomRerankerSeesAttributesAndSales() {
    Reranker cheapest =
        (candidates, purchases) ->
            candidates.stream()
                .map(c -> c.scored(-(Double) c.product().attributes().get("price")))
                .sorted(Recommendation.BEST_FIRST)
                .toList();
    try (Recommender cheap =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).reranker(cheapest).build()) {
      cheap.add(Product.of("a").with("price", 5), new float[] {1, 0});
      cheap.add(Product.of("b").with("price", 3), new float[] {1, 1});
      cheap.add(Product.of("c").with("price", 4), new float[] {0, 1});
      assertThat(ids(cheap.similarTo(new float[] {1, 0}, 2))).containsExactly("b", "c");
    }
  }

  /** Searches, writes, refits and purchases at once; nothing is lost and nothing fails. */
  @Test
  void readsRunBesideWrites() throws Exception {
    var errors = new ConcurrentLinkedQueue<Throwable>();
    var answers = new AtomicInteger();
    var done = new AtomicBoolean();
    try (Recommender busy =
        Recommender.builder()
            .dimension(8)
            .index(NaiveIndex.factory())
            .transform(new DoublingRule())
            .build()) {
      for (int i = 0; i < 50; i++) {
        busy.add(Product.of("fixed" + i), vector(i));
      }
      var threads = new ArrayList<Thread>();
      for (int t = 0; t < 3; t++) {
        int reader = t;
        threads.add(
            new Thread(
                () -> {
                  while (!done.get()) {
                    List<Recommendation> page = busy.similarTo("fixed" + reader, 20);
                    assertThat(page).hasSize(20).doesNotHaveDuplicates();
                    assertThat(ids(page)).doesNotContain("fixed" + reader);
                    answers.incrementAndGet();
                  }
                }));
      }
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  busy.recordPurchase("fixed" + i % 50, Instant.EPOCH);
                }
              }));
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 300; i++) {
                  busy.add(Product.of("coming" + i % 30), vector(1000 + i));
                  if (i % 3 == 0) {
                    busy.remove("coming" + (i / 3) % 30);
                  }
                  if (i % 20 == 0) {
                    busy.refit();
                  }
                }
                done.set(true);
              }));
      for (Thread thread : threads) {
        thread.setUncaughtExceptionHandler(
            (t, e) -> {
              errors.add(e);
              done.set(true);
            });
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(errors).isEmpty();
      assertThat(answers).hasPositiveValue();
      assertThat(busy.purchases().total()).isEqualTo(2000);
      assertThat(busy.searcher().size()).isEqualTo(busy.size());
    }
  }

  private static float[] vector(long seed) {
    var random = new Random(seed);
    var vector = new float[8];
    for (int i = 0; i < 8; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }

  @Test
  void refittingChangesTheTransformAndKeepsTheCatalogue() {
    try (Recommender fitted =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .transform(new DoublingRule())
            .build()) {
      assertThat(fitted.refit()).isEqualTo(FeatureTransform.identity(2));
      fitted.add(Product.of("a"), new float[] {1, 0});
      fitted.add(Product.of("b"), new float[] {0, 1});
      assertThat(fitted.refit().outputDimension()).isEqualTo(4);
      assertThat(fitted.searcher().dimension()).isEqualTo(4);
      fitted.add(Product.of("c"), new float[] {1, 1});
      assertThat(ids(fitted.similarTo(new float[] {1, .1f}, 3))).containsExactly("a", "c", "b");
    }
  }
}
