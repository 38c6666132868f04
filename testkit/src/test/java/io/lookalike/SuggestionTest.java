package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.testkit.NaiveIndex;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The value that neighbors have. */
class SuggestionTest {

  private static final int DIMENSION = 6;

  /** Kinds in directions of their own; a share of the labels is wrong. */
  private static Recommender shop(long seed, int products, double wrong) {
    var random = new Random(seed);
    Recommender shop =
        Recommender.builder().dimension(DIMENSION).index(NaiveIndex.factory()).build();
    for (int i = 0; i < products; i++) {
      var features = new float[DIMENSION];
      for (int j = 0; j < DIMENSION; j++) {
        features[j] = (float) (.3 * random.nextGaussian()) + (j == i % 3 ? 2 : 0);
      }
      int kind = random.nextDouble() < wrong ? random.nextInt(3) : i % 3;
      shop.add(Product.of("p" + i).with("kind", "k" + kind).with("size", i % 3), features);
    }
    return shop;
  }

  @Test
  void suggestsWhatTheNeighborsHave() {
    try (Recommender shop = shop(1, 150, 0)) {
      shop.add(Product.of("new"), new float[] {0, 2, 0, 0, 0, 0});
      Suggestion kind = shop.suggest("new", "kind").orElseThrow();
      assertThat(kind.value()).isEqualTo("k1");
      assertThat(kind.share()).isEqualTo(1);
      assertThat(kind.neighbors()).isEqualTo(15);
      assertThat(kind.confidence()).isGreaterThan(.95);
      assertThat(shop.suggest("new", "size").orElseThrow().value())
          .isEqualTo(shop.product("p1").orElseThrow().attributes().get("size"));
      assertThat(shop.suggest("new", "missing")).isEmpty();
      // Its own value has no vote.
      shop.add(Product.of("odd").with("kind", "k9"), new float[] {0, 2, 0, 0, 0, 0});
      assertThat(shop.suggest("odd", "kind").orElseThrow().value()).isEqualTo("k1");
      shop.add(Product.of("unseen"));
      assertThat(shop.suggest("unseen", "kind")).isEmpty();
      assertThatThrownBy(() -> shop.suggest("nobody", "kind"))
          .isInstanceOf(UnknownProductException.class);
    }
  }

  /** How often a majority is right is what is said of it, also where it is often wrong. */
  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.5, 0.8})
  void confidenceIsMeasuredOnTheCatalogue(double wrong) {
    try (Recommender shop = shop(2, 600, wrong)) {
      double sum = 0;
      int right = 0;
      for (int i = 0; i < 600; i++) {
        Suggestion kind = shop.suggest("p" + i, "kind").orElseThrow();
        sum += kind.confidence();
        if (kind.value().equals(shop.product("p" + i).orElseThrow().attributes().get("kind"))) {
          right++;
        }
      }
      assertThat(sum / 600).as("right: %d of 600", right).isCloseTo(right / 600.0, within(.06));
    }
  }

  @Test
  void itIsMeasuredAnewWhenTheCatalogueHasChanged() {
    try (Recommender shop = shop(3, 300, 0)) {
      double before = shop.suggest("p0", "kind").orElseThrow().confidence();
      var random = new Random(3);
      for (int i = 0; i < 300; i++) {
        int kind = random.nextInt(3);
        shop.update("p" + i, a -> a.with("kind", "k" + kind));
      }
      for (int i = 300; i < 360; i++) {
        shop.add(Product.of("p" + i).with("kind", "k" + i % 3), new float[] {1, 1, 1, 1, 1, 1});
      }
      assertThat(shop.suggest("p0", "kind").orElseThrow().confidence()).isLessThan(before - .2);
    }
  }

  /** Nothing can be measured of a value that one product has, and little of a few. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void fewNeighborsAreNotCertain(int labelled) {
    try (Recommender shop = shop(5, 300, 0)) {
      for (int i = 0; i < labelled; i++) {
        shop.update("p" + 7 * i, a -> a.with("season", "summer"));
      }
      Suggestion season = shop.suggest("p1", "season").orElseThrow();
      assertThat(season.neighbors()).isEqualTo(labelled);
      assertThat(season.share()).isEqualTo(1);
      assertThat(season.confidence()).isLessThan(.6);
    }
  }

  @Test
  void itIsMeasuredAnewWhenValuesAreUpdated() {
    try (Recommender shop = shop(4, 300, 0)) {
      assertThat(shop.suggest("p0", "kind").orElseThrow().confidence()).isGreaterThan(.9);
      var random = new Random(4);
      for (int i = 0; i < 300; i++) {
        int kind = random.nextInt(3);
        shop.update("p" + i, a -> a.with("kind", "k" + kind));
      }
      assertThat(shop.suggest("p0", "kind").orElseThrow().confidence()).isLessThan(.7);
    }
  }

  /** A first photo that all products share tells nothing; the second tells the kind. */
  @Test
  void confidenceIsMeasuredWithAllPhotos() {
    var random = new Random(6);
    ImageSource front = ColourExtractor.picture("front", 120, 120, 120);
    try (Recommender shop =
        Recommender.builder()
            .extractor(new ColourExtractor("colour/1"))
            .index(NaiveIndex.factory())
            .build()) {
      for (int i = 0; i < 120; i++) {
        int[] rgb = {random.nextInt(40), random.nextInt(40), random.nextInt(40)};
        rgb[i % 3] = 250;
        ImageSource own = ColourExtractor.picture("own" + i, rgb[0], rgb[1], rgb[2]);
        shop.add(Product.of("p" + i).with("kind", "k" + i % 3), List.of(own, own, own, front));
      }
      int right = 0;
      double sum = 0;
      for (int i = 0; i < 120; i++) {
        Suggestion kind = shop.suggest("p" + i, "kind").orElseThrow();
        right += kind.value().equals("k" + i % 3) ? 1 : 0;
        sum += kind.confidence();
      }
      assertThat(sum / 120).as("right: %d of 120", right).isCloseTo(right / 120.0, within(.1));
    }
  }

  @Test
  void membersOfASetAreValues() {
    try (Recommender shop =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).build()) {
      shop.add(Product.of("a").with("style", Set.of("retro", "casual")), new float[] {1, 0});
      shop.add(Product.of("b").with("style", Set.of("retro")), new float[] {1, .1f});
      shop.add(Product.of("c"), new float[] {1, .05f});
      Suggestion style = shop.suggest("c", "style").orElseThrow();
      assertThat(style.value()).isEqualTo("retro");
      assertThat(style.share()).isEqualTo(1);
      assertThat(style.neighbors()).isEqualTo(2);
    }
  }
}
