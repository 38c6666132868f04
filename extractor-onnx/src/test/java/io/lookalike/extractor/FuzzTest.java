package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files of every kind that is read: what comes out is a result, or the exception that says
 * so. For longer than a moment: {@code mvn -Pfuzz verify}, or the system property {@code
 * lookalike.fuzz.seconds}, for each test here; {@code lookalike.fuzz.seed} is the first seed.
 */
@Tag("fuzz")
class FuzzTest {
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("lookalike.fuzz.seconds", "1"));
  private static final long SEED = Long.getLong("lookalike.fuzz.seed", 1);

  private static final VggArchitecture SMALL =
      new VggArchitecture("small-vgg", new int[] {2, 4, 8, 16, 16}, 32);

  @TempDir private Path folder;

  private interface Read {
    void of(byte[] damaged, String what) throws IOException;
  }

  /** Damages each file in turn until the time is over. */
  private static void fuzz(List<String> names, List<byte[]> files, Read read) throws IOException {
    long end = System.nanoTime() + (long) (SECONDS * TimeUnit.SECONDS.toNanos(1));
    long seed = SEED;
    do {
      for (int i = 0; i < files.size(); i++) {
        String what = names.get(i) + ", seed " + seed;
        try {
          read.of(Mutation.of(files.get(i), seed), what);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(what, e);
        }
      }
      seed++;
    } while (System.nanoTime() < end);
  }

  @Test
  void pictures() throws IOException {
    List<String> names =
        List.of(
            "formats/photo.png",
            "formats/alpha.png",
            "formats/progressive.jpg",
            "formats/rgb.jpg",
            "formats/profile.jpg",
            "formats/cmyk.jpg",
            "formats/ycck.jpg",
            "formats/lossy.webp",
            "formats/lossless.webp",
            "formats/alpha-lossy.webp",
            "formats/alpha-lossless.webp",
            "formats/animated.webp",
            "formats/webp/simple-filter.webp",
            "formats/webp/partitions.webp",
            "formats/webp/alpha-1.webp",
            "formats/webp/film-alpha.webp",
            "made.gif",
            "made.bmp");
    PictureReader reader = new PictureReader(1 << 22, 4_000_000);
    fuzz(
        names,
        names.stream().map(FuzzTest::picture).toList(),
        (damaged, what) -> {
          try {
            reader.read(ImageSource.of(what, damaged), pixels -> pixels.upright().length);
          } catch (UnreadableImageException e) {
            assertThat(e.getMessage()).startsWith(what + ": ").doesNotContain("\n");
            assertThat(e.reason().inPicture()).isTrue();
          }
        });
  }

  private static byte[] picture(String name) {
    return name.startsWith("made.")
        ? Pictures.encoded(name.substring(5), Pictures.as(1, Pictures.photo()))
        : Pictures.fixture(name);
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("weights");
    new VggWeights(SMALL, 10).writeSafetensors(file);
    checkpoints(List.of("safetensors"), List.of(Files.readAllBytes(file)));
  }

  @Test
  void torch() throws IOException {
    checkpoints("small-vgg.pth", "small-vgg-2017.pth");
  }

  @Test
  void hdf5() throws IOException {
    checkpoints("small-vgg.h5");
  }

  private void checkpoints(String... names) throws IOException {
    checkpoints(List.of(names), List.of(names).stream().map(Pictures::fixture).toList());
  }

  private void checkpoints(List<String> names, List<byte[]> files) throws IOException {
    Path file = folder.resolve("damaged");
    fuzz(
        names,
        files,
        (damaged, what) -> {
          Files.write(file, damaged);
          try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (VggArchitecture.Layer layer :
                SMALL.layers(checkpoint, VggArchitecture.Layout.of(checkpoint))) {
              ByteBuffer numbers = ByteBuffer.allocate((int) layer.weights().bytes());
              checkpoint.read(layer.weights(), numbers);
              assertThat(checkpoint.map(layer.weights()).remaining()).isEqualTo(numbers.capacity());
            }
          } catch (ModelFileException e) {
            assertThat(e.getMessage()).startsWith(file + ": ").doesNotContain("\n");
          }
        });
  }
}
