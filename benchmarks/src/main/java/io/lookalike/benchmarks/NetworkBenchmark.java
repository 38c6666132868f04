package io.lookalike.benchmarks;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.extractor.ExtractorSpec;
import io.lookalike.features.FeatureExtractor;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * One small picture over and over through a network: prints images a second, and the processor's
 * seconds for each, which other programs disturb less.
 */
public final class NetworkBenchmark {
  private NetworkBenchmark() {}

  /**
   * Runs a network.
   *
   * @param arguments how often; a picture; an extractor; for vgg19 its weights, for the others
   *     their preprocessing and input size
   */
  public static void main(String[] arguments) {
    int count = Integer.parseInt(arguments[0]);
    ImageSource picture = ImageSource.of(Path.of(arguments[1]));
    String network = arguments[2];
    ExtractorSpec spec =
        network.equals("vgg19")
            ? new ExtractorSpec(network, Path.of(arguments[3]), null, null, null)
            : new ExtractorSpec(network, null, arguments[3], arguments[4], null);
    try (FeatureExtractor extractor = spec.open()) {
      run(extractor, Collections.nCopies(4, picture)); // PyTorch compiles in the first two
      double start = System.nanoTime();
      double busy = processor();
      run(extractor, Collections.nCopies(count, picture));
      System.out.printf(
          Locale.ROOT,
          "%.2f images/s, %.3f processor seconds each, %s%n",
          count / ((System.nanoTime() - start) / 1e9),
          (processor() - busy) / count,
          extractor.identity());
    }
  }

  private static void run(FeatureExtractor extractor, List<ImageSource> pictures) {
    extractor.extractAll(
        pictures,
        new FeatureExtractor.Sink() {
          @Override
          public void extracted(int index, float[] features) {
            // the time alone counts
          }

          @Override
          public void unreadable(int index, UnreadableImageException reason) {
            throw reason;
          }
        });
  }

  private static double processor() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : Double.NaN;
  }
}
