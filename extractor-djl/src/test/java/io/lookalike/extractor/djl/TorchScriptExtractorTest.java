package io.lookalike.extractor.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.extractor.ExtractorSpec;
import io.lookalike.extractor.ModelFileException;
import io.lookalike.extractor.Pooling;
import io.lookalike.extractor.Preprocessing;
import io.lookalike.features.FeatureExtractor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptExtractorTest {
  private static final Offset<Float> CLOSE = within(1e-6f);

  @TempDir private Path folder;

  @Test
  void poolsAMap() throws IOException {
    try (TorchScriptExtractor average = small("small-map.pt").size(24, 32).build();
        TorchScriptExtractor gem =
            small("small-map.pt").size(24, 32).pooling(Pooling.GEM).build()) {
      assertThat(average.dimension()).isEqualTo(6);
      assertThat(average.extract(picture("a.png"))).containsExactly(reference(0), CLOSE);
      assertThat(gem.extract(picture("a.png"))).containsExactly(reference(1), CLOSE);
      assertThat(gem.identity())
          .matches("torchscript/sha256:[0-9a-f]{16}/rgb:0.5,0.5,0.5:0.5,0.5,0.5/24x32/GEM");
    }
  }

  @Test
  void givesAVectorOnManyThreads() throws IOException {
    float[] expected = reference(2);
    try (TorchScriptExtractor extractor =
        small("small-vector.pt").size(24, 32).concurrency(4).build()) {
      List<ImageSource> images = Collections.nCopies(40, picture("a.png"));
      int[] count = {0};
      extractor.extractAll(
          images,
          new FeatureExtractor.Sink() {
            @Override
            public void extracted(int index, float[] features) {
              assertThat(features).containsExactly(expected, CLOSE);
              count[0]++;
            }

            @Override
            public void unreadable(int index, UnreadableImageException reason) {
              throw new AssertionError(reason);
            }
          });
      assertThat(count[0]).isEqualTo(40);
    }
  }

  @Test
  void leavesTheSystemPropertiesAsTheyWere() {
    assertThat(System.getProperty("ai.djl.offline")).isNull();
    small("small-map.pt").area(64, 32).build().close();
    assertThat(System.getProperty("ai.djl.offline")).isNull();
  }

  @Test
  void refusesFilesThatAreNoNetworks() throws IOException {
    Path text = Files.writeString(folder.resolve("text.pt"), "<html>");
    byte[] whole = Files.readAllBytes(resource("small-map.pt"));
    Path cut = Files.write(folder.resolve("cut.pt"), java.util.Arrays.copyOf(whole, 9000));
    Path onnx = resource("small-map.onnx");
    Path weights = resource("small-vgg.pth");
    for (Path file : new Path[] {text, cut, onnx, weights}) {
      assertThatThrownBy(() -> builder(file).size(32, 32).build())
          .isInstanceOf(ModelFileException.class)
          .hasMessageStartingWith(file + ": not a TorchScript network that PyTorch can load: ")
          .hasMessageNotContaining("\n");
    }
    Path none = folder.resolve("none.pt");
    assertThatThrownBy(() -> builder(none).size(32, 32).build())
        .isInstanceOf(ModelFileException.class)
        .hasMessage(none + ": no such file");
  }

  @Test
  void aClosedExtractorSaysSo() {
    TorchScriptExtractor extractor = small("small-map.pt").size(32, 32).build();
    extractor.close();
    extractor.close();
    assertThatThrownBy(() -> extractor.extract(picture("a.png")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void asksForASize() {
    assertThatThrownBy(() -> small("small-map.pt").build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the network does not say which input size it takes, and neither size nor area is set");
  }

  /** The built-in network as TorchScript: 13 MB, which are not kept here. */
  @Test
  @EnabledIfSystemProperty(named = "efficientnet-lite0.pt", matches = ".+")
  void doesWhatTheBuiltInNetworkDoes() {
    try (EfficientNetLite builtIn = EfficientNetLite.builtIn();
        TorchScriptExtractor same =
            TorchScriptExtractor.builder()
                .model(Path.of(System.getProperty("efficientnet-lite0.pt")))
                .area(288, 32)
                .preprocessing(Preprocessing.EFFICIENTNET_LITE)
                .build()) {
      assertThat(same.dimension()).isEqualTo(1280);
      for (String picture : new String[] {"a.png", "b.png"}) {
        float[] expected = builtIn.extract(picture(picture));
        float[] features = same.extract(picture(picture));
        double dot = 0;
        double squares = 0;
        double expectedSquares = 0;
        for (int i = 0; i < 1280; i++) {
          dot += (double) features[i] * expected[i];
          squares += (double) features[i] * features[i];
          expectedSquares += (double) expected[i] * expected[i];
        }
        assertThat(dot / Math.sqrt(squares * expectedSquares)).isGreaterThan(0.9999);
      }
    }
  }

  private static TorchScriptExtractor.Builder small(String name) {
    return builder(resource(name));
  }

  private static TorchScriptExtractor.Builder builder(Path file) {
    return TorchScriptExtractor.builder()
        .model(file)
        .preprocessing(Preprocessing.parse("rgb:0.5,0.5,0.5:0.5,0.5,0.5"));
  }

  @Test
  void isFoundByItsName() {
    ExtractorSpec spec =
        new ExtractorSpec(
            "torchscript:" + resource("small-map.pt"),
            null,
            "rgb:0.5,0.5,0.5:0.5,0.5,0.5",
            "40x48",
            "average");
    try (FeatureExtractor extractor = spec.open()) {
      assertThat(extractor.identity())
          .startsWith("torchscript/")
          .endsWith("/rgb:0.5,0.5,0.5:0.5,0.5,0.5/40x48/AVERAGE");
    }
  }

  /** What PyTorch gives for a.png: averaged, by GeM, of the network whose output is a vector. */
  private static float[] reference(int row) throws IOException {
    String[] cells = Files.readAllLines(resource("small-outputs.csv")).get(row).split(",", -1);
    float[] numbers = new float[cells.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.parseFloat(cells[i]);
    }
    return numbers;
  }

  private static ImageSource picture(String name) {
    return ImageSource.of(resource(name));
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          TorchScriptExtractorTest.class.getResource("/io/lookalike/extractor/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
