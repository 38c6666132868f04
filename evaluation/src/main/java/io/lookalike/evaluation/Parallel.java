package io.lookalike.evaluation;

import java.util.ArrayList;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Does the same for each number of a range on several threads; what is done knows its number. */
final class Parallel {

  /** Numbers that a thread takes at a time. */
  private static final int BLOCK = 16;

  private Parallel() {}

  /**
   * Calls the work once for each number from 0 to below n.
   *
   * @throws CancellationException if the calling thread is interrupted
   */
  static void forEach(int n, int threads, IntConsumer work) {
    if (threads == 1 || n <= 1) {
      for (int i = 0; i < n; i++) {
        checkInterrupt();
        work.accept(i);
      }
      return;
    }
    var next = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      var running = new ArrayList<Future<?>>();
      int block = Math.max(1, Math.min(BLOCK, n / threads));
      for (int t = 0; t < threads; t++) {
        running.add(
            pool.submit(
                () -> {
                  for (int from = next.getAndAdd(block);
                      from < n && !Thread.currentThread().isInterrupted();
                      from = next.getAndAdd(block)) {
                    for (int i = from; i < Math.min(n, from + block); i++) {
                      work.accept(i);
                    }
                  }
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  private static void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted");
    }
  }
}
