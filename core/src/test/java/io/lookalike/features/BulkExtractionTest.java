package io.lookalike.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BulkExtractionTest {
  private static final int PICTURES = 256;

  /** Does something with each picture's number. */
  private interface Work {
    void on(int picture) throws InterruptedException;
  }

  private static FeatureExtractor extractor(int concurrency, Work work) {
    return new FeatureExtractor() {
      @Override
      public String identity() {
        return "test";
      }

      @Override
      public int dimension() {
        return 1;
      }

      @Override
      public int concurrency() {
        return concurrency;
      }

      @Override
      public float[] extract(ImageSource image) {
        try {
          work.on(Integer.parseInt(image.name()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new CancellationException();
        }
        return new float[] {1 + Integer.parseInt(image.name())};
      }

      @Override
      public void close() {}
    };
  }

  private static List<ImageSource> pictures() {
    List<ImageSource> pictures = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      pictures.add(ImageSource.of(String.valueOf(i), new byte[0]));
    }
    return pictures;
  }

  private static final class Collected implements FeatureExtractor.Sink {
    final List<Integer> extracted = new ArrayList<>();
    final List<Integer> unreadable = new ArrayList<>();

    @Override
    public void extracted(int index, float[] features) {
      assertThat(features).containsExactly(1 + index);
      extracted.add(index);
    }

    @Override
    public void unreadable(int index, UnreadableImageException reason) {
      unreadable.add(index);
    }
  }

  @Test
  void aFailureIsHeardOfAtOnceWhicheverPictureItIs() throws InterruptedException {
    for (int bad = 0; bad < 4; bad++) {
      int failing = bad;
      var others = new CountDownLatch(1);
      var begun = new AtomicInteger();
      var extractor =
          extractor(
              2,
              picture -> {
                if (picture == failing) {
                  throw new IllegalArgumentException("broken at " + picture);
                }
                if (begun.incrementAndGet() > 3) {
                  others.await(); // the other worker's picture takes for ever
                }
              });
      var sink = new Collected();
      assertThatThrownBy(() -> extractor.extractAll(pictures(), sink))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("broken at " + bad);
      int heardOf = sink.extracted.size();
      others.countDown();
      assertThat(begun.get()).isLessThan(10);
      assertThat(sink.extracted).hasSize(heardOf);
    }
  }

  @Test
  void anErrorOfTheSinkIsThrown() {
    for (int workers : new int[] {1, 3}) {
      var extractor = extractor(workers, picture -> {});
      assertThatThrownBy(
              () ->
                  extractor.extractAll(
                      pictures(),
                      new FeatureExtractor.Sink() {
                        @Override
                        public void extracted(int index, float[] features) {
                          throw new StackOverflowError("full");
                        }

                        @Override
                        public void unreadable(int index, UnreadableImageException reason) {}
                      }))
          .isInstanceOf(StackOverflowError.class)
          .hasMessage("full");
    }
  }

  @Test
  void unreadablePicturesDoNotStopTheOthers() {
    for (int workers : new int[] {1, 3}) {
      var sink = new Collected();
      extractor(
              workers,
              picture -> {
                if (picture % 5 == 0) {
                  throw new UnreadableImageException("" + picture, Reason.DAMAGED, "no", null);
                }
              })
          .extractAll(pictures(), sink);
      assertThat(sink.unreadable).hasSize(52).allMatch(i -> i % 5 == 0);
      assertThat(sink.extracted).hasSize(204).doesNotHaveDuplicates();
    }
  }

  @Test
  void anInterruptEndsIt() {
    for (int workers : new int[] {1, 3}) {
      var extractor = extractor(workers, picture -> new CountDownLatch(1).await());
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> extractor.extractAll(pictures(), new Collected()))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
