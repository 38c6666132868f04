package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.testkit.NaiveIndex;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Placeholders and photos that many products have. */
class SharedPicturesTest {

  private static final int DIMENSION = 16;

  private static float[] random(Random random) {
    var features = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      features[i] = (float) random.nextGaussian();
    }
    return features;
  }

  @Test
  void findsPicturesThatManyProductsHave() {
    var random = new Random(1);
    try (Recommender shop =
        Recommender.builder().dimension(DIMENSION).index(NaiveIndex.factory()).build()) {
      float[] noImage = random(random);
      float[] comingSoon = random(random);
      for (int i = 0; i < 100; i++) {
        shop.add(Product.of("p" + i), random(random));
      }
      for (int i = 0; i < 30; i++) {
        float[] features = noImage.clone();
        features[i % DIMENSION] += i < 20 ? 0 : .01f; // compressed again
        shop.add(Product.of("n" + i), features);
      }
      for (int i = 0; i < 21; i++) {
        shop.add(Product.of("c" + i), comingSoon);
      }
      for (int i = 0; i < 5; i++) {
        shop.add(Product.of("sizes" + i), random(new Random(9)));
      }
      shop.add(Product.of("unseen"));
      List<SharedPicture> shared = shop.sharedPictures(20);
      assertThat(shared).hasSize(2);
      assertThat(shared.get(0).productIds()).hasSize(30).allMatch(id -> id.startsWith("n"));
      assertThat(shared.get(1).productIds()).hasSize(21).allMatch(id -> id.startsWith("c"));
      assertThat(shop.sharedPictures(2)).hasSize(3);
      assertThat(shop.sharedPictures(31)).isEmpty();
      assertThatThrownBy(() -> shop.sharedPictures(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("least is 1, expected 2 or more");
    }
  }

  /** A placeholder that was saved anew for each product: no two files are equal. */
  @ParameterizedTest
  @ValueSource(longs = {3, 4, 5})
  void picturesThatWereEachSavedAnewAreFound(long seed) {
    var random = new Random(seed);
    try (Recommender shop =
        Recommender.builder().dimension(DIMENSION).index(NaiveIndex.factory()).build()) {
      float[] noImage = random(random);
      for (int i = 0; i < 200; i++) {
        shop.add(Product.of("p" + i), random(random));
      }
      for (int i = 0; i < 60; i++) {
        float[] features = noImage.clone();
        for (int j = 0; j < DIMENSION; j++) {
          features[j] += (float) (.02 * random.nextGaussian());
        }
        shop.add(Product.of("n" + i), features);
      }
      List<SharedPicture> shared = shop.sharedPictures(20);
      assertThat(shared).as("seed %d", seed).hasSize(1);
      assertThat(shared.get(0).productIds())
          .as("seed %d", seed)
          .hasSize(60)
          .allMatch(id -> id.startsWith("n"));
    }
  }

  @Test
  void allPhotosOfAProductCount() {
    var random = new Random(2);
    ImageSource chart = ColourExtractor.picture("chart", 10, 200, 90);
    ImageSource none = ColourExtractor.picture("none", 200, 10, 30);
    try (Recommender shop =
        Recommender.builder()
            .extractor(new ColourExtractor("colour/1"))
            .index(NaiveIndex.factory())
            .build()) {
      for (int i = 0; i < 30; i++) {
        ImageSource own =
            ColourExtractor.picture(
                "own" + i, random.nextInt(90), random.nextInt(90), 120 + random.nextInt(90));
        shop.add(Product.of("p" + i), i < 20 ? List.of(own, chart, none) : List.of(own, chart));
      }
      shop.add(Product.of("twice"), List.of(none, none, none));
      List<SharedPicture> shared = shop.sharedPictures(20);
      assertThat(shared).extracting(picture -> picture.productIds().size()).containsExactly(30, 21);
      assertThat(shared.get(0).productIds()).doesNotContain("twice");
      assertThat(shared.get(1).productIds()).contains("p0", "twice").doesNotContain("p20");
      assertThat(shop.sharedPictures(22)).hasSize(1);
    }
  }
}
