package io.lookalike.extractor;

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
  private @Nullable Integer concurrency;
  private @Nullable Integer maxBytes;
  private @Nullable Integer maxPixels;

  /** No setting is set. */
  ReadingSettings() {}

  /**
   * The builder itself.
   *
   * @return this
   */
  protected abstract B self();

  /**
   * How many pictures may be in hand at once, each on one thread. Default: the number of
   * processors; more pays where pictures come over a network.
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

  int concurrency() {
    return concurrency == null ? Runtime.getRuntime().availableProcessors() : concurrency;
  }

  PictureReader reader() {
    return new PictureReader(
        maxBytes == null ? 64 << 20 : maxBytes, maxPixels == null ? 64_000_000 : maxPixels);
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
