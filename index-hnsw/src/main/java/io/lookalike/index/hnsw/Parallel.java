package io.lookalike.index.hnsw;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Does numbered tasks by several threads: the caller's and the common pool's. */
final class Parallel {

  private Parallel() {}

  /** Does what there is to do with each of many numbers; used by one thread. */
  @FunctionalInterface
  interface Task extends AutoCloseable {
    void run(int number);

    @Override
    default void close() {}
  }

  /**
   * Does the tasks 0 to {@code count - 1}. When one fails the rest is left, and when this returns
   * or throws, no thread is at work any more.
   *
   * @param threads how many at most
   * @param worthAThread how many tasks make a thread more worthwhile
   * @param maker makes what one thread works with
   */
  static void run(int threads, int count, int worthAThread, Supplier<Task> maker) {
    var next = new AtomicInteger();
    var failed = new AtomicReference<@Nullable Throwable>();
    Runnable work =
        () -> {
          try (Task task = maker.get()) {
            while (failed.get() == null) {
              int number = next.getAndIncrement();
              if (number >= count) {
                return;
              }
              task.run(number);
            }
          } catch (RuntimeException | Error e) {
            failed.compareAndSet(null, e);
          }
        };
    List<ForkJoinTask<?>> helpers = new ArrayList<>();
    int forked = 0;
    try {
      for (int i = 1; i < Math.min(threads, 1 + count / worthAThread); i++) {
        helpers.add(ForkJoinTask.adapt(work));
      }
      while (forked < helpers.size()) {
        helpers.get(forked).fork();
        forked++;
      }
    } catch (RuntimeException | Error e) {
      failed.compareAndSet(null, e);
    }
    work.run();
    while (forked > 0) {
      helpers.get(--forked).quietlyJoin();
    }
    Throwable failure = failed.get();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }
}
