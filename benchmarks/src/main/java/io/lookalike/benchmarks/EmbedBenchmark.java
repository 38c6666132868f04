package io.lookalike.benchmarks;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.features.FeatureExtractor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * JPEG files to features, the whole program: prints how many images a second it comes to from the
 * first file to the last, as its peers in Python do, and with the start of the JVM and the loading
 * of the network, which theirs leave out.
 */
public final class EmbedBenchmark {
  private EmbedBenchmark() {}

  /**
   * Reads every photo once.
   *
   * @param arguments a folder of JPEG files, and the side of the square whose area the network's
   *     input has: 224 or 288; then, if not the number of processors, how many threads
   * @throws IOException if the folder cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    Instant started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    List<ImageSource> photos;
    try (Stream<Path> files = Files.walk(Path.of(arguments[0]))) {
      photos =
          files
              .filter(file -> file.toString().endsWith(".jpg"))
              .sorted()
              .map(ImageSource::of)
              .toList();
    }
    EfficientNetLite.Builder builder =
        EfficientNetLite.builder().side(Integer.parseInt(arguments[1]));
    if (arguments.length > 2) {
      builder.concurrency(Integer.parseInt(arguments[2]));
    }
    try (EfficientNetLite extractor = builder.build()) {
      var extracted = new AtomicInteger();
      long start = System.nanoTime();
      extractor.extractAll(
          photos,
          new FeatureExtractor.Sink() {
            @Override
            public void extracted(int index, float[] features) {
              extracted.incrementAndGet();
            }

            @Override
            public void unreadable(int index, UnreadableImageException reason) {
              System.err.println(reason.getMessage());
            }
          });
      double seconds = (System.nanoTime() - start) / 1e9;
      double all = (System.currentTimeMillis() - started.toEpochMilli()) / 1e3;
      System.out.printf(
          Locale.ROOT,
          "%d files %.1f img/s (%.1f with the start of the program)%n",
          extracted.get(),
          extracted.get() / seconds,
          extracted.get() / all);
    }
  }
}
