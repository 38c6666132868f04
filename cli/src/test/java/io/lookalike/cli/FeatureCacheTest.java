package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import io.lookalike.features.FeatureExtractor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {

  private static final int DIMENSION = 3;
  private static final int RECORD_BYTES = 32 + DIMENSION * Float.BYTES + 4;

  @TempDir Path folder;
  private final AtomicInteger extracted = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  /** Makes features of a picture's first byte; one of nothing is unreadable. */
  private final class FirstByte implements FeatureExtractor {
    private final String identity;

    FirstByte(String identity) {
      this.identity = identity;
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public int dimension() {
      return DIMENSION;
    }

    @Override
    public float[] extract(ImageSource image) {
      try (var in = image.open()) {
        int first = in.read();
        if (first < 0) {
          throw new UnreadableImageException(image.name(), Reason.DAMAGED, "empty", null);
        }
        extracted.incrementAndGet();
        return new float[] {first, first / 3f, 1};
      } catch (IOException e) {
        throw new UnreadableImageException(image.name(), Reason.UNREACHABLE, "missing", e);
      }
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  @Test
  void whatWasMadeOnceIsFoundAgainByThePicturesContent() throws IOException {
    try (FeatureCache cache = open("a")) {
      assertThat(cache.extract(picture("x", 7))).containsExactly(7, 7 / 3f, 1);
      assertThat(cache.extract(picture("the same under another name", 7)))
          .containsExactly(7, 7 / 3f, 1);
      assertThat(cache.made()).isEqualTo(1);
    }
    assertThat(closed).hasValue(1);
    try (FeatureCache cache = open("a")) {
      assertThat(cache.extract(picture("x", 7))).containsExactly(7, 7 / 3f, 1);
      assertThat(cache.extract(picture("x", 8))).containsExactly(8, 8 / 3f, 1);
      assertThat(cache.made()).isEqualTo(1);
    }
    assertThat(extracted).hasValue(2);
  }

  @Test
  void anotherNetworkHasAnotherFile() throws IOException {
    try (FeatureCache a = open("a");
        FeatureCache b = open("b")) {
      a.extract(picture("x", 7));
      b.extract(picture("x", 7));
    }
    assertThat(extracted).hasValue(2);
    assertThat(files()).hasSize(2);
  }

  @Test
  void aFileCutAnywhereGoesOnWithItsWholeRecords() throws IOException {
    try (FeatureCache cache = open("a")) {
      for (int i = 1; i <= 3; i++) {
        cache.extract(picture("x", i));
      }
    }
    byte[] whole = Files.readAllBytes(files().get(0));
    for (int length = 0; length <= whole.length; length++) {
      byte[] cut = new byte[length];
      System.arraycopy(whole, 0, cut, 0, length);
      Files.write(files().get(0), cut);
      extracted.set(0);
      try (FeatureCache cache = open("a")) {
        for (int i = 1; i <= 3; i++) {
          assertThat(cache.extract(picture("x", i)))
              .as("cut to %s bytes", length)
              .containsExactly(i, i / 3f, 1);
        }
      }
      int records = Math.max(0, length - (whole.length - 3 * RECORD_BYTES)) / RECORD_BYTES;
      assertThat(extracted).as("cut to %s bytes", length).hasValue(3 - records);
      assertThat(files().get(0)).hasBinaryContent(whole);
    }
  }

  @Test
  void aDamagedRecordIsMadeAgain() throws IOException {
    try (FeatureCache cache = open("a")) {
      cache.extract(picture("x", 1));
      cache.extract(picture("x", 2));
    }
    byte[] bytes = Files.readAllBytes(files().get(0));
    bytes[bytes.length - RECORD_BYTES - 6] ^= 1; // in the first record's last number
    Files.write(files().get(0), bytes);
    for (int run = 0; run < 2; run++) {
      try (FeatureCache cache = open("a")) {
        assertThat(cache.extract(picture("x", 1))).containsExactly(1, 1 / 3f, 1);
        assertThat(cache.extract(picture("x", 2))).containsExactly(2, 2 / 3f, 1);
        assertThat(cache.made()).isEqualTo(run == 0 ? 1 : 0);
      }
    }
  }

  @Test
  void aFileInUseOrOfAnotherKindIsRefusedAndTheExtractorClosed() throws IOException {
    try (FeatureCache cache = open("a")) {
      cache.extract(picture("x", 1));
      assertThatThrownBy(() -> open("a"))
          .isInstanceOf(UserErrorException.class)
          .hasMessage(
              files().get(0) + " is in use by another run; wait for it, or name another --cache");
      assertThat(closed).hasValue(1);
    }
    Files.writeString(files().get(0), "something else");
    assertThatThrownBy(() -> open("a"))
        .isInstanceOf(UserErrorException.class)
        .hasMessageContaining("is damaged");
    assertThat(files().get(0)).hasContent("something else");
  }

  @Test
  void whatCannotBeReadIsNotKept() throws IOException {
    try (FeatureCache cache = open("a")) {
      ImageSource empty = ImageSource.of("empty", new byte[0]);
      ImageSource missing = ImageSource.of(folder.resolve("missing.jpg"));
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> cache.extract(empty)).isInstanceOf(UnreadableImageException.class);
        assertThatThrownBy(() -> cache.extract(missing))
            .isInstanceOf(UnreadableImageException.class);
      }
      assertThat(cache.made()).isZero();
    }
  }

  @Test
  void manyThreadsAddToOneFile() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (FeatureCache cache = open("a")) {
      var tasks = new ArrayList<Callable<float[]>>();
      for (int i = 0; i < 400; i++) {
        int picture = 1 + i % 200;
        tasks.add(() -> cache.extract(picture("x", picture)));
      }
      List<Future<float[]>> results = pool.invokeAll(tasks);
      for (int i = 0; i < 400; i++) {
        assertThat(results.get(i).get()[0]).isEqualTo(1 + i % 200);
      }
    } finally {
      pool.shutdownNow();
    }
    extracted.set(0);
    try (FeatureCache cache = open("a")) {
      for (int i = 1; i <= 200; i++) {
        assertThat(cache.extract(picture("x", i))[0]).isEqualTo(i);
      }
    }
    assertThat(extracted).hasValue(0);
  }

  private FeatureCache open(String identity) throws IOException {
    return FeatureCache.open(folder, new FirstByte(identity));
  }

  private static ImageSource picture(String name, int first) {
    return ImageSource.of(name, new byte[] {(byte) first, 1, 2, 3});
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
