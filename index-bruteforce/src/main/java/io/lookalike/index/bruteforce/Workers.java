package io.lookalike.index.bruteforce;

import java.util.ArrayList;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Numbered tasks, done by several threads of which the calling one is the first. */
final class Workers {

  /** What one thread does; with its own room to work in. */
  interface Worker {
    void run(int task);
  }

  private final int tasks;
  private final Supplier<Worker> newWorker;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private Workers(int tasks, Supplier<Worker> newWorker) {
    this.tasks = tasks;
    this.newWorker = newWorker;
  }

  /**
   * Does the tasks and waits until all are done. After a failure, or when the calling thread is
   * interrupted, no further task is begun.
   *
   * @throws CancellationException if the calling thread was interrupted, which it then is again
   */
  static void run(int threads, int tasks, Supplier<Worker> newWorker) {
    new Workers(tasks, newWorker).run(Math.min(threads, tasks));
  }

  private void run(int threads) {
    var others = new ArrayList<Thread>();
    for (int i = 1; i < threads; i++) {
      var thread = new Thread(this::work, "lookalike-neighbors-" + i);
      thread.setDaemon(true);
      thread.start();
      others.add(thread);
    }
    Thread caller = Thread.currentThread();
    work(caller);
    boolean interrupted = Thread.interrupted();
    for (Thread thread : others) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          fail(new CancellationException("interrupted"));
        }
      }
    }
    if (interrupted) {
      caller.interrupt();
    }
    Throwable thrown = failure.get();
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  private void work() {
    work(null);
  }

  private void work(@Nullable Thread caller) {
    try {
      Worker worker = newWorker.get();
      for (int task = next.getAndIncrement();
          task < tasks && failure.get() == null;
          task = next.getAndIncrement()) {
        if (caller != null && caller.isInterrupted()) {
          fail(new CancellationException("interrupted"));
          return;
        }
        worker.run(task);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void fail(Throwable e) {
    failure.compareAndSet(null, e);
  }
}
