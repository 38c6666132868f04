package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.ImageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The network at its full size, through every format, against an independent implementation. Each
 * file of half a gigabyte is written, read and removed. Runs in the profile {@code full-vgg}.
 */
@Tag("full-vgg")
class Vgg19FullTest {
  private static final VggWeights WEIGHTS = new VggWeights(VggArchitecture.VGG19, 1000);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void givesTheReferenceFeatures(Vgg19Test.Layout layout) throws IOException {
    Path file = folder.resolve("vgg19");
    layout.write(WEIGHTS, file);
    float[][] reference = reference();
    try (Vgg19 vgg = Vgg19.of(file)) {
      assertThat(vgg.dimension()).isEqualTo(4096);
      assertReference(vgg.extract(Vgg19Test.picture("a.png")), reference[0]);
      assertReference(vgg.extract(Vgg19Test.picture("b.png")), reference[1]);
    }
  }

  private static void assertReference(float[] features, float[] expected) {
    assertThat(features).hasSameSizeAs(expected);
    double dot = 0;
    double squares = 0;
    double expectedSquares = 0;
    double error = 0;
    double greatest = 0;
    for (int i = 0; i < expected.length; i++) {
      dot += (double) features[i] * expected[i];
      squares += (double) features[i] * features[i];
      expectedSquares += (double) expected[i] * expected[i];
      error = Math.max(error, Math.abs(features[i] - expected[i]));
      greatest = Math.max(greatest, expected[i]);
    }
    assertThat(dot / Math.sqrt(squares * expectedSquares)).isGreaterThanOrEqualTo(0.99999);
    assertThat(error / greatest).isLessThanOrEqualTo(1e-4);
  }

  /**
   * In a process of its own, whose memory is measured from when the JVM and ONNX Runtime are up.
   * With the first picture come the pages of the first connected layer, which stay in the file; how
   * much the C library keeps of what it was given back differs by 50 MB from run to run.
   */
  @ParameterizedTest
  @EnumSource(
      value = Vgg19Test.Layout.class,
      names = {"SAFETENSORS", "ZIP", "UNZIPPED", "HDF5"})
  @EnabledOnOs(OS.LINUX)
  void loadingNeedsNoMoreThanTheWeightsAndAFifth(Vgg19Test.Layout layout) throws Exception {
    Path file = folder.resolve("vgg19");
    layout.write(WEIGHTS, file);
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-cp",
                System.getProperty("java.class.path"),
                Loading.class.getName(),
                file.toString(),
                Vgg19Test.resource("a.png").toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String said = Files.readString(output);
    assertThat(process.exitValue()).as(said).isZero();
    long loading = number(said, "loading");
    long extracting = number(said, "extracting");
    System.out.printf(
        Locale.ROOT,
        "%s: of %,d bytes, loading took %,d, and with a picture %,d%n",
        layout,
        Files.size(file),
        loading,
        extracting);
    assertThat(loading).isLessThanOrEqualTo(Files.size(file) * 12 / 10);
    assertThat(extracting).isLessThanOrEqualTo(Files.size(file) * 13 / 10);
  }

  private static long number(String said, String name) {
    Matcher number = Pattern.compile(name + " ([0-9]+)").matcher(said);
    assertThat(number.find()).as(said).isTrue();
    return Long.parseLong(number.group(1));
  }

  /** Loads a file, extracts a picture, and says by how much the process has grown at most. */
  static final class Loading {
    public static void main(String[] arguments) throws IOException {
      OnnxRuntime.environment();
      long before = memory("VmRSS:");
      try (Vgg19 vgg = Vgg19.of(Path.of(arguments[0]))) {
        System.out.println("loading " + (memory("VmHWM:") - before));
        vgg.extract(ImageSource.of(Path.of(arguments[1])));
        System.out.println("extracting " + (memory("VmHWM:") - before));
      }
    }

    private static long memory(String which) throws IOException {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(which)) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
      throw new IOException(which + " is not told");
    }
  }

  private static float[][] reference() throws IOException {
    float[][] fc2 = new float[2][4096];
    try (Checkpoint file = Checkpoint.open(Vgg19Test.resource("vgg19-reference.safetensors"))) {
      ByteBuffer numbers = ByteBuffer.allocate(2 * 4096 * 4).order(ByteOrder.LITTLE_ENDIAN);
      file.read(file.float32("fc2", 2, 4096), numbers);
      numbers.flip().asFloatBuffer().get(fc2[0]).get(fc2[1]);
    }
    return fc2;
  }
}
