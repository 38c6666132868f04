package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.ExtractorBusyException;
import io.lookalike.features.FeatureExtractor;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** What a call waits for, and what ends its waiting. */
@Timeout(60)
class WaitingTest {
  private static final ImageSource PHOTO = Pictures.source("formats/rgb.jpg");

  /** Keeps its thread until it is let go, as a large network does. */
  private static final class SlowNetwork implements Network {
    final AtomicInteger entered = new AtomicInteger();
    final AtomicBoolean open = new AtomicBoolean();
    final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public float[] run(FloatBuffer input, int width, int height) {
      if (input.limit() > 3 * 8 * 8) {
        throw new IllegalStateException("too large");
      }
      entered.incrementAndGet();
      while (!open.get()) {
        Thread.onSpinWait();
      }
      if (closed.get()) {
        throw new AssertionError("closed while in use");
      }
      return new float[] {1, 2};
    }

    @Override
    public void close() {
      closed.set(true);
    }

    void awaitEntered(int pictures) {
      while (entered.get() < pictures) {
        Thread.onSpinWait();
      }
    }
  }

  private final SlowNetwork network = new SlowNetwork();
  private final List<Thread> threads = new ArrayList<>();
  private final Executor platform =
      work -> {
        var thread = new Thread(work);
        threads.add(thread);
        thread.start();
      };
  private PictureExtractor extractor = open(builder -> builder.concurrency(2));

  private PictureExtractor open(UnaryOperator<OnnxExtractor.Builder> settings) {
    if (extractor != null) {
      network.open.set(true);
      extractor.close();
    }
    network.open.set(true); // for the picture that it is tried on
    network.closed.set(false);
    var opened =
        new PictureExtractor(
            "slow",
            network,
            settings.apply(
                OnnxExtractor.builder()
                    .model(Path.of("none"))
                    .preprocessing(Preprocessing.CLIP)
                    .size(8, 8))) {};
    network.open.set(false);
    network.entered.set(0);
    return opened;
  }

  @AfterEach
  void close() throws InterruptedException {
    network.open.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    extractor.close();
  }

  private CompletableFuture<float[]> call(ImageSource image) {
    return CompletableFuture.supplyAsync(() -> extractor.extract(image), platform);
  }

