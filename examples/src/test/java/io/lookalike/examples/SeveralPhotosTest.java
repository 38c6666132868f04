package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeveralPhotosTest {

  @Test
  void tellsWhichPhotoWasFound() {
    Path photos = Path.of("examples/demo/photos");
    Path front = photos.resolve("100001.jpg");
    Path back = photos.resolve("100733.jpg");
    try (Recommender shop =
        Recommender.builder()
            .extractor(new ColourHistogram())
            .index(BruteForceIndex.factory())
            .build()) {
      assertThat(SeveralPhotos.found(shop, List.of(front, back), ImageSource.of(back)))
          .isEqualTo("shirt, photo 2 of 2");
    }
  }
}
