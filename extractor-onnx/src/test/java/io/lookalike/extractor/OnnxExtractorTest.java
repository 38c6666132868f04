package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.ImageSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxExtractorTest {
  private static final Offset<Float> CLOSE = within(1e-6f);

  @TempDir private Path folder;

  @Test
  void poolsAMap() throws IOException {
    try (OnnxExtractor average = small("small-map.onnx").size(24, 32).build();
        OnnxExtractor gem = small("small-map.onnx").size(24, 32).pooling(Pooling.GEM).build()) {
      assertThat(average.dimension()).isEqualTo(6);
      assertThat(average.extract(Vgg19Test.picture("a.png")))
          .containsExactly(ReferenceOutputs.read().average(), CLOSE);
      assertThat(gem.extract(Vgg19Test.picture("a.png")))
          .containsExactly(ReferenceOutputs.read().gem(), CLOSE);
      assertThat(average.identity())
          .matches("onnx/sha256:[0-9a-f]{16}/rgb:0.5,0.5,0.5:0.5,0.5,0.5/24x32");
      assertThat(gem.identity()).isEqualTo(average.identity() + "/GEM");
    }
  }

  @Test
  void takesTheSizeThatTheNetworkSays() throws IOException {
    try (OnnxExtractor extractor = small("small-vector.onnx").build()) {
      assertThat(extractor.dimension()).isEqualTo(5);
      assertThat(extractor.identity()).endsWith("/24x32");
      assertThat(extractor.extract(Vgg19Test.picture("a.png")))
          .containsExactly(ReferenceOutputs.read().vector(), CLOSE);
    }
  }

  @Test
  void takesTheOutputThatIsNamed() throws IOException {
    try (OnnxExtractor extractor = small("small-vector.onnx").output("maximum").build()) {
      assertThat(extractor.dimension()).isEqualTo(6);
      assertThat(extractor.identity()).contains("/maximum/");
      assertThat(extractor.extract(Vgg19Test.picture("a.png")))
          .containsExactly(ReferenceOutputs.read().maximum(), CLOSE);
    }
    assertThatThrownBy(() -> small("small-vector.onnx").output("pooled").build())
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("the network has no output pooled, only [embedding, maximum]");
  }

  @Test
  void doesWhatTheBuiltInNetworkDoes() {
    Path file = Vgg19Test.resource("efficientnet-lite0-gem.onnx");
    try (EfficientNetLite builtIn = EfficientNetLite.builtIn();
        OnnxExtractor same =
            OnnxExtractor.builder()
                .model(file)
                .area(288, 32)
                .preprocessing(Preprocessing.EFFICIENTNET_LITE)
                .build()) {
      assertThat(same.dimension()).isEqualTo(1280);
      assertThat(same.extract(Vgg19Test.picture("b.png")))
          .isEqualTo(builtIn.extract(Vgg19Test.picture("b.png")));
    }
  }

  @Test
  void identityTellsNumbersKeptBesideTheNetwork() throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.copy(Vgg19Test.resource("small-map.onnx"), file);
    String alone = identity(file);
    Files.writeString(folder.resolve("model.onnx.txt"), "not read");
    assertThat(identity(file)).isEqualTo(alone);
    Files.writeString(folder.resolve("model.onnx_data"), "numbers");
    assertThat(identity(file)).isNotEqualTo(alone);
  }

  private static String identity(Path file) {
    try (OnnxExtractor extractor =
        OnnxExtractor.builder()
            .model(file)
            .area(64, 8)
            .preprocessing(Preprocessing.TORCHVISION)
            .build()) {
      assertThat(extractor.identity()).endsWith("/torchvision/area64by8");
      return extractor.identity();
    }
  }

  @Test
  void refusesFilesThatAreNoNetworks() throws IOException {
    Path text = Files.writeString(folder.resolve("text.onnx"), "<html>", StandardCharsets.UTF_8);
    byte[] whole = Files.readAllBytes(Vgg19Test.resource("small-map.onnx"));
    Path cut = Files.write(folder.resolve("cut.onnx"), java.util.Arrays.copyOf(whole, 3000));
    for (Path file : new Path[] {text, cut}) {
      assertThatThrownBy(() -> builder(file).size(32, 32).build())
          .isInstanceOf(ModelFileException.class)
          .hasMessageStartingWith(file + ": not a network that ONNX Runtime can load: ")
          .hasMessageNotContaining("\n");
    }
    Path none = folder.resolve("none.onnx");
    assertThatThrownBy(() -> builder(none).size(32, 32).build())
        .isInstanceOf(ModelFileException.class)
        .hasMessage(none + ": no such file");
    assertThatThrownBy(() -> builder(folder).size(32, 32).build())
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("a folder");
  }

  @Test
  void refusesNetworksThatTakeSomethingElse() {
    Path file = Vgg19Test.resource("small-vgg.onnx"); // its weights are inputs, too
    assertThatThrownBy(() -> builder(file).build())
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith(file.toString());
    assertThatThrownBy(() -> small("small-vector.onnx").size(64, 64).build())
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("it fails on a picture of 64 x 64 pixels");
    assertThatThrownBy(() -> small("small-vector.onnx").pooling(Pooling.GEM).build())
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("its output is a vector of 5 features, of which there is nothing");
  }

  @Test
  void saysWhatIsNotSet() {
    assertThatThrownBy(() -> OnnxExtractor.builder().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("model is not set");
    assertThatThrownBy(() -> OnnxExtractor.builder().model(Path.of("a.onnx")).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("preprocessing is not set");
    assertThatThrownBy(() -> small("small-map.onnx").build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the network does not say which input size it takes, and neither size nor area is set");
  }

  @Test
  void rejectsBadSettingsAtOnce() {
    OnnxExtractor.Builder builder = OnnxExtractor.builder().size(224, 224);
    assertThatThrownBy(() -> builder.area(224, 32))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was already set to 224x224, then came area224");
    assertThatThrownBy(() -> OnnxExtractor.builder().size(0, 224))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("width is 0, expected 1 to 4,096");
    assertThatThrownBy(() -> OnnxExtractor.builder().concurrency(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("concurrency is 0, expected 1 to 1,024");
  }

  private static OnnxExtractor.Builder small(String name) {
    return builder(Vgg19Test.resource(name));
  }

  private static OnnxExtractor.Builder builder(Path file) {
    return OnnxExtractor.builder().model(file).preprocessing(ReferenceOutputs.PREPROCESSING);
  }

  @Test
  void aProviderThatThisRuntimeLacksIsNamed() {
    ImageSource photo = Pictures.source("formats/photo.png");
    try (OnnxExtractor byDefault = small("small-vector.onnx").build();
        OnnxExtractor onProcessor = small("small-vector.onnx").provider("cpu").build()) {
      assertThat(onProcessor.extract(photo)).isEqualTo(byDefault.extract(photo));
      assertThat(onProcessor.identity()).isEqualTo(byDefault.identity());
    }
    assertThatThrownBy(() -> small("small-vector.onnx").provider("cuda").build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the ONNX Runtime on the class path has no provider cuda; put"
                + " com.microsoft.onnxruntime:onnxruntime_gpu in its place, or leave provider out");
  }
}
