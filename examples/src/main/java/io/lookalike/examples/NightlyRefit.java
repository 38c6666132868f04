package io.lookalike.examples;

import io.lookalike.Recommender;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A shop that learns from its catalogue every night while it serves pages. */
public final class NightlyRefit {

  private static final System.Logger LOG = System.getLogger(NightlyRefit.class.getName());

  private NightlyRefit() {}

  /**
   * Refits a shop every day. Where it has a store, the new index is saved beside it.
   *
   * @param shop goes on serving pages and taking changes
   * @param untilNight from now
   * @param timer runs it
   * @return ends it when it is cancelled
   */
  public static ScheduledFuture<?> begin(
      Recommender shop, Duration untilNight, ScheduledExecutorService timer) {
    // snippet: nightly refit
    return timer.scheduleAtFixedRate(
        () -> {
          try {
            shop.refit(); // what is written meanwhile is in the new index too
          } catch (RuntimeException e) { // thrown, it would end the schedule
            LOG.log(Level.WARNING, "the catalogue stays as it was", e);
          }
        },
        untilNight.toMillis(),
        Duration.ofDays(1).toMillis(),
        TimeUnit.MILLISECONDS);
    // end
  }
}
