package io.lookalike.math;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has the compiler make machine code of a method that uses the Vector API, on a thread of its own.
 * As long as the interpreter runs such a method, each of its steps makes an object: it took five
 * milliseconds for each of a JVM's first hundred searches. So its first calls are answered by
 * {@link Lanes}, with the same bits.
 *
 * <p>The thread is one for all methods. It is a daemon, ends a second after the last of them, and
 * works at most {@value #MOST_SECONDS} s for each.
 */
final class WarmUp {

  /**
   * So many calls come before. To begin at once would take processors away from the first answer,
   * and many a short program needs no more.
   */
  static final int CALLS_BEFORE = 64;

  private static final int MOST_SECONDS = 2;

  /** Calls between two looks at the clock. */
  private static final int BATCH = 200;

  /**
   * Machine code takes a tenth of a nanosecond for a multiplication and an addition, others ten.
   */
  private static final double QUICK_NANOS = 1;

  private static final ThreadPoolExecutor THREAD =
      new ThreadPoolExecutor(
          0,
          1,
          1,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(), // of what there is, each comes once
          task -> {
            var thread = new Thread(task, "lookalike-warm-up");
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
          });

  /** A call of the method. */
  interface Sample {
    /** Returns some of what it has computed, so that it is not left out. */
    float call();
  }

  private final int operations;
  private final Sample sample;
  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean done;
  private float results;

  /**
   * For a method.
   *
   * @param operations how many multiplications the sample takes
   * @param sample calls it as most callers do: what it never comes by is left out of the machine
   *     code, which is a few percent quicker
   */
  WarmUp(int operations, Sample sample) {
    this.operations = operations;
    this.sample = sample;
  }

  /** Whether the method is to be called; if not, this call counts as one that others answer. */
  boolean isDone() {
    if (done) {
      return true;
    }
    if (calls.get() < CALLS_BEFORE && calls.incrementAndGet() == CALLS_BEFORE) {
      THREAD.execute(this::run);
    }
    return false;
  }

  private void run() {
    try {
      long begin = System.nanoTime();
      long took = Long.MAX_VALUE;
      while (took > QUICK_NANOS * operations * BATCH
          && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(MOST_SECONDS)) {
        long before = System.nanoTime();
        for (int i = 0; i < BATCH; i++) {
          results += sample.call();
        }
        took = System.nanoTime() - before;
      }
    } finally {
      done = true; // whatever happened: the method is right, if slow
    }
  }
}
