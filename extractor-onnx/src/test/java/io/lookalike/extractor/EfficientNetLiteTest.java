package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class EfficientNetLiteTest {
  private static EfficientNetLite extractor;

  @BeforeAll
  static void open() {
    extractor = EfficientNetLite.fast();
  }

  @AfterAll
  static void close() {
    extractor.close();
  }

  /** One row of reference.csv. */
  record Reference(int row, String id) {
    float[] features() {
      ByteBuffer npy =
          ByteBuffer.wrap(Pictures.fixture("reference/gem.npy")).order(ByteOrder.LITTLE_ENDIAN);
      npy.position(10 + Short.toUnsignedInt(npy.getShort(8)) + row * 1280 * Float.BYTES);
      float[] features = new float[1280];
      npy.asFloatBuffer().get(features);
      return features;
    }
  }

  static List<Reference> references() {
    List<Reference> all = new ArrayList<>();
    String csv = new String(Pictures.fixture("reference/reference.csv"), StandardCharsets.UTF_8);
    csv.lines()
        .skip(1)
        .map(line -> line.split(","))
        .forEach(f -> all.add(new Reference(Integer.parseInt(f[0]), f[1])));
    assertThat(all).hasSize(10);
    return all;
  }

  @ParameterizedTest
  @MethodSource("references")
  void givesTheReferenceFeaturesForTheReferencePixels(Reference reference) {
    // These pictures have the size that an area of 224 x 224 asks for, so nothing is resized.
    float[] features = extractor.extract(Pictures.source("reference/" + reference.id + ".png"));

    assertThat(Pictures.cosine(features, reference.features())).isGreaterThanOrEqualTo(0.9999);
  }

  @ParameterizedTest
  @MethodSource("references")
  void givesTheReferenceFeaturesForThePhotoItself(Reference reference) {
    float[] features = extractor.extract(Pictures.source("reference/" + reference.id + ".jpg"));

    assertThat(Pictures.cosine(features, reference.features())).isGreaterThanOrEqualTo(0.9999);
  }

  @Test
  void theBuiltInOneSeesMoreAndIsAnother() {
    ImageSource photo = Pictures.source("reference/100007.jpg");
    try (EfficientNetLite builtIn = EfficientNetLite.builtIn()) {
      assertThat(builtIn.identity())
          .isEqualTo("efficientnet-lite0-gem/sha256:dae3d90dae599570/area288");
      assertThat(extractor.identity())
          .isEqualTo("efficientnet-lite0-gem/sha256:dae3d90dae599570/area224");
      assertThat(builtIn.dimension()).isEqualTo(1280);

      float[] features = builtIn.extract(photo);

      assertThat(features).hasSize(1280);
      for (float feature : features) {
        assertThat(feature).isBetween(0f, 1000f);
      }
      assertThat(Pictures.cosine(features, extractor.extract(photo))).isBetween(0.8, 0.999);
    }
  }

  @Test
  void aDecodedImageIsAsGoodAsItsFile() {
    byte[] file = Pictures.fixture("reference/100007.png");

    assertThat(extractor.extract(ImageSource.of("image", Pictures.decoded(file))))
        .isEqualTo(extractor.extract(ImageSource.of("file", file)));
  }

  @Test
  void takesPicturesOfAnyProportions() {
    int[][] sizes = {{1, 1}, {1, 5000}, {5000, 1}, {1, 65_535}, {31, 33}, {3000, 10}};
    for (int[] size : sizes) {
      BufferedImage image = new BufferedImage(size[0], size[1], BufferedImage.TYPE_3BYTE_BGR);
      image.setRGB(0, 0, 0xff0000);

      float[] features = extractor.extract(ImageSource.of(size[0] + " x " + size[1], image));

      float sum = 0;
      for (float feature : features) {
        sum += feature;
      }
      assertThat(sum).as("%d x %d", size[0], size[1]).isPositive().isFinite();
    }
  }

  @Test
  void manyThreadsGetTheSameAsOne() throws Exception {
    List<ImageSource> photos =
        references().stream().map(r -> Pictures.source("reference/" + r.id + ".jpg")).toList();
    List<float[]> alone = photos.stream().map(extractor::extract).toList();
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      List<Future<float[]>> together = new ArrayList<>();
      for (int i = 0; i < 160; i++) {
        ImageSource photo = photos.get(i % photos.size());
        together.add(threads.submit(() -> extractor.extract(photo)));
      }
      for (int i = 0; i < together.size(); i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i % alone.size()));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aBrokenPictureDoesNotStopTheOthers() {
    List<ImageSource> batch = new ArrayList<>();
    for (Reference reference : references()) {
      batch.add(Pictures.source("reference/" + reference.id + ".jpg"));
      batch.add(ImageSource.of("broken " + reference.id, new byte[] {1, 2, 3}));
    }
    AtomicReferenceArray<Object> outcomes = new AtomicReferenceArray<>(batch.size());

    extractor.extractAll(
        batch,
        new FeatureExtractor.Sink() {
          @Override
          public void extracted(int index, float[] features) {
            outcomes.set(index, features);
          }

          @Override
          public void unreadable(int index, UnreadableImageException reason) {
            outcomes.set(index, reason.image());
          }
        });

    for (Reference reference : references()) {
      assertThat((float[]) outcomes.get(2 * reference.row))
          .isEqualTo(extractor.extract(batch.get(2 * reference.row)));
      assertThat(outcomes.get(2 * reference.row + 1)).isEqualTo("broken " + reference.id);
    }
  }

  @Test
  void isOfNoUseOnceClosed() {
    EfficientNetLite closed = EfficientNetLite.builder().side(32).build();
    ImageSource photo = Pictures.source("formats/photo.png");
    closed.extract(photo);

    closed.close();
    closed.close();

    assertThatThrownBy(() -> closed.extract(photo))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this extractor is closed");
  }

  @Test
  void closingWaitsForPicturesInHand() throws Exception {
    ImageSource photo = Pictures.source("reference/100007.jpg");
    for (int round = 0; round < 5; round++) {
      EfficientNetLite shared = EfficientNetLite.builder().side(224).concurrency(4).build();
      float[] expected = shared.extract(photo);
      ExecutorService threads = Executors.newFixedThreadPool(8);
      CountDownLatch busy = new CountDownLatch(8);
      List<Future<Throwable>> ends = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        ends.add(
            threads.submit(
                () -> {
                  try {
                    while (true) {
                      assertThat(shared.extract(photo)).isEqualTo(expected);
                      busy.countDown();
                    }
                  } catch (Throwable e) {
                    return e;
                  }
                }));
      }
      assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();
      shared.close();
      for (Future<Throwable> end : ends) {
        assertThat(end.get())
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("this extractor is closed");
      }
      threads.shutdownNow();
    }
  }

  @Test
  void aBadSettingIsRefusedAtOnce() {
    assertThatThrownBy(() -> EfficientNetLite.builder().side(31))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("side is 31, expected 32 to 1,024");
    assertThatThrownBy(() -> EfficientNetLite.builder().concurrency(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("concurrency is 0, expected 1 to 1,024");
    assertThatThrownBy(() -> EfficientNetLite.builder().maxPixels(-5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxPixels is -5, expected 1 to 500,000,000");
    assertThatThrownBy(() -> EfficientNetLite.builder().maxBytes(100).maxBytes(200))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("maxBytes was already set to 100, then came 200");
  }
}
