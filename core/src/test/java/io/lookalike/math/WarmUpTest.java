package io.lookalike.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarmUpTest {

  private static void call(WarmUp warmUp, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(warmUp.isDone()).isFalse();
    }
  }

  private static void await(WarmUp warmUp) throws InterruptedException {
    while (!warmUp.isDone()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void beginsAfterSomeCallsOnADaemonAndEndsWhenTheMethodIsQuick() throws InterruptedException {
    var thread = new AtomicReference<Thread>();
    var calls = new AtomicInteger();
    var warmUp =
        new WarmUp(
            1_000_000,
            method -> {
              thread.set(Thread.currentThread());
              return calls.incrementAndGet();
            },
            0);
    call(warmUp, WarmUp.CALLS_BEFORE - 1);
    assertThat(calls).hasValue(0);
    await(warmUp);
    assertThat(calls).hasValue(WarmUp.BATCH);
    assertThat(thread.get().isDaemon()).isTrue();
    assertThat(thread.get().getName()).isEqualTo("lookalike-warm-up");
    assertThat(thread.get().getContextClassLoader()).isNull();
  }

  @Test
  void doesNotWaitForEverForAMethodThatStaysSlow() throws InterruptedException {
    var calls = new AtomicInteger();
    var warmUp =
        new WarmUp(
            0, // nothing is that quick
            method -> calls.incrementAndGet(),
            0);
    call(warmUp, WarmUp.CALLS_BEFORE);
    await(warmUp);
    assertThat(calls.get()).isGreaterThan(1000);
  }

  @Test
  void endsWhereTheSampleFailsAndOthersHaveTheirTurn() throws InterruptedException {
    var failing =
        new WarmUp(
            1,
            method -> {
              throw new IllegalStateException("a sample that fails, as this test wants it");
            },
            0);
    var other = new WarmUp(1_000_000, method -> 1, 0);
    call(failing, WarmUp.CALLS_BEFORE);
    await(failing);
    call(other, WarmUp.CALLS_BEFORE - 1);
    await(other);
  }

  @Test
  void asksForOneWarmUpHoweverManyThreadsCall() throws InterruptedException {
    var calls = new AtomicInteger();
    var begun = new CountDownLatch(1);
    var warmUp =
        new WarmUp(
            1_000_000,
            method -> {
              begun.countDown();
              return calls.incrementAndGet();
            },
            0);
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                while (!warmUp.isDone()) {
                  Thread.onSpinWait();
                }
              });
      threads[i].start();
    }
    begun.await();
    for (Thread thread : threads) {
      thread.join();
    }
    var next = new WarmUp(1_000_000, method -> 1, 0);
    call(next, WarmUp.CALLS_BEFORE);
    await(next); // the same thread, so all that was asked for before has run
    assertThat(calls).hasValue(WarmUp.BATCH);
  }

  @Test
  void aSearchDoesNotFailWhereNoThreadCanBeStarted() {
    var warmUp =
        new WarmUp(
            1,
            method -> 1,
            0,
            task -> {
              throw new OutOfMemoryError("unable to create native thread, as this test wants it");
            });
    call(warmUp, WarmUp.CALLS_BEFORE);
    assertThat(warmUp.isDone()).isTrue();
  }
}
