package io.lookalike;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what many threads want to write into a store, in groups: while one group is made durable,
 * the next gathers. Callers wait until theirs is.
 *
 * <p><b>The protocol.</b> One thread of its own talks to the store, so that a virtual thread never
 * does. It takes all tasks that wait, {@value #MOST} at most, asks each for its changes, writes
 * them as one transaction, then has each take effect in memory, then lets the callers go. A task
 * that throws when it is asked fails alone. If the transaction fails, and nothing of it is in the
 * store, each task of the group is tried alone, so that one cannot spoil the others; what fails
 * then is undone.
 *
 * <p>Bounds: {@value #WAITING} tasks wait; further callers wait for room. A caller waits as long as
 * {@link #PATIENCE} in all and can be interrupted; what they asked for may then happen or not.
 */
final class GroupCommit implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

  /** Tasks of one transaction. */
  static final int MOST = 4_096;

  /** Tasks that wait. */
  static final int WAITING = 65_536;

  /** Callers that are let go at once, and the nanoseconds until the next are. */
  private static final int WOKEN = 32;

  private static final long PAUSE = 20_000;

  /** How long a caller waits, and how long closing waits for what is left to be written. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** So many tasks in a row that fail alone mean that the store fails. */
  private static final int GIVES_UP = 3;

  /** After how long a change that nobody waits for is tried again. */
  private static final Duration AGAIN = Duration.ofMillis(500);

  /** Something to be written. All methods are called on the store's thread. */
  interface Task<T> {
    /**
     * What is to be written, given what the group's tasks before it are about to write.
     *
     * @param draft takes the changes
     * @return what the caller is told when all is done
     */
    T draft(Draft draft);

    /** Takes back what {@link #draft} did in memory; its changes have not been written. */
    default void undo() {}
  }

  /** Brings memory up to what others have written, and to what has just been written. */
  interface Memory {
    /** Called inside a transaction, before its tasks are asked. */
    void catchUp(long last) throws StoreException;

    /** A new draft for a group. */
    Draft draft();

    /** What was drafted is durable. */
    void written(Draft draft, long change);
  }

  private static final class Waiting<T> {
    final Task<T> task;
    final CompletableFuture<T> done = new CompletableFuture<>();

    /** Whether nobody waits for it: then it is tried until it is written. */
    final boolean later;

    long due;
    private @Nullable T result;

    /** Whether it shares a transaction with no other. */
    final boolean alone;

    Waiting(Task<T> task, boolean later, boolean alone, long due) {
      this.task = task;
      this.alone = alone;
      this.later = later;
      this.due = due;
    }

    void draft(Draft draft) {
      result = task.draft(draft);
    }

    @SuppressWarnings("NullAway") // the result is whatever the task gave
    void complete() {
      done.complete(result);
    }
  }

  private final CatalogueStore store;
  private final Memory memory;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Waiting<?>> waiting = new ArrayDeque<>();

  /** When the first of those that wait is due; set where one waits. */
  private long soonest;

  private boolean closing;

  /** When what is left is given up; set with {@link #closing}. */
  private long closesAt;

  /** Whether the last transaction failed; on the store's thread. */
  private boolean failing;

  GroupCommit(CatalogueStore store, Memory memory) {
    this.store = store;
    this.memory = memory;
    this.thread = new Thread(this::run, "lookalike-store");
    thread.setDaemon(true);
    thread.start();
  }

  // ---- callers

  /**
   * Writes something, and returns when it is durable and in memory.
   *
   * @throws UncheckedIOException around a {@link StoreException} if it cannot be written; nothing
   *     has changed, unless the message says that this is not known
   * @throws CancellationException if the thread is interrupted; it stays interrupted
   */
  <T> T write(Task<T> task) {
    return write(new Waiting<>(task, false, false, System.nanoTime()));
  }

  /** As {@link #write}, where there is nothing to tell. */
  void carryOut(Consumer<Draft> task) {
    write(
        draft -> {
          task.accept(draft);
          return true;
        });
  }

  /** As {@link #carryOut}, in a transaction of its own. */
  void carryOutAlone(Consumer<Draft> task) {
    Task<Boolean> told =
        draft -> {
          task.accept(draft);
          return true;
        };
    write(new Waiting<>(told, false, true, System.nanoTime()));
  }

  private <T> T write(Waiting<T> mine) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    enqueue(mine, end);
    try {
      return mine.done.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (TimeoutException e) {
      throw new UncheckedIOException(
          new StoreException(
              "the store did not answer within "
                  + PATIENCE.toSeconds()
                  + " s; whether the change will be written is not known",
              e));
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    }
  }

  /**
   * Writes something that is in memory already, within a time, and does not wait for it. If the
   * store fails, it is tried again and again.
   */
  void writeLater(Task<?> task, Duration within) {
    enqueue(
        new Waiting<>(task, true, false, System.nanoTime() + within.toNanos()),
        System.nanoTime() + PATIENCE.toNanos());
  }

  /** What decides on a change runs on the store's thread, and must not wait for it. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very thread is the question
  void checkCaller() {
    if (Thread.currentThread() == thread) {
      throw new IllegalStateException(
          "what decides on a change may not make another change, nor begin long work");
    }
  }

  private void enqueue(Waiting<?> mine, long end) {
    checkCaller();
    try {
      lock.lockInterruptibly();
      try {
        while (waiting.size() >= WAITING && !closing) {
          if (room.awaitNanos(end - System.nanoTime()) <= 0) {
            throw new UncheckedIOException(
                new StoreException(
                    WAITING + " changes wait for the store already; nothing has been written"));
          }
        }
        if (closing) {
          throw new IllegalStateException("this recommender has been closed");
        }
        waiting.add(mine);
        due(mine.due);
        if (waiting.size() == MOST) {
          work.signal();
        }
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static CancellationException interrupted() {
    Thread.currentThread().interrupt();
    return new CancellationException(
        "interrupted while waiting for the store; whether the change will be written is not known");
  }

  private static RuntimeException thrown(@Nullable Throwable cause) {
    if (cause instanceof StoreException e) {
      return new UncheckedIOException(new StoreException(String.valueOf(e.getMessage()), e));
    }
    if (cause instanceof RuntimeException e) {
      return e;
    }
    if (cause instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(cause);
  }

  // ---- the store's thread

  private void run() {
    while (true) {
      List<Waiting<?>> group = next();
      if (group.isEmpty()) {
        return;
      }
      try {
        commit(group, true);
      } catch (RuntimeException | Error e) { // a fault of ours must not end all writing
        LOG.error("A group of changes failed", e);
        group.forEach(each -> each.done.completeExceptionally(e));
      }
    }
  }

  /** Waits for tasks, those that may wait until one is due; empty when all is done and closed. */
  private List<Waiting<?>> next() {
    lock.lock();
    try {
      while (true) {
        if (waiting.isEmpty()) {
          if (closing) {
            return List.of();
          }
          work.awaitUninterruptibly();
          continue;
        }
        long left = soonest - System.nanoTime();
        if (left <= 0 || waiting.size() >= MOST) {
          return taken();
        }
        work.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts this thread", e);
    } finally {
      lock.unlock();
    }
  }

  private List<Waiting<?>> taken() {
    var group = new ArrayList<Waiting<?>>(Math.min(MOST, waiting.size()));
    do {
      group.add(waiting.poll());
    } while (group.size() < MOST
        && !waiting.isEmpty()
        && !group.get(0).alone
        && !waiting.peek().alone);
    boolean first = true;
    for (Waiting<?> each : waiting) {
      soonest = first || each.due - soonest < 0 ? each.due : soonest;
      first = false;
    }
    room.signalAll();
    return group;
  }

  /** Notes when one that has just been added is due; the lock is held. */
  private void due(long time) {
    if (waiting.size() == 1 || time - soonest < 0) {
      soonest = time;
      work.signal();
    }
  }

  /** Returns whether the group is in the store. */
  private boolean commit(List<Waiting<?>> group, boolean mayRetry) {
    Draft draft = memory.draft();
    var drafted = new ArrayList<Waiting<?>>(group.size());
    long[] before = {-1};
    long after;
    try {
      after =
          store.write(
              last -> {
                before[0] = last;
                memory.catchUp(last);
                return draft(group, draft, drafted);
              });
    } catch (StoreException | RuntimeException | Error e) {
      for (int i = drafted.size() - 1; i >= 0; i--) {
        drafted.get(i).task.undo();
      }
      failed(group, drafted, before[0], e, mayRetry);
      return false;
    }
    try {
      memory.written(draft, after);
    } catch (RuntimeException | Error e) {
      drafted.forEach(each -> each.done.completeExceptionally(e));
      return true;
    }
    if (failing) {
      LOG.info("The store can be written again");
      failing = false;
    }
    letGo(drafted);
    return true;
  }

  /** Hundreds of threads that wake up at once would keep short calls from the processor. */
  private static void letGo(List<Waiting<?>> drafted) {
    int told = 0;
    for (Waiting<?> each : drafted) {
      each.complete();
      if (++told % WOKEN == 0) {
        LockSupport.parkNanos(PAUSE);
      }
    }
  }

  private static List<StoreChange> draft(
      List<Waiting<?>> group, Draft draft, List<Waiting<?>> drafted) {
    for (Waiting<?> each : group) {
      draft.begin();
      try {
        each.draft(draft);
        draft.end();
        drafted.add(each);
      } catch (RuntimeException | Error e) {
        draft.discard();
        each.done.completeExceptionally(e);
      }
    }
    return draft.changes();
  }

  private void failed(
      List<Waiting<?>> group,
      List<Waiting<?>> drafted,
      long before,
      Throwable failure,
      boolean mayRetry) {
    boolean untouched = before < 0;
    try {
      untouched |= lastChange() == before;
    } catch (StoreException | RuntimeException e) {
      failure.addSuppressed(e);
    }
    List<Waiting<?>> left = drafted.isEmpty() ? group : drafted;
    if (untouched && mayRetry && left.size() > 1) {
      oneByOne(left);
      return;
    }
    Throwable told =
        untouched || !(failure instanceof StoreException)
            ? failure
            : new StoreException(
                failure.getMessage() + "; whether the change has been written is not known",
                failure);
    left.forEach(each -> fail(each, told));
    if (!failing) {
      LOG.warn("The store cannot be written: {}", told.getMessage());
      failing = true;
    }
  }

  /**
   * The last change when nothing is being written any more: a commit that was sent before the
   * connection broke may still arrive, and keeps other writers out until then.
   */
  private long lastChange() throws StoreException {
    return store.shared() ? store.write(last -> List.of()) : store.lastChange();
  }

  /** Finds the one that spoils the others. If several in a row fail, it is the store that does. */
  private void oneByOne(List<Waiting<?>> left) {
    int failures = 0;
    for (Waiting<?> each : left) {
      if (failures == GIVES_UP) {
        fail(each, new StoreException("the store cannot be written: see the log"));
        continue;
      }
      failures = commit(List.of(each), false) ? 0 : failures + 1;
    }
  }

  private void fail(Waiting<?> each, Throwable failure) {
    lock.lock();
    try {
      if (each.later && (!closing || System.nanoTime() - closesAt < 0)) {
        each.due = System.nanoTime() + AGAIN.toNanos();
        waiting.addFirst(each);
        due(each.due);
        return;
      }
    } finally {
      lock.unlock();
    }
    if (each.later) {
      LOG.error(
          "A change could not be written before the recommender was closed: {}",
          failure.getMessage());
    }
    each.done.completeExceptionally(failure);
  }

  /** Writes what waits, then ends. */
  @Override
  @SuppressWarnings("ReferenceEquality") // whether it is the very thread is the question
  public void close() {
    lock.lock();
    try {
      if (!closing) {
        closing = true;
        closesAt = System.nanoTime() + PATIENCE.toNanos();
        soonest = System.nanoTime();
      }
      work.signal();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    if (Thread.currentThread() == thread) {
      return;
    }
    boolean interrupted = false;
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (thread.isAlive()) {
      LOG.error("The store has not taken all changes within {} s", PATIENCE.toSeconds());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
