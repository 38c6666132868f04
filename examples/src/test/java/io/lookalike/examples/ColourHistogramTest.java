package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColourHistogramTest {

  @Test
  void findsThePhotosOfTheSameColours() throws IOException {
    try (Recommender shop = OwnParts.shop()) {
      ReadingFiles.addProducts(shop, Path.of("examples/demo/products.csv"));
      assertThat(shop.size()).isEqualTo(300);

      // A blue and white striped shirt on a magenta cloth: so are its neighbours photographed.
      List<Recommendation> page = shop.similarTo("100561", 10);

      assertThat(page).extracting(Recommendation::id).contains("100599", "100615");
      assertThat(page.get(0).similarity()).isGreaterThan(0.9f);
    }
  }

  @Test
  void saysWhyAPictureCannotBeRead() {
    var extractor = new ColourHistogram();
    assertThatThrownBy(() -> extractor.extract(ImageSource.of("x", new byte[] {1, 2, 3})))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageStartingWith("x: not a picture that can be read here");
    assertThatThrownBy(() -> extractor.extract(ImageSource.of(Path.of("no-such.jpg"))))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("no-such.jpg: no such file");
  }
}
