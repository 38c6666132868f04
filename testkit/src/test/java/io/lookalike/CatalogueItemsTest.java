package io.lookalike;

import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.testkit.NaiveIndex;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Products by their features, without a photo, and many at once. */
class CatalogueItemsTest {

  @TempDir private Path folder;

  private static RecommenderBuilder builder() {
    return Recommender.builder().dimension(2).index(NaiveIndex.factory());
  }

  private static float[] features(int i) {
    return new float[] {(float) Math.cos(i * .01), (float) Math.sin(i * .01)};
  }

  private static ProductFeatures item(int i) {
    return new ProductFeatures(Product.of("p" + i), features(i));
  }

  @Test
  void anEmptyCatalogueIsBuiltFromAllItemsAtOnce() {
    var builds = new AtomicInteger();
    IndexFactory counting =
        new IndexFactory() {
          @Override
          public NeighborIndex create(int dimension) {
            return new NaiveIndex(dimension);
          }

          @Override
          public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
            builds.incrementAndGet();
            return IndexFactory.super.build(dimension, items);
          }
        };
    try (Recommender shop = Recommender.builder().dimension(2).index(counting).build()) {
      var done = new ArrayList<Long>();
      Iterable<ProductFeatures> cursor =
          () -> IntStream.range(0, 1000).mapToObj(i -> item(i)).iterator();
      assertThat(shop.addAll(cursor, (n, total) -> done.add(n)).added()).isEqualTo(1000);
      assertThat(done).hasSize(1000).isSorted();
      assertThat(builds).hasValue(1);
      assertThat(shop.addAll(List.of(item(5), item(1000), item(1000))).added())
          .as("products, not items")
          .isEqualTo(2);
      assertThat(shop.size()).isEqualTo(1001);
      assertThat(shop.similarTo("p500", 2)).extracting(Recommendation::id).contains("p499", "p501");
    }
  }

  @Test
  void goodItemsGoInBesideBadOnes() {
    try (Recommender shop = builder().build()) {
      AddReport report =
          shop.addAll(
              List.of(
                  item(1),
                  new ProductFeatures(Product.of("short"), new float[] {1}),
                  item(2),
                  new ProductFeatures(Product.of("zero"), new float[2]),
                  CatalogueItem.of(Product.of("unseen")),
                  new ProductFeatures(Product.of("nan"), new float[] {Float.NaN, 1}),
                  item(1)));
      assertThat(report.added()).isEqualTo(3);
      assertThat(report.rejected())
          .extracting(AddReport.Rejected::id)
          .containsExactly("short", "zero", "nan");
      assertThat(report.rejected().get(0).reason())
          .isEqualTo("the product short has 1 features, expected 2");
      assertThat(shop.size()).isEqualTo(3);
    }
  }

  @Test
  void aSourceThatFailsLeavesAnEmptyCatalogueEmpty() {
    try (Recommender shop = builder().build()) {
      Iterator<ProductFeatures> broken =
          IntStream.range(0, 10)
              .mapToObj(
                  i -> {
                    if (i == 7) {
                      throw new IllegalStateException("connection lost");
                    }
                    return item(i);
                  })
              .iterator();
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> shop.addAll(() -> broken))
          .hasMessage("connection lost");
      assertThat(shop.size()).isZero();
      assertThat(shop.addAll(List.of(item(1))).added()).isEqualTo(1);
    }
  }

  @Test
  void aProductWithoutAPhotoSellsAndNeverAppearsByItsLooks() throws Exception {
    try (Recommender shop =
        builder()
            .sessions(Sessions.builder().build())
            .variantsBy("design", VariantPolicy.KEEP)
            .build()) {
      shop.addAll(List.of(item(1), item(2), item(3)));
      shop.add(Product.of("unseen").with("stock", 3).with("design", "d"));
      shop.recordPurchase("unseen", Instant.EPOCH);
      assertThat(shop.size()).isEqualTo(4);
      assertThat(shop.product("unseen")).isPresent();
      assertThat(shop.similarTo("p1", 10))
          .extracting(Recommendation::id)
          .containsExactly("p2", "p3");
      var anybody = RecommendationRequest.forCustomer(Customer.of("anybody"));
      assertThat(shop.recommend(anybody).ids()).startsWith("unseen").hasSize(4);
      assertThat(shop.recommend(anybody.where(Filter.greaterThan("stock", 5))).ids()).isEmpty();
      assertThat(shop.update("unseen", a -> a.with("stock", 6))).isTrue();
      assertThat(shop.recommend(anybody.where(Filter.greaterThan("stock", 5))).ids())
          .containsExactly("unseen");
      assertThat(shop.recommend(like("unseen").k(2)).ids())
          .as("nothing is known of its looks: what sells best")
          .hasSize(2)
          .doesNotContain("unseen");
      assertThat(shop.explain(like("p1")).whyNot("unseen").reason())
          .isEqualTo("nothing is known of its looks");
      assertThat(shop.recommend(like("p1").merchandising(Merchandising.none().pin("unseen"))).ids())
          .startsWith("unseen");

      shop.save(folder);
      try (Recommender opened = builder().open(folder)) {
        assertThat(opened.size()).isEqualTo(4);
        assertThat(opened.product("unseen")).isEqualTo(shop.product("unseen"));
        assertThat(opened.similarTo("p1", 10)).hasSize(2);
      }
      shop.refit();
      assertThat(shop.size()).isEqualTo(4);

      shop.add(shop.product("unseen").orElseThrow(), features(0));
      assertThat(shop.size()).isEqualTo(4);
      assertThat(shop.similarTo("p1", 10)).extracting(Recommendation::id).contains("unseen");
      shop.add(Product.of("unseen").with("stock", 9));
      assertThat(shop.similarTo("p1", 10)).as("keeps its features").hasSize(3);
      assertThat(shop.product("unseen").orElseThrow().attributes().get("stock")).isEqualTo(9.0);
      assertThat(shop.remove("unseen")).isTrue();
      assertThat(shop.size()).isEqualTo(3);
    }
  }

  @Test
  void productsCanBeGoneThrough() {
    try (Recommender shop = builder().build()) {
      assertThat(shop.products()).isEmpty();
      for (int i = 0; i < 600; i++) {
        shop.add(Product.of("p" + i).with("n", i), features(i));
      }
      shop.add(Product.of("unseen"));
      Iterator<Product> half = shop.products().iterator();
      half.next();
      for (int i = 0; i < 600; i += 2) {
        shop.remove("p" + i);
      }
      var seen = new ArrayList<Product>();
      half.forEachRemaining(seen::add);
      assertThat(seen).doesNotHaveDuplicates().hasSizeBetween(300, 600);
      assertThat(shop.products()).hasSize(301).contains(Product.of("unseen"));
    }
  }

  @Test
  void aSharedExtractorOutlivesItsRecommenders() {
    var extractor = new ColourExtractor("colour/1");
    var red = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    red.setRGB(0, 0, 0xff0000);
    for (int i = 0; i < 2; i++) {
      FeatureExtractor lent = extractor.shared();
      assertThat(lent.identity()).isEqualTo(extractor.identity());
      try (Recommender shop =
          Recommender.builder().extractor(lent).index(NaiveIndex.factory()).build()) {
        assertThat(
                shop.addAll(
                        List.of(new ProductImage(Product.of("red"), ImageSource.of("red", red))))
                    .added())
            .isEqualTo(1);
      }
      assertThat(extractor.closed).isFalse();
    }
    Recommender.builder().extractor(extractor).index(NaiveIndex.factory()).build().close();
    assertThat(extractor.closed).isTrue();
  }

  @Test
  void aRecommenderAndARequestPrintThemselves() {
    try (Recommender shop = builder().build()) {
      shop.add(Product.of("a"), features(1));
      assertThat(shop)
          .hasToString(
              "Recommender[1 products, 0 pieces sold, features from elsewhere, "
                  + shop.transform().description()
                  + "]");
    }
    assertThat(like("a").where(Filter.lessThan("price", 9)).k(3).toString())
        .contains("a", "price < 9", "k=3")
        .doesNotContain("@");
  }
}
