package io.lookalike.index.opensearch;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Refuses calls at once after some in a row have failed, so that a shop whose cluster is down does
 * not wait for it at every page. After a pause one call is let through; as long as such calls fail,
 * the pauses become longer. Thread-safe.
 */
final class Circuit {

  private static final int FAILURES = 3;
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(15);

  private final LongSupplier clock;
  private int failures;
  private long pause = FIRST_PAUSE;
  private long openUntil;

  /**
   * A circuit that lets calls through.
   *
   * @param clock nanoseconds from any moment on
   */
  Circuit(LongSupplier clock) {
    this.clock = clock;
  }

  /** How many milliseconds calls are refused for; 0 if this one may be tried. */
  synchronized long refusedFor() {
    if (failures < FAILURES) {
      return 0;
    }
    long left = openUntil - clock.getAsLong();
    if (left > 0) {
      return 1 + TimeUnit.NANOSECONDS.toMillis(left);
    }
    openUntil = clock.getAsLong() + pause; // for others, until this one knows
    return 0;
  }

  synchronized void answered() {
    failures = 0;
    pause = FIRST_PAUSE;
  }

  synchronized void failed() {
    failures++;
    if (failures >= FAILURES) {
      openUntil = clock.getAsLong() + pause;
      pause = Math.min(LONGEST_PAUSE, 2 * pause);
    }
  }
}
