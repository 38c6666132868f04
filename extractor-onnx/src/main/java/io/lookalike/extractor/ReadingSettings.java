package io.lookalike.extractor;

import io.lookalike.features.ExtractorBusyException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How pictures are read: settings that every extractor's builder has. Not safe for use by several
 * threads.
 *
 * @param <B> the builder itself
 */
public abstract class ReadingSettings<B extends ReadingSettings<B>> {
  private static final int MAX_BYTES = 64 << 20;
  private static final int MAX_PIXELS = 64_000_000;

  static final int QUEUE = 2000;
  static final Duration TIME_LIMIT = Duration.ofMinutes(1);

  private @Nullable Integer concurrency;
  private @Nullable Integer maxBytes;
  private @Nullable Integer maxPixels;
  private @Nullable Integer queue;
  private @Nullable Duration timeLimit;

  /** No setting is set. */
  ReadingSettings() {}

  /**
   * The builder itself.
   *
   * @return this
   */
  protected abstract B self();

  /**
   * How many pictures are in work at once, each on one of the extractor's own threads; bulk work
   * reads as many, and one more, from their sources at once. Default: the number of processors;
   * more pays in bulk work where pictures come over a network.
   *
   * @param threads 1 to 1,024
   * @return this
   * @throws IllegalArgumentException if out of range
   * @throws IllegalStateException if already set
   */
  public B concurrency(int threads) {
    concurrency = once("concurrency", concurrency, threads, 1, 1024);
    return self();
  }

  /**
   * The largest encoded picture that is read, in bytes. Default 64 MiB.
   *
   * @param bytes 1 to 1,000,000,000
   * @return this
   * @throws IllegalArgumentException if out of range
   * @throws IllegalStateException if already set
   */
  public B maxBytes(int bytes) {
    maxBytes = once("maxBytes", maxBytes, bytes, 1, 1_000_000_000);
    return self();
  }

  /**
   * The largest picture that is decoded: width times height, in pixels. Default 64,000,000, which
   * take 192 MB of heap as a JPEG and up to 704 MB in another format.
   *
   * @param pixels 1 to 500,000,000
   * @return this
   * @throws IllegalArgumentException if out of range
   * @throws IllegalStateException if already set
   */
  public B maxPixels(int pixels) {
    maxPixels = once("maxPixels", maxPixels, pixels, 1, 500_000_000);
    return self();
  }

  /**
   * How many calls of {@code extract} may wait at once, being read from their sources included,
   * beside those in work. One more ends at once with an {@link ExtractorBusyException}. Default
   * 2,000. Bulk work is not counted.
   *
   * @param pictures 0 to 1,000,000
   * @return this
   * @throws IllegalArgumentException if out of range
   * @throws IllegalStateException if already set
   */
  public B queue(int pictures) {
    queue = once("queue", queue, pictures, 0, 1_000_000);
    return self();
  }

  /**
   * How long a call of {@code extract} waits at most, from when the picture has been read from its
   * source until its features are there, before it ends with an {@link ExtractorBusyException}.
   * Default one minute. Bulk work waits as long as it takes.
   *
   * @param limit above zero
   * @return this
   * @throws IllegalArgumentException if out of range
   * @throws IllegalStateException if already set
   */
  public B timeLimit(Duration limit) {
    once("timeLimit", timeLimit, limit);
    checkTimeLimit(limit);
    timeLimit = limit;
    return self();
  }

  static void checkTimeLimit(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("timeLimit is " + limit + ", expected more than zero");
    }
  }

  int queue() {
    return queue == null ? QUEUE : queue;
  }

  Duration timeLimit() {
    return timeLimit == null ? TIME_LIMIT : timeLimit;
  }

  int concurrency() {
    return concurrency == null ? Runtime.getRuntime().availableProcessors() : concurrency;
  }

  PictureReader reader() {
    return new PictureReader(
        maxBytes == null ? MAX_BYTES : maxBytes, maxPixels == null ? MAX_PIXELS : maxPixels);
  }

  /** With the limits that hold unless others are set. */
  static PictureReader defaultReader() {
    return new PictureReader(MAX_BYTES, MAX_PIXELS);
  }

  static Integer once(String setting, @Nullable Integer before, int value, int least, int most) {
    once(setting, before, value);
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%s is %,d, expected %,d to %,d", setting, value, least, most));
    }
    return value;
  }

  static <T> T once(String setting, @Nullable T before, T value) {
    if (before != null) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT, "%s was already set to %s, then came %s", setting, before, value));
    }
    return Objects.requireNonNull(value, setting);
  }
}
