package io.lookalike.features;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor.Sink;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs an extractor over many pictures: each worker takes the next picture, reads it, and hands the
 * outcome over before it takes another, so no queue can grow.
 */
final class BulkExtraction {
  private final FeatureExtractor extractor;
  private final List<ImageSource> images;
  private final Sink sink;
  private final AtomicInteger next = new AtomicInteger();

  /** Held while the sink is called. */
  private final Object sinkLock = new Object();

  /** Whether the caller has gone, under the lock: what workers still find is nobody's any more. */
  private boolean ended;

  private BulkExtraction(FeatureExtractor extractor, List<ImageSource> images, Sink sink) {
    this.extractor = extractor;
    this.images = images;
    this.sink = sink;
  }

  static void run(FeatureExtractor extractor, List<ImageSource> images, Sink sink) {
    var extraction = new BulkExtraction(extractor, images, sink);
    int workers = Math.min(extractor.concurrency(), images.size());
    if (workers > 1) {
      extraction.inParallel(workers);
    } else {
      extraction.work();
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("extraction was interrupted");
      }
    }
  }

  private void work() {
    for (int i = next.getAndIncrement(); i < images.size(); i = next.getAndIncrement()) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      try {
        float[] features = extractor.extract(images.get(i));
        synchronized (sinkLock) {
          if (!ended) {
            sink.extracted(i, features);
          }
        }
      } catch (UnreadableImageException e) {
        synchronized (sinkLock) {
          if (!ended) {
            sink.unreadable(i, e);
          }
        }
      }
    }
  }

  private void inParallel(int workers) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            workers,
            r -> {
              var thread = new Thread(r, "lookalike-extraction");
              thread.setDaemon(true);
              return thread;
            });
    try {
      CompletionService<Void> running = new ExecutorCompletionService<>(pool);
      for (int i = 0; i < workers; i++) {
        running.submit(this::work, null);
      }
      for (int i = 0; i < workers; i++) {
        running.take().get(); // whichever ends first: a failure is heard of at once
      }
    } catch (ExecutionException e) {
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
      next.set(images.size());
      pool.shutdownNow();
      synchronized (sinkLock) {
        ended = true;
      }
    }
  }
}
