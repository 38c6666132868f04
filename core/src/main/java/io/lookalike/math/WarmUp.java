package io.lookalike.math;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has the compiler make machine code of a method that uses the Vector API, on a thread of its own.
 * As long as the interpreter runs such a method, each of its steps makes an object: each of a JVM's
 * first hundred searches took five milliseconds. So its first calls are answered by {@link Lanes},
 * with the same bits.
 *
 * <p>The thread is one for all methods. It is a daemon, works at most {@value #MOST_SECONDS} s for
 * each, and ends a second after the last of them. Where it cannot be started, methods are used as
 * they are.
 */
final class WarmUp {

  /**
   * So many calls come before. To begin at once would take processors away from the first answer,
   * and many a short program needs no more.
   */
  static final int CALLS_BEFORE = 64;

  private static final int MOST_SECONDS = 5;

  /** Calls between two looks at the clock. */
  static final int BATCH = 200;

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
            var thread = new Thread(null, task, "lookalike-warm-up", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
          });

  /**
   * Calls of a class's methods. One object for all: each more costs a first answer milliseconds.
   */
  interface Samples {
    /** Calls a method. Returns some of what it has computed, so that it is not left out. */
    float call(int method);
  }

  private final Executor threads;
  private final int operations;
  private final Samples samples;
  private final int method;
  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean done;

  /** Of no use, but that the compiler may not leave out what is added up here. */
  @SuppressWarnings("UnusedVariable")
  private float results;

  /**
   * For a method.
   *
   * @param operations how many multiplications a sample takes
   * @param samples call it as most callers do: what they never come by is left out of the machine
   *     code, which is a few percent quicker
   * @param method which of theirs it is
   */
  WarmUp(int operations, Samples samples, int method) {
    this(operations, samples, method, THREAD);
  }

  WarmUp(int operations, Samples samples, int method, Executor threads) {
    this.threads = threads;
    this.operations = operations;
    this.samples = samples;
    this.method = method;
  }

  /** Whether the method is to be called; if not, this call counts as one that others answer. */
  boolean isDone() {
    if (done) {
      return true;
    }
    if (calls.get() < CALLS_BEFORE && calls.incrementAndGet() == CALLS_BEFORE) {
      begin();
    }
    return false;
  }

  /** A search must not fail because there is no thread left to make the next one quicker. */
  private void begin() {
    try {
      threads.execute(this::run);
    } catch (RuntimeException | OutOfMemoryError e) {
      done = true;
    }
  }

  private void run() {
    try {
      long begin = System.nanoTime();
      long took = Long.MAX_VALUE;
      while (took > QUICK_NANOS * operations * BATCH
          && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(MOST_SECONDS)) {
        long before = System.nanoTime();
        for (int i = 0; i < BATCH; i++) {
          results += samples.call(method);
        }
        took = System.nanoTime() - before;
      }
    } finally {
      done = true; // whatever happened: the method is right, if slow
    }
  }
}
