package io.lookalike;

import io.lookalike.store.CatalogueStore;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for what other processes have written: when the store says so, and at regular intervals. A
 * store that is out of reach is asked again; the log tells it once, and once when it is back.
 */
final class Follower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  private final Runnable follow;
  private final Duration every;
  private final Semaphore told = new Semaphore(0);
  private final Thread thread = new Thread(this::run, "lookalike-follower");
  private volatile boolean closed;

  Follower(CatalogueStore store, Runnable follow, Duration every) {
    this.follow = follow;
    this.every = every;
    store.onChange(told::release);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    boolean reached = true;
    while (!closed) {
      try {
        // Several that came at once are one.
        if (told.tryAcquire(every.toMillis(), TimeUnit.MILLISECONDS)) {
          told.drainPermits();
        }
        if (!closed) {
          follow.run();
          if (!reached) {
            LOG.info("The store is in reach again");
          }
          reached = true;
        }
      } catch (InterruptedException e) {
        return; // closed
      } catch (RuntimeException e) {
        if (reached && !closed) {
          LOG.warn("Changes of other processes cannot be read for now: {}", e.getMessage());
        }
        reached = false;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
