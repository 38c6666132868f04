package io.lookalike.features;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs an extractor over many pictures: each worker takes the next picture, reads it, and hands the
 * outcome over before it takes another, so no queue can grow.
 */
final class BulkExtraction {
  private BulkExtraction() {}

  static void run(FeatureExtractor extractor, List<ImageSource> images, Sink sink) {
    int workers = Math.min(extractor.concurrency(), images.size());
    if (workers == 0) {
      return;
    }
    var next = new AtomicInteger();
    var ended = new AtomicBoolean();
    var sinkLock = new Object();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < images.size(); i = next.getAndIncrement()) {
            if (Thread.currentThread().isInterrupted()) {
              return;
            }
            try {
              float[] features = extractor.extract(images.get(i));
              synchronized (sinkLock) {
                if (!ended.get()) {
                  sink.extracted(i, features);
                }
              }
            } catch (UnreadableImageException e) {
              synchronized (sinkLock) {
                if (!ended.get()) {
                  sink.unreadable(i, e);
                }
              }
            }
          }
        };
    if (workers == 1) {
      work.run();
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("extraction was interrupted");
      }
      return;
    }
    ExecutorService pool =
        Executors.newFixedThreadPool(
            workers,
            r -> {
              var thread = new Thread(r, "lookalike-extraction");
              thread.setDaemon(true);
              return thread;
            });
    try {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < workers; i++) {
        running.add(pool.submit(work));
      }
      for (Future<?> worker : running) {
        if (Thread.interrupted()) { // which get() does not see if the worker has ended
          throw new InterruptedException();
        }
        worker.get();
      }
    } catch (ExecutionException e) {
      next.set(images.size());
      if (e.getCause() instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      if (e.getCause() instanceof Error fatal) {
        throw fatal;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var cancelled = new CancellationException("extraction was interrupted");
      cancelled.initCause(e);
      throw cancelled;
    } finally {
      pool.shutdownNow();
      // Workers may still be in a picture; what they find is nobody's any more.
      synchronized (sinkLock) {
        ended.set(true);
      }
    }
  }
}
