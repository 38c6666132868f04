package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.ImageSource;
import io.lookalike.extractor.VggWeights.Pickler;
import io.lookalike.extractor.VggWeights.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With a narrow network of the same build; {@link Vgg19FullTest} has the real one. */
class Vgg19Test {
  private static final VggArchitecture SMALL =
      new VggArchitecture("small-vgg", new int[] {2, 4, 8, 16, 16}, 32);

  private static final VggWeights WEIGHTS = new VggWeights(SMALL, 10);

  @TempDir private Path folder;

  /** The published files' formats. */
  enum Layout {
    SAFETENSORS,
    TIMM,
    ZIP,
    UNZIPPED,
    HDF5;

    void write(VggWeights weights, Path file) throws IOException {
      switch (this) {
        case SAFETENSORS -> weights.writeSafetensors(file);
        case TIMM -> weights.writeTimm(file);
        case ZIP -> weights.writeZip(file);
        case UNZIPPED -> weights.writeUnzipped(file);
        case HDF5 -> weights.writeHdf5(file);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void givesWhatPyTorchGivesThroughEveryFormat(Layout layout) throws IOException {
    Path file = folder.resolve("weights");
    layout.write(WEIGHTS, file);
    assertReference(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"small-vgg.pth", "small-vgg-2017.pth", "small-vgg.h5"})
  void readsWhatPyTorchAndH5pyWrote(String name) throws IOException {
    assertReference(resource(name));
  }

  @Test
  void readsTensorsAtOddAddresses() throws IOException {
    for (int spaces = 0; spaces < 4; spaces++) {
      Path file = folder.resolve("odd" + spaces);
      VggWeights.writeSafetensors(file, WEIGHTS.tensors(), spaces);
      assertReference(file);
    }
  }

  @Test
  void servesManyThreads() throws Exception {
    Path file = folder.resolve("weights");
    WEIGHTS.writeSafetensors(file);
    float[] reference = floats("small-vgg-fc2.bin");
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (Vgg19 vgg = load(file)) {
      List<Callable<float[]>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        ImageSource image = picture(i % 2 == 0 ? "a.png" : "b.png");
        calls.add(() -> vgg.extract(image));
      }
      List<Future<float[]>> results = pool.invokeAll(calls);
      for (int i = 0; i < results.size(); i++) {
        float[] expected = Arrays.copyOfRange(reference, i % 2 * 32, i % 2 * 32 + 32);
        assertClose(results.get(i).get(), expected);
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void identityTellsWeightsAndPreprocessing() throws IOException {
    Path file = folder.resolve("weights");
    WEIGHTS.writeSafetensors(file);
    Path other = folder.resolve("other");
    VggWeights.writeSafetensors(other, WEIGHTS.tensors(), 1);
    try (Vgg19 paper = load(file);
        Vgg19 again = load(file);
        Vgg19 bytes = load(other);
        Vgg19 caffe =
            build(Vgg19.builder().weights(file).preprocessing(Preprocessing.CAFFE), SMALL)) {
      assertThat(paper.identity()).matches("small-vgg/sha256:[0-9a-f]{16}/paper");
      assertThat(again.identity()).isEqualTo(paper.identity());
      assertThat(bytes.identity()).isNotEqualTo(paper.identity());
      assertThat(caffe.identity()).isEqualTo(paper.identity().replace("paper", "caffe"));
      assertThat(paper.dimension()).isEqualTo(32);
    }
  }

  @Test
  void aClosedExtractorSaysSo() throws IOException {
    Path file = folder.resolve("weights");
    WEIGHTS.writeSafetensors(file);
    Vgg19 vgg = load(file);
    vgg.close();
    vgg.close();
    assertThatThrownBy(() -> vgg.extract(picture("a.png")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void refusesWhatIsNotThere() {
    assertRefused(folder.resolve("none"), "no such file");
    assertRefused(folder, "a folder");
  }

  @Test
  void refusesOtherFormats() throws IOException {
    assertRefused(written(new byte[0]), "empty");
    assertRefused(
        written("<!DOCTYPE html><title>404".getBytes(StandardCharsets.US_ASCII)),
        "it begins with \"<!DOCTYPE html><\"; expected safetensors");
  }

  @Test
  void namesTheTensorThatIsMissing() throws IOException {
    Path file = folder.resolve("weights");
    VggWeights.writeSafetensors(file, WEIGHTS.tensors().subList(4, 8), 0);
    assertRefused(
        file,
        "there is no tensor features.0.weight, expected F32 2 x 3 x 3 x 3",
        "found features.5.weight F32 4 x 2 x 3 x 3,");
  }

  @Test
  void namesTheShapeFoundAndTheOneExpected() throws IOException {
    for (Layout layout : Layout.values()) {
      Path file = folder.resolve("weights");
      layout.write(
          new VggWeights(new VggArchitecture("wider", new int[] {2, 4, 8, 16, 32}, 32), 10), file);
      assertRefused(
          file,
          layout == Layout.HDF5
              ? "the tensor block5_conv1/block5_conv1_W_1:0 is F32 3 x 3 x 16 x 32, expected F32 3 x"
                  + " 3 x 16 x 16"
              : "the tensor features.28.weight is F32 32 x 16 x 3 x 3, expected F32 16 x 16 x 3 x 3");
    }
  }

  @Test
  void namesTheTypeFoundAndTheOneExpected() throws IOException {
    Path file = folder.resolve("weights");
    WEIGHTS.writeSafetensors(file);
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("F32", text.indexOf("features.7.bias"));
    bytes[at] = 'I';
    assertRefused(written(bytes), "the tensor features.7.bias is I32 4, expected F32 4");
  }

  /** As training programs save their states. */
  @Test
  void saysWhichInnerDictionaryHasTheTensors() throws IOException {
    Pickler state = new Pickler().raw(0x80, 2, '}', '(').text("epoch").raw('K', 3);
    state.text("state_dict").raw('}').text("features.0.weight");
    state.global("torch._utils _rebuild_tensor_v2").raw('(', '(').text("storage");
    state.global("torch FloatStorage").text("0").text("cpu").integer(1).raw('t', 'Q', 'K', 0);
    state.raw('K', 1, 0x85, 'K', 1, 0x85, 't', 'R', 's', 'u', '.');
    Path file = folder.resolve("nested");
    VggWeights.writeZip(file, state.bytes());
    assertRefused(
        file,
        "a .pth whose tensors are in a dictionary of their own, \"state_dict\"; save that one alone");
  }

  @ParameterizedTest
  @EnumSource
  void refusesEveryTruncatedFile(Layout layout) throws IOException {
    Path file = folder.resolve("weights");
    layout.write(WEIGHTS, file);
    byte[] whole = Files.readAllBytes(file);
    long seed = 20_260_101;
    Random random = new Random(seed);
    int needed = whole.length - 4 * 10 * 33 - 4096; // behind it may be the classes alone
    for (int i = 0; i < 60; i++) {
      int length = i < 20 ? i : random.nextInt(needed);
      Path cut = written(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> load(cut))
          .as("%s cut to %d of %d bytes, seed %d", layout, length, whole.length, seed)
          .isInstanceOf(ModelFileException.class)
          .hasMessageStartingWith(cut + ": ");
    }
    if (layout != Layout.ZIP && layout != Layout.HDF5) { // whose directories come last
      assertRefused(
          written(Arrays.copyOf(whole, needed)),
          layout == Layout.TIMM ? "pre_logits.fc2" : "classifier.3",
          "truncated",
          "expected F32");
    }
  }

  @ParameterizedTest
  @EnumSource
  void survivesEveryDamage(Layout layout) throws IOException {
    Path file = folder.resolve("weights");
    layout.write(WEIGHTS, file);
    byte[] whole = Files.readAllBytes(file);
    long seed = 20_260_102;
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = whole.clone();
      int head = Math.min(whole.length, 4000);
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        // At the start, or for zips at the end, where the lists are.
        int at = random.nextInt(head);
        damaged[random.nextBoolean() ? at : whole.length - 1 - at] = (byte) random.nextInt(256);
      }
      Path path = written(damaged);
      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        VggArchitecture.Layout names = VggArchitecture.Layout.of(checkpoint);
        assertThat(SMALL.layers(checkpoint, names)).hasSize(18);
      } catch (ModelFileException e) {
        assertThat(e)
            .as("%s, seed %d, round %d", layout, seed, i)
            .hasMessageStartingWith(path + ": ");
      }
    }
  }

  @Test
  void theFormulaIsThePublishedOne() {
    Tensor first = new VggWeights(VggArchitecture.VGG19, 1000).tensors().get(0);
    assertThat(first.values()).startsWith(0.024672316f, 0.006295896f, -0.12486128f, -0.04789714f);
  }

  private void assertReference(Path file) throws IOException {
    float[] reference = floats("small-vgg-fc2.bin");
    try (Vgg19 vgg = load(file)) {
      assertClose(vgg.extract(picture("a.png")), Arrays.copyOfRange(reference, 0, 32));
      assertClose(vgg.extract(picture("b.png")), Arrays.copyOfRange(reference, 32, 64));
    }
  }

  private static void assertClose(float[] features, float[] expected) {
    assertThat(features).hasSameSizeAs(expected);
    float most = 0;
    for (float value : expected) {
      most = Math.max(most, value);
    }
    assertThat(features).containsExactly(expected, within(1e-5f * most));
  }

  private static void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> load(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageNotContaining("\n")
        .hasMessageContainingAll(parts);
  }

  private Path written(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("written"), bytes);
  }

  private static Vgg19 load(Path file) {
    return build(Vgg19.builder().weights(file), SMALL);
  }

  private static Vgg19 build(Vgg19.Builder builder, VggArchitecture architecture) {
    try {
      return builder.build(
          architecture,
          Files.readAllBytes(resource("small-vgg.onnx")),
          Files.readAllBytes(resource("small-vgg-channels-last.onnx")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static ImageSource picture(String name) {
    return ImageSource.of(resource(name));
  }

  static Path resource(String name) {
    try {
      return Path.of(Vgg19Test.class.getResource(name).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static float[] floats(String name) throws IOException {
    try (InputStream in = Vgg19Test.class.getResourceAsStream(name)) {
      byte[] bytes = in.readAllBytes();
      float[] floats = new float[bytes.length / 4];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
      return floats;
    }
  }
}
