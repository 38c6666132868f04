package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.ExtractorBusyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs pictures on an extractor's own threads, first come, first served, while their callers wait.
 *
 * <p>The threads are platform threads, so that callers on virtual threads leave their carriers to
 * others, and daemons that end when they have had nothing to do for a while.
 *
 * <p>Who wants to bring a picture is {@linkplain #admit admitted} first, before it is read from its
 * source: that bounds how many are being read, waiting and in work together, and how many bytes
 * they have. Bulk work brings one picture a thread and waits as long as it takes; it needs no
 * admission.
 */
final class WorkQueue {
  private static final long IDLE_SECONDS = 10;

  /** What the encoded pictures of all calls together may take of the heap: a quarter. */
  private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 4;

  private static final AtomicLong BYTES = new AtomicLong();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
  private final ThreadPoolExecutor threads;
  private final Semaphore places;
  private final int mostWaiting;

  /**
   * Creates a queue; its threads start when they are needed.
   *
   * @param concurrency how many pictures are in work at once
   * @param waiting how many more may have been admitted
   */
  WorkQueue(int concurrency, int waiting) {
    this.mostWaiting = waiting;
    this.places = new Semaphore(concurrency + waiting);
    this.threads =
        new ThreadPoolExecutor(
            concurrency, concurrency, IDLE_SECONDS, TimeUnit.SECONDS, queue, WorkQueue::thread);
    threads.allowCoreThreadTimeOut(true);
  }

  /** Takes nothing over from the caller: neither thread-locals nor a web application's classes. */
  private static Thread thread(Runnable work) {
    var thread =
        new Thread(null, work, "lookalike-extractor-" + NUMBER.incrementAndGet(), 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(WorkQueue.class.getClassLoader());
    return thread;
  }

  /** A place for one picture, given back once. */
  final class Admission {
    private final String name;
    private long bytes;

    private Admission(String name) {
      this.name = name;
    }

    /**
     * Counts bytes that have been read.
     *
     * @throws ExtractorBusyException if all pictures together have too many
     */
    void grow(int by) {
      bytes += by;
      if (BYTES.addAndGet(by) > MOST_BYTES) {
        throw new ExtractorBusyException(
            name,
            String.format(
                Locale.ROOT,
                "the pictures that are being read, or wait, have more than %,d bytes, a quarter of"
                    + " the heap; try again later, or raise -Xmx",
                MOST_BYTES));
      }
    }

    void release() {
      BYTES.addAndGet(-bytes);
      places.release();
    }
  }

  /**
   * Lets a picture in.
   *
   * @param name what to call it in a message
   * @return to be released, or given to {@link #run}
   * @throws ExtractorBusyException if as many as may wait do
   * @throws IllegalStateException if this queue is closed
   */
  Admission admit(String name) {
    checkOpen();
    if (!places.tryAcquire()) {
      throw new ExtractorBusyException(
          name,
          String.format(
              Locale.ROOT, "%,d pictures wait already (queue); try again later", mostWaiting));
    }
    return new Admission(name);
  }

  /**
   * Reads a picture on the calling thread, then waits until it has been in work.
   *
   * @param image the picture
   * @param reader reads it from its source
   * @param work what to do with it
   * @param limit how long to wait once it has been read
   * @return what the work returned
   * @throws ExtractorBusyException as of {@link #admit} and of the other {@link #run}
   * @throws UnreadableImageException if it cannot be read
   */
  <T> T run(
      ImageSource image,
      PictureReader reader,
      Function<PictureReader.Loaded, T> work,
      Duration limit) {
    Admission admission = admit(image.name());
    PictureReader.Loaded picture;
    try {
      picture = reader.load(image, admission::grow);
    } catch (Throwable e) {
      admission.release();
      throw e;
    }
    return run(image.name(), () -> work.apply(picture), admission, limit);
  }

  /**
   * Waits until a picture has been in work.
   *
   * @param name what to call it in a message
   * @param work what to do
   * @param admission released when the work is over, which may be after this method has thrown;
   *     null for bulk work
   * @param limit how long to wait; null for as long as it takes
   * @return what the work returned
   * @throws ExtractorBusyException if the time is over
   * @throws CancellationException if the calling thread is interrupted; it stays so
   * @throws IllegalStateException if this queue is closed, or is while the picture waits
   */
  <T> T run(
      String name, Supplier<T> work, @Nullable Admission admission, @Nullable Duration limit) {
    Job<T> job = new Job<>(work, admission);
    try {
      threads.execute(job);
    } catch (RejectedExecutionException e) {
      job.over();
      throw closed();
    } catch (Throwable e) { // no thread can be started
      job.drop();
      throw e;
    }
    try {
      return limit == null
          ? job.result.get()
          : job.result.get(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      job.drop();
      throw interrupted(name, e);
    } catch (TimeoutException e) {
      job.drop();
      throw new ExtractorBusyException(
          name,
          String.format(
              Locale.ROOT,
              "not done within %,d ms (timeLimit), with %,d others waiting; try again later",
              limit == null ? 0 : limit.toMillis(),
              queue.size()));
    }
  }

  /** What a caller who is interrupted is thrown; the thread is left interrupted. */
  static CancellationException interrupted(String name, @Nullable Exception cause) {
    Thread.currentThread().interrupt();
    var cancelled = new CancellationException(name + ": interrupted while it waited");
    cancelled.initCause(cause);
    return cancelled;
  }

  /** One picture. */
  private final class Job<T> implements Runnable {
    private final Supplier<T> work;
    private final @Nullable Admission admission;
    final CompletableFuture<@Nullable T> result = new CompletableFuture<>();

    Job(Supplier<T> work, @Nullable Admission admission) {
      this.work = work;
      this.admission = admission;
    }

    /** Gives the place back before the caller can know that it is done. */
    @Override
    public void run() {
      @Nullable T value;
      try {
        checkOpen();
        value = result.isDone() ? null : work.get();
      } catch (Throwable e) { // for who waits, whatever it is
        over();
        result.completeExceptionally(e);
        return;
      }
      over();
      result.complete(value);
    }

    /** Nobody waits any more: out of the queue, or its result is lost once it is there. */
    void drop() {
      result.cancel(false);
      if (queue.remove(this)) {
        over();
      }
    }

    void over() {
      if (admission != null) {
        admission.release();
      }
    }
  }

  /** Throws an {@link IllegalStateException} if this queue is closed. */
  void checkOpen() {
    if (threads.isShutdown()) {
      throw closed();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("this extractor is closed");
  }

  /** Sends away who waits, then waits for what is in work, whatever interrupts. */
  void close() {
    threads.shutdown();
    List<Runnable> waiting = new ArrayList<>();
    queue.drainTo(waiting);
    for (Runnable each : waiting) {
      if (each instanceof Job<?> job) {
        job.over();
        job.result.completeExceptionally(closed());
      }
    }
    boolean interrupted = false;
    while (!threads.isTerminated()) {
      try {
        threads.awaitTermination(1, TimeUnit.HOURS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
