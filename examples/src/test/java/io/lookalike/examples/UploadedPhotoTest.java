package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.extractor.ModelSettings;
import io.lookalike.extractor.Network;
import io.lookalike.extractor.PictureExtractor;
import io.lookalike.extractor.Preprocessing;
import io.lookalike.features.FeatureExtractor;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class UploadedPhotoTest {

  private static final Path PHOTOS = Path.of("examples/demo/photos");

  @Test
  void aPhotoHasItsPageAndSomethingElseItsReason() throws Exception {
    try (Recommender shop = shop(UploadedPhoto.extractor())) {
      for (String id : new String[] {"100335", "100361"}) {
        shop.add(Product.of(id), ImageSource.of(PHOTOS.resolve(id + ".jpg")));
      }
      byte[] photo = Files.readAllBytes(PHOTOS.resolve("100335.jpg"));

      assertThat(UploadedPhoto.answer(shop, photo).page())
          .extracting(Recommendation::id)
          .containsExactly("100335", "100361");

      UploadedPhoto.Answer text = UploadedPhoto.answer(shop, new byte[] {'h', 'e', 'l', 'l', 'o'});
      assertThat(text.status()).isEqualTo(422);
      assertThat(text.problem()).startsWith("not a picture that can be read here");
      assertThat(UploadedPhoto.answer(shop, new byte[10_000_001]).problem())
          .startsWith("larger than the limit of 10,000,000 bytes");
    }
  }

  @Test
  void whatIsNotDoneInTimeIsGivenUp() throws Exception {
    var network = new StuckNetwork();
    try (Recommender shop = shop(new Settings(network).build())) {
      byte[] photo = Files.readAllBytes(PHOTOS.resolve("100335.jpg"));
      network.stuck = true;
      try {
        assertThat(UploadedPhoto.answer(shop, photo).status()).isEqualTo(503);
      } finally {
        network.free.countDown();
      }
    }
  }

  private static Recommender shop(FeatureExtractor extractor) {
    return Recommender.builder().extractor(extractor).index(ListIndex::new).build();
  }

  /** Does not end before it is freed. */
  private static final class StuckNetwork implements Network {
    final CountDownLatch free = new CountDownLatch(1);
    volatile boolean stuck;

    @Override
    public float[] run(FloatBuffer input, int width, int height) {
      try {
        if (stuck) {
          free.await();
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new float[] {1};
    }

    @Override
    public void close() {}
  }

  private static final class Settings extends ModelSettings<Settings> {
    private final Network network;

    Settings(Network network) {
      this.network = network;
      model(Path.of("stuck"))
          .size(8, 8)
          .preprocessing(Preprocessing.TORCHVISION)
          .timeLimit(Duration.ofMillis(1));
    }

    @Override
    protected Settings self() {
      return this;
    }

    @Override
    public PictureExtractor build() {
      return new PictureExtractor("stuck", network, this) {};
    }
  }
}
