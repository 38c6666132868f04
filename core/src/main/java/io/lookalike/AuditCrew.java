package io.lookalike;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The threads of an audit: one that leads and hands out work, and one for each processor that does
 * it; daemons of the lowest priority. They are told to stop, and never interrupted: an interrupt
 * would close files that others read.
 */
final class AuditCrew {

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** Pieces of work that wait or are being done. */
  private static final int UNDER_WAY = 2 * PROCESSORS;

  private static final long LOOKS_UP_MILLIS = 100;

  private static final AtomicInteger COUNT = new AtomicInteger();

  @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          PROCESSORS + 1,
          work -> {
            var thread = new Thread(work, "lookalike-audit-" + COUNT.incrementAndGet());
            thread.setDaemon(true);
            thread.setPriority(Thread.MIN_PRIORITY);
            return thread;
          });

  private final Semaphore room = new Semaphore(UNDER_WAY);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped;

  /** Has the leader do something that hands out work; to be called once. */
  <T> T lead(Callable<T> work) {
    Future<T> leading = threads.submit(work);
    try {
      return leading.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException(
          "interrupted during an audit; what it has mended stays mended");
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    } finally {
      stopped = true;
      threads.shutdown();
    }
  }

  private static RuntimeException thrown(@Nullable Throwable failure) {
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure instanceof IOException e) {
      return new UncheckedIOException(e.getMessage(), e);
    }
    return failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
  }

  /** Ends what goes on after the caller has gone. */
  void checkWanted() {
    if (stopped) {
      throw new CancellationException("the audit has been stopped");
    }
  }

  /** Hands out some work, as soon as there is a free thread. For the leader. */
  void give(Runnable work) throws InterruptedException {
    take(1);
    boolean given = false;
    try {
      threads.execute(
          () -> {
            try {
              if (!stopped && failure.get() == null) {
                work.run();
              }
            } catch (RuntimeException | Error e) {
              failure.compareAndSet(null, e);
            } finally {
              room.release();
            }
          });
      given = true;
    } finally {
      if (!given) {
        room.release();
      }
    }
  }

  /** Waits for all that was handed out, and throws what failed first. */
  void await() throws InterruptedException {
    take(UNDER_WAY);
    room.release(UNDER_WAY);
    Throwable failed = failure.getAndSet(null);
    if (failed != null) {
      throw thrown(failed);
    }
  }

  private void take(int permits) throws InterruptedException {
    do {
      checkWanted();
    } while (!room.tryAcquire(permits, LOOKS_UP_MILLIS, TimeUnit.MILLISECONDS));
  }
}
