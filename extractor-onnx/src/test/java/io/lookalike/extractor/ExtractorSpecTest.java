package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.features.FeatureExtractor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExtractorSpecTest {

  @Test
  void opensTheBuiltInNetworks() {
    try (FeatureExtractor lite0 = ExtractorSpec.of("lite0").open();
        FeatureExtractor fast = ExtractorSpec.of("lite0-fast").open()) {
      assertThat(lite0.identity()).endsWith("area288");
      assertThat(fast.identity()).endsWith("area224");
    }
  }

  @Test
  void opensFiles() {
    assertThat(identity("onnx", "small-map.onnx", "area64", "gem"))
        .startsWith("onnx/")
        .endsWith("/torchvision/area64/GEM");
    assertThat(identity("onnx", "small-map.onnx", "area64by8", null)).endsWith("/area64by8");
    assertThat(identity("onnx", "small-map.onnx", "64", null)).endsWith("/64x64");
    assertThat(identity("onnx", "small-vector.onnx", null, null)).endsWith("/24x32");
  }

  @Test
  void saysWhatAnotherFormatNeeds() {
    assertThatThrownBy(() -> identity("torchscript", "small-map.pt", "40x48", "average"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("torchscript needs lookalike-extractor-djl on the class path");
  }

  private static String identity(
      String kind, String name, @Nullable String input, @Nullable String pooling) {
    String network = kind + ":" + Vgg19Test.resource(name);
    try (FeatureExtractor extractor =
        new ExtractorSpec(network, null, "torchvision", input, pooling).open()) {
      return extractor.identity();
    }
  }

  @Test
  void takesAProviderForOnnxAlone() {
    String network = "onnx:" + Vgg19Test.resource("small-vector.onnx");
    try (FeatureExtractor extractor = spec(network, "cpu").open()) {
      assertThat(extractor.dimension()).isPositive();
    }
    // The class path has the build for processors.
    assertThatThrownBy(() -> spec(network, "cuda").open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no provider cuda; put com.microsoft.onnxruntime:onnxruntime_gpu");
    assertThatThrownBy(() -> spec(network, "tpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the provider is \"tpu\", expected one of cpu, cuda");
    assertThatThrownBy(() -> spec("torchscript:f", "cpu"))
        .hasMessage("the extractor torchscript:f takes no provider, found cpu");
    assertThatThrownBy(() -> new ExtractorSpec("lite0", null, null, null, null, "cpu"))
        .hasMessage("the extractor lite0 takes no provider, found cpu");
  }

  private static ExtractorSpec spec(String network, String provider) {
    return new ExtractorSpec(network, null, "torchvision", null, null, provider);
  }

  @Test
  void namesTheFileOfWeights() {
    Path file = Path.of("no-such-weights.pth");
    assertThatThrownBy(() -> new ExtractorSpec("vgg19", file, "caffe", null, null).open())
        .isInstanceOf(ModelFileException.class)
        .hasMessage("no-such-weights.pth: no such file, expected a file of weights");
  }

  @Test
  void refusesWhatANetworkLacksOrDoesNotTake() {
    Path file = Path.of("f");
    assertRefused("vgg16", null, null, null, null, "expected lite0, lite0-fast, vgg19, onnx:FILE");
    assertRefused("onnx:", null, "clip", null, null, "expected lite0, lite0-fast, vgg19");
    assertRefused("vgg19", null, null, null, null, "vgg19 needs a file of weights");
    assertRefused("vgg19", file, null, "224", null, "vgg19 takes no input size, found 224");
    assertRefused("vgg19", file, "papers", null, null, "preprocessing is \"papers\"");
    assertRefused("lite0", file, null, null, null, "lite0 takes no weights, found f");
    assertRefused("lite0", null, "caffe", null, null, "lite0 takes no preprocessing");
    assertRefused("onnx:f", null, null, null, null, "onnx:f needs a preprocessing");
    assertRefused("onnx:f", file, "clip", null, null, "takes no weights");
    assertRefused("onnx:f", null, "clip", "224*224", null, "input size is \"224*224\"");
    assertRefused("torchscript:f", null, "clip", null, "max", "pooling is \"max\"");
  }

  private static void assertRefused(
      String network,
      @Nullable Path weights,
      @Nullable String preprocessing,
      @Nullable String input,
      @Nullable String pooling,
      String message) {
    assertThatThrownBy(() -> new ExtractorSpec(network, weights, preprocessing, input, pooling))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
