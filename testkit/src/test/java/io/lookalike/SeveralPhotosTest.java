package io.lookalike;

import static io.lookalike.RecommendationRequest.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Products of which there are several photos. */
class SeveralPhotosTest {

  private static final ImageSource RED = png("red.png", new Color(250, 0, 0));
  private static final ImageSource CRIMSON = png("crimson.png", new Color(220, 20, 60));
  private static final ImageSource GREEN = png("green.png", new Color(0, 250, 0));
  private static final ImageSource LIME = png("lime.png", new Color(60, 240, 20));
  private static final ImageSource BLUE = png("blue.png", new Color(0, 0, 250));
  private static final ImageSource NAVY = png("navy.png", new Color(0, 0, 120));
  private static final ImageSource TEXT = ImageSource.of("t.png", new byte[] {1, 2});

  private static ImageSource png(String name, Color color) {
    var image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 16; i++) {
      image.setRGB(i % 4, i / 4, color.getRGB());
    }
    return png(name, image);
  }

  private static ImageSource png(String name, BufferedImage image) {
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ImageSource.of(name, bytes.toByteArray());
  }

  private static RecommenderBuilder builder() {
    return Recommender.builder()
        .extractor(new ColourExtractor("colour/1"))
        .index(NaiveIndex.factory());
  }

  private static void fill(Recommender shop) {
    shop.add(Product.of("shirt").with("price", 10), List.of(RED, GREEN, CRIMSON));
    shop.add(Product.of("dress").with("price", 20), List.of(BLUE, LIME));
    shop.add(Product.of("hat").with("price", 30), NAVY);
  }

  @Test
  void aSuggestionGoesByAllPhotos() {
    try (Recommender shop = builder().build()) {
      for (int i = 0; i < 15; i++) {
        shop.add(Product.of("r" + i).with("kind", "red"), png("r.png", new Color(240 + i, 0, 9)));
        shop.add(Product.of("b" + i).with("kind", "blue"), png("b.png", new Color(9, 0, 240 + i)));
      }
      shop.add(Product.of("mostly blue"), List.of(RED, BLUE, NAVY, BLUE));
      assertThat(shop.suggest("mostly blue", "kind").orElseThrow().value()).isEqualTo("blue");
    }
  }

  @Test
  void aProductIsAsNearAsItsBestPhotoWhicheverExampleComesFirst() {
    try (Recommender photos = builder().build()) {
      photos.add(Product.of("both"), List.of(CRIMSON, NAVY));
      photos.add(Product.of("green"), GREEN);
      for (List<ImageSource> examples : List.of(List.of(RED, NAVY), List.of(NAVY, RED))) {
        RecommendationRequest request =
            like(examples.get(0))
                .alsoLike(Example.image(examples.get(1)))
                .combining(Combination.BEST)
                .k(2);
        RecommendationPage page = photos.recommend(request);
        assertThat(page.ids()).containsExactly("both", "green");
        assertThat(page.recommendations().get(0).similarity()).isCloseTo(1f, within(1e-6f));
      }
    }
  }

  @Test
  void whatIsBoughtTogetherKeepsItsNearestPhoto() {
    try (Recommender shop =
        builder()
            .coPurchases(CoPurchases.builder().build())
            .reranker(PopularityReranker.balanced().boughtTogether(.5))
            .build()) {
      shop.add(Product.of("hat"), LIME);
      shop.add(Product.of("dress"), List.of(NAVY, GREEN));
      for (String who : List.of("ann", "ben")) {
        for (String product : List.of("hat", "dress")) {
          shop.record(new Event(new Customer("", who), Event.Kind.BOUGHT, product, Instant.now()));
        }
      }
      Recommendation dress = shop.similarTo("hat", 1).get(0);
      assertThat(dress.id()).isEqualTo("dress");
      assertThat(dress.photo()).isEqualTo(2);
    }
  }

  @Test
  void candidatesByAnotherPhotoAreNotEqual() {
    var byPhoto = new ArrayList<Candidate>();
    for (int photo : new int[] {1, 2, 2}) {
      byPhoto.add(
          new Candidate(Product.of("hat"), .5f, 3, BoughtTogether.Times.NEVER, id -> null, photo));
    }
    assertThat(byPhoto.get(0)).isNotEqualTo(byPhoto.get(1));
    assertThat(byPhoto.get(1)).isEqualTo(byPhoto.get(2)).hasSameHashCodeAs(byPhoto.get(2));
  }

  @Test
  void aProductIsOnThePageOnceByItsNearestPhoto() {
    try (Recommender shop = builder().build()) {
      fill(shop);
      assertThat(shop.size()).isEqualTo(3);
      assertThat(shop.products()).extracting(Product::id).contains("shirt", "dress", "hat");
      List<Recommendation> page = shop.similarTo(LIME, 10);
      assertThat(page).extracting(Recommendation::id).containsExactly("dress", "shirt", "hat");
      assertThat(page).extracting(Recommendation::photo).containsExactly(2, 2, 1);
      assertThat(page.get(0).similarity()).isCloseTo(1, within(1e-6f));
      assertThat(shop.similarTo(LIME, 1)).hasSize(1);
      assertThat(
              shop.recommend(like(RED).where(Filter.greaterThan("price", 15)).k(2))
                  .recommendations())
          .extracting(Recommendation::id)
          .containsExactly("dress", "hat");
      assertThat(shop.recommend(like(RED).excluding(List.of("shirt")).k(5)).ids())
          .doesNotContain("shirt");
    }
  }

  @Test
  void theExplanationTellsOfEachPhoto() {
    try (Recommender shop = builder().build()) {
      fill(shop);
      Explanation explanation = shop.explain(like(GREEN).k(1));
      assertThat(explanation.whyNot("shirt").reason())
          .isEqualTo("place 1 of the page, its photo 2 is the nearest");
      List<Float> photos = explanation.photos("shirt");
      assertThat(photos).hasSize(3);
      assertThat(photos.get(1)).isCloseTo(1, within(1e-6f)).isGreaterThan(photos.get(0));
      assertThat(explanation.photos("hat")).hasSize(1);
      assertThat(explanation.photos("nobody")).isEmpty();
      assertThat(explanation.page().recommendations().get(0).photo()).isEqualTo(2);
    }
  }

  @Test
  void allPhotosOfAConsultedProductCount() {
    try (Recommender shop = builder().build()) {
      shop.add(Product.of("two"), List.of(RED, BLUE));
      shop.add(Product.of("red"), CRIMSON);
      shop.add(Product.of("blue"), NAVY);
      shop.add(Product.of("purple"), png("purple.png", new Color(180, 0, 180)));
      // On average it is purple; where the best example decides, it is red or blue.
      assertThat(shop.similarTo("two", 3).get(0).id()).isEqualTo("purple");
      assertThat(shop.recommend(like("two").combining(Combination.BEST).k(3)).ids())
          .endsWith("purple");
      assertThat(shop.similarTo("two", 9)).extracting(Recommendation::id).doesNotContain("two");
    }
  }

  @Test
  void theMeanIsOneVector() {
    try (Recommender shop = builder().photos(PhotoPolicy.MEAN).build()) {
      fill(shop);
      assertThat(shop.similarTo(RED, 3)).extracting(Recommendation::photo).containsOnly(1);
      assertThat(shop.explain(like(RED).k(1)).photos("shirt")).hasSize(1);
      float mean = shop.similarTo(RED, 1).get(0).similarity();
      assertThat(mean).isBetween(.5f, .99f);
    }
  }

  @Test
  void fewerPhotosReplaceMore() {
    try (Recommender shop = builder().build()) {
      fill(shop);
      shop.add(Product.of("shirt").with("price", 11), List.of(BLUE, NAVY));
      assertThat(shop.similarTo(GREEN, 3).get(0).id()).isEqualTo("dress");
      shop.add(Product.of("dress").with("price", 21), NAVY);
      assertThat(shop.similarTo(LIME, 9)).hasSize(3).extracting(Recommendation::photo).contains(1);
      assertThat(shop.update("shirt", a -> a.with("price", 99))).isTrue();
      assertThat(shop.recommend(like(NAVY).where(Filter.lessThan("price", 90)).k(9)).ids())
          .containsExactlyInAnyOrder("dress", "hat");
      assertThat(shop.remove("shirt")).isTrue();
      assertThat(shop.similarTo(BLUE, 9)).hasSize(2);
      assertThat(shop.size()).isEqualTo(2);
      shop.add(Product.of("shirt"), List.of(RED, GREEN));
      assertThat(shop.similarTo(GREEN, 1).get(0).photo()).isEqualTo(2);
    }
  }

  @Test
  void idsThatLookLikeAPhotosKeyAreOnlyIds() {
    try (Recommender shop = builder().build()) {
      shop.add(Product.of("a"), List.of(RED, GREEN));
      shop.add(Product.of("a\u00012"), BLUE);
      shop.add(Product.of("a\u00012\u00013"), List.of(NAVY, LIME));
      assertThat(shop.searcher().ids())
          .containsExactlyInAnyOrder("a", "a\u00012", "a\u00012\u00013");
      assertThat(shop.similarTo(GREEN, 9))
          .extracting(Recommendation::id)
          .containsExactly("a", "a\u00012\u00013", "a\u00012");
      assertThat(shop.remove("a\u00012")).isTrue();
      assertThat(shop.similarTo(GREEN, 9)).hasSize(2);
      assertThat(shop.remove("a")).isTrue();
      assertThat(shop.similarTo(LIME, 9).get(0).photo()).isEqualTo(2);
    }
  }

  @Test
  void aProductGoesInWithAllItsPhotosOrNotAtAll() {
    try (Recommender shop = builder().build()) {
      fill(shop);
      assertThatThrownBy(() -> shop.add(Product.of("shirt"), List.of(BLUE, TEXT)))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageContaining("t.png");
      assertThat(shop.similarTo(GREEN, 1).get(0).id()).isEqualTo("shirt");
      AddReport report =
          shop.addAll(
              List.of(
                  new ProductImage(Product.of("bad"), List.of(RED, TEXT, BLUE)),
                  new ProductImage(Product.of("good"), List.of(RED, BLUE))));
      assertThat(report.added()).isEqualTo(1);
      assertThat(report.rejected()).extracting(AddReport.Rejected::id).containsExactly("bad");
      assertThat(report.rejected().get(0).reason()).contains("t.png");
      assertThat(shop.product("bad")).isEmpty();
      assertThatThrownBy(() -> shop.add(Product.of("none"), List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the product none has 0 photos, expected 1 to 100");
      assertThatThrownBy(() -> shop.add(Product.of("much"), Collections.nCopies(101, RED)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("101 photos");
    }
  }

  @Test
  void theStoreKeepsEachPhoto() {
    var store = new MemoryStore();
    List<Recommendation> before;
    try (Recommender shop = builder().store(store).build()) {
      fill(shop);
      before = shop.similarTo(GREEN, 3);
      assertThat(shop.audit().healthy()).isTrue();
    }
    MemoryStore again = store.reopened();
    try (Recommender shop = builder().photos(PhotoPolicy.MEAN).store(again).build()) {
      assertThat(shop.similarTo(GREEN, 3)).isNotEqualTo(before);
      assertThat(shop.searcher().size()).isEqualTo(3);
      assertThat(shop.audit().healthy()).isTrue();
    }
    var looked = new AtomicInteger();
    var extractor = new CountingExtractor(looked);
    try (Recommender shop =
        Recommender.builder()
            .extractor(extractor)
            .index(NaiveIndex.factory())
            .transform(new DoublingRule())
            .store(again.reopened())
            .build()) {
      assertThat(shop.similarTo(GREEN, 3)).isEqualTo(before);
      looked.set(0); // known photos are not embedded again
      shop.add(Product.of("copy"), List.of(RED, GREEN, CRIMSON));
      assertThat(looked).hasValue(0);
      assertThat(shop.remove("copy")).isTrue();
      FeatureTransform fitted = shop.refit();
      assertThat(fitted.outputDimension()).isEqualTo(8);
      assertThat(shop.similarTo(GREEN, 3))
          .extracting(Recommendation::photo)
          .isEqualTo(before.stream().map(Recommendation::photo).toList());
      assertThat(shop.audit().healthy()).isTrue();
    }
  }

  /** Of a photo, of parts of it, and of several parts, each has features of its own. */
  @Test
  void theStoreTellsPartsOfAPhotoApart() {
    ImageSource flag = flag();
    ImageSource left = flag.crop(0, 0, .5, 1);
    ImageSource right = flag.crop(.5, 0, .5, 1);
    var store = new MemoryStore();
    try (Recommender shop = builder().store(store).build()) {
      shop.addAll(
          List.of(
              new ProductImage(Product.of("flag"), flag),
              new ProductImage(Product.of("left"), left)));
      shop.add(Product.of("right"), right);
      shop.add(Product.of("again"), flag);
      shop.add(Product.of("both"), List.of(flag, left));
      shop.add(Product.of("both"), List.of(flag, right));
    }
    try (Recommender shop = builder().store(store.reopened()).build()) {
      List<Recommendation> page = shop.similarTo(left, 9);
      assertThat(page.get(0).id()).isEqualTo("left");
      assertThat(page.get(0).similarity()).isCloseTo(1, within(1e-6f));
      assertThat(page.get(1).similarity()).isLessThan(.95f);
      assertThat(shop.similarTo("flag", 9).get(0).id()).isIn("again", "both");
      assertThat(shop.similarTo(right, 2))
          .allMatch(r -> r.similarity() > .9999f)
          .extracting(Recommendation::id)
          .containsExactlyInAnyOrder("right", "both");
      // A part of a part is the part that it makes.
      shop.add(Product.of("same"), flag.crop(0, 0, 1, 1).crop(0, 0, .5, 1));
      assertThat(shop.similarTo("same", 1).get(0).id()).isEqualTo("left");
    }
  }

  private static ImageSource flag() {
    var image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 16; i++) {
      image.setRGB(i % 4, i / 4, (i % 4 < 2 ? Color.RED : Color.BLUE).getRGB());
    }
    return png("flag.png", image);
  }

  private record CountingExtractor(AtomicInteger looked, FeatureExtractor colours)
      implements FeatureExtractor {
    CountingExtractor(AtomicInteger looked) {
      this(looked, new ColourExtractor("colour/1"));
    }

    @Override
    public String identity() {
      return colours.identity();
    }

    @Override
    public int dimension() {
      return colours.dimension();
    }

    @Override
    public float[] extract(ImageSource image) {
      looked.incrementAndGet();
      return colours.extract(image);
    }

    @Override
    public void close() {
      colours.close();
    }
  }
}