  private List<CompletableFuture<float[]>> calls(int number) {
    List<CompletableFuture<float[]>> calls = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      calls.add(call(PHOTO));
    }
    return calls;
  }

  @Test
  void aThousandWaitAndAllAreServed() throws Exception {
    var calls = calls(1000);
    network.awaitEntered(2);
    network.open.set(true);
    for (CompletableFuture<float[]> call : calls) {
      assertThat(call.get()).containsExactly(1, 2);
    }
    assertThat(network.entered).hasValue(1000);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void callsOnVirtualThreadsKeepNoOthersFromRunning() throws Exception {
    extractor = open(builder -> builder.concurrency(64)); // more than threads that carry others
    var factory =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    List<CompletableFuture<float[]>> calls = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      calls.add(CompletableFuture.supplyAsync(() -> extractor.extract(PHOTO), factory));
    }
    network.awaitEntered(64);
    assertThat(CompletableFuture.supplyAsync(() -> "done", factory).get()).isEqualTo("done");
    network.open.set(true);
    for (CompletableFuture<float[]> call : calls) {
      assertThat(call.get()).containsExactly(1, 2);
    }
    factory.shutdown();
  }

  @Test
  void slowSourcesHoldUpNobody() throws Exception {
    network.open.set(true);
    byte[] bytes = Pictures.fixture("formats/rgb.jpg");
    var arrive = new CountDownLatch(1);
    var begun = new CountDownLatch(5);
    List<CompletableFuture<float[]>> slow = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      slow.add(
          call(
              ImageSource.of(
                  "upload",
                  () -> {
                    begun.countDown();
                    await(arrive);
                    return new ByteArrayInputStream(bytes);
                  })));
    }
    begun.await();
    assertThat(extractor.extract(PHOTO)).containsExactly(1, 2);
    arrive.countDown();
    for (CompletableFuture<float[]> call : slow) {
      assertThat(call.get()).containsExactly(1, 2);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anInterruptEndsTheWaitAtOnceAndGivesThePlaceBack() throws Exception {
    extractor = open(builder -> builder.concurrency(1).queue(1));
    var working = call(PHOTO);
    network.awaitEntered(1);
    for (int i = 0; i < 3; i++) {
      var waiting = waiting(() -> extractor.extract(PHOTO));
      waiting.thread.interrupt();
      assertThatThrownBy(waiting.outcome::get)
          .hasCauseInstanceOf(CancellationException.class)
          .hasMessageContaining("formats/rgb.jpg: interrupted while it waited");
      assertThat(waiting.interrupted).isTrue();
    }
    // Also the one that is in work; its place is free once the network lets go of it.
    threads.get(0).interrupt();
    assertThatThrownBy(working::get).hasCauseInstanceOf(CancellationException.class);
    network.open.set(true);
    assertThat(eventually(() -> extractor.extract(PHOTO))).containsExactly(1, 2);
  }

  private interface Call {
    float[] get();
  }

  /** Its place is given back by another thread than the caller's. */
  private static float[] eventually(Call call) {
    while (true) {
      try {
        return call.get();
      } catch (ExtractorBusyException e) {
        Thread.onSpinWait();
      }
    }
  }

  /** A call that has come so far that it waits. */
  private static final class Waiting {
    final AtomicBoolean interrupted = new AtomicBoolean();
    final FutureTask<float[]> outcome;
    final Thread thread;

    Waiting(Call call) {
      outcome =
          new FutureTask<>(
              () -> {
                try {
                  return call.get();
                } finally {
                  interrupted.set(Thread.currentThread().isInterrupted());
                }
              });
      thread = new Thread(outcome);
      thread.start();
    }
  }

  private static Waiting waiting(Call call) {
    var waiting = new Waiting(call);
    while (waiting.thread.getState() != Thread.State.WAITING
        && waiting.thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return waiting;
  }

  @Test
  void whoIsInterruptedBeforeIsNotServed() {
    network.open.set(true);
    Path file = Path.of("none.jpg");
    for (ImageSource source : List.of(PHOTO, ImageSource.of(file))) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> extractor.extract(source)).isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThatThrownBy(() -> extractor.extract(ImageSource.of(file)))
        .isInstanceOf(UnreadableImageException.class);
  }

  @Test
  void aCallEndsAfterItsTimeLimit() throws Exception {
    extractor = open(builder -> builder.concurrency(1).timeLimit(Duration.ofMillis(20)));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> extractor.extract(PHOTO))
          .isInstanceOf(ExtractorBusyException.class)
          .hasMessage(
              "formats/rgb.jpg: not done within 20 ms (timeLimit), with 0 others waiting; try again"
                  + " later");
    }
    assertThatThrownBy(() -> extractor.extract(PHOTO, Duration.ofMillis(1)))
        .isInstanceOf(ExtractorBusyException.class)
        .hasMessageContaining("within 1 ms");
    var patient =
        CompletableFuture.supplyAsync(
            () -> extractor.extract(PHOTO, Duration.ofDays(1_000_000)), platform);
    network.open.set(true);
    assertThat(patient.get()).containsExactly(1, 2);
    assertThatThrownBy(() -> extractor.extract(PHOTO, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("timeLimit is PT0S, expected more than zero");
  }

  @Test
  void noMoreWaitThanMay() throws Exception {
    extractor = open(builder -> builder.concurrency(1).queue(2));
    var calls = calls(3);
    network.awaitEntered(1);
    while (threads.stream().anyMatch(t -> t.getState() == Thread.State.RUNNABLE)) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(() -> extractor.extract(PHOTO))
        .isInstanceOf(ExtractorBusyException.class)
        .hasMessage("formats/rgb.jpg: 2 pictures wait already (queue); try again later");
    // Bulk work is not turned away.
    var bulk =
        CompletableFuture.supplyAsync(
            () -> {
              var sink = new Collected();
              extractor.extractAll(Collections.nCopies(20, PHOTO), sink);
              return sink.extracted;
            },
            platform);
    network.open.set(true);
    assertThat(bulk.get()).isEqualTo(20);
    for (CompletableFuture<float[]> call : calls) {
      assertThat(call.get()).containsExactly(1, 2);
    }
  }

  private static final class Collected implements FeatureExtractor.Sink {
    int extracted;

    @Override
    public void extracted(int index, float[] features) {
      extracted++;
    }

    @Override
    public void unreadable(int index, UnreadableImageException reason) {
      throw reason;
    }
  }

  @Test
  void aBadPictureGivesItsPlaceBack() throws Exception {
    extractor = open(builder -> builder.concurrency(1).queue(0));
    network.open.set(true);
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> extractor.extract(ImageSource.of("no", new byte[9])))
          .isInstanceOf(UnreadableImageException.class);
      assertThatThrownBy(
              () ->
                  extractor.extract(
                      ImageSource.of(
                          "bad",
                          () -> {
                            throw new IllegalArgumentException("broken");
                          })))
          .hasMessage("broken");
      assertThat(eventually(() -> extractor.extract(PHOTO))).containsExactly(1, 2);
    }
  }

  @Test
  void closingSendsAwayWhoWaitsAndLetsTheOthersEnd() throws Exception {
    extractor = open(builder -> builder.concurrency(1));
    var working = call(PHOTO);
    network.awaitEntered(1);
    List<Waiting> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(waiting(() -> extractor.extract(PHOTO)));
    }
    var source = new CountDownLatch(1);
    var reading =
        waiting(
            () ->
                extractor.extract(
                    ImageSource.of(
                        "upload",
                        () -> {
                          await(source);
                          return InputStream.nullInputStream();
                        })));
    var closing = CompletableFuture.runAsync(extractor::close, platform);
    for (Waiting each : waiting) {
      assertThatThrownBy(each.outcome::get)
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("this extractor is closed");
    }
    assertThat(closing).isNotDone();
    network.open.set(true);
    assertThat(working.get()).containsExactly(1, 2);
    closing.get(30, TimeUnit.SECONDS);
    assertThat(network.closed).isTrue();
    source.countDown();
    assertThatThrownBy(reading.outcome::get).isInstanceOf(ExecutionException.class);
    assertThatThrownBy(() -> extractor.extract(PHOTO))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("this extractor is closed");
    extractor.close();
  }

  @Test
  void itsThreadsAreDaemonsAndEnd() throws Exception {
    network.open.set(true);
    extractor.extract(PHOTO);
    List<Thread> own = own();
    assertThat(own).isNotEmpty().allMatch(Thread::isDaemon);
    extractor.close();
    for (Thread thread : own) {
      thread.join();
    }
  }

  private static List<Thread> own() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("lookalike-extractor-"))
        .toList();
  }
}
