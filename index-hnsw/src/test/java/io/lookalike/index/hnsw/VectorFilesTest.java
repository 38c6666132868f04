package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.testkit.NeighborIndexConformance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that an index must do, with its vectors in files. */
@Tag("once")
class VectorFilesTest extends NeighborIndexConformance {

  @TempDir static Path folder;

  /** On the heap all are written. */
  @Override
  protected double shareOfWrites() {
    return .25;
  }

  @Override
  protected IndexFactory factory() {
    return HnswIndex.builder().vectorsIn(folder).factory();
  }

  @Override
  protected double minimumRecall() {
    return .95;
  }

  private static HnswIndex index(Path folder, int dimension) {
    return (HnswIndex) HnswIndex.builder().threads(1).vectorsIn(folder).factory().create(dimension);
  }

  private static List<IndexItem> items(int from, int to, int dimension, long seed) {
    var random = new Random(seed);
    var items = new ArrayList<IndexItem>();
    for (int i = from; i < to; i++) {
      items.add(IndexItem.of("p" + i, vector(random, dimension)));
    }
    return items;
  }

  private static float[] vector(Random random, int dimension) {
    var vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) random.nextGaussian() / (1 + i);
    }
    return vector;
  }

  /** Several files of them. */
  @Test
  void answersAreThoseOfAnIndexOnTheHeap() throws IOException {
    int dimension = 1280;
    List<IndexItem> items = items(0, 2000, dimension, 1);
    Path file = folder.resolve("saved");
    try (HnswIndex index = index(folder, dimension);
        var onHeap = (HnswIndex) HnswIndex.builder().threads(1).factory().create(dimension)) {
      for (int from = 0; from < 2000; from += 500) {
        index.upsertAll(items.subList(from, from + 500));
        onHeap.upsertAll(items.subList(from, from + 500));
      }
      long floats = 4L * dimension * 2000;
      assertThat(index.fileBytes()).isBetween(floats, 2 * floats);
      assertThat(index.memoryBytes()).isEqualTo(onHeap.memoryBytes() - floats);
      index.save(file);
      try (HnswIndex opened = HnswIndex.open(file)) {
        var random = new Random(2);
        for (int i = 0; i < 50; i++) {
          Query query = Query.of(vector(random, dimension), 10);
          List<Neighbor> expected = onHeap.search(query);
          assertThat(index.search(query)).isEqualTo(expected);
          assertThat(opened.search(query)).isEqualTo(expected);
        }
        for (IndexItem item : items) {
          assertThat(index.vector(item.id())).isEqualTo(item.vector());
        }
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  @Test
  void filesAreGoneWhenTheIndexIsClosed() throws IOException {
    Path own = Files.createDirectory(folder.resolve("own"));
    try (HnswIndex index = index(own, 3)) {
      index.upsertAll(items(0, 100, 3, 3));
      assertThat(index.fileBytes()).isPositive();
      index.close();
      index.close();
      assertThatThrownBy(() -> index.upsertAll(items(0, 1, 3, 3)))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(own).isEmptyDirectory();
    Files.delete(own);
  }

  @Test
  void aFolderThatIsGoneLeavesTheIndexAsItWas() throws IOException {
    Path own = Files.createDirectory(folder.resolve("gone"));
    try (HnswIndex index = index(own, 3)) {
      Files.delete(own);
      assertThatThrownBy(() -> index.upsertAll(items(0, 5, 3, 4)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("vectors cannot be kept in " + own)
          .hasMessageEndingWith("make room there, or name another folder");
      assertThat(index.size()).isZero();
      assertThat(index.search(Query.of(new float[] {1, 2, 3}, 5))).isEmpty();
      Files.createDirectory(own);
      index.upsertAll(items(0, 5, 3, 4));
      assertThat(index.search(Query.of(new float[] {1, 2, 3}, 5))).hasSize(5);
    }
    Files.delete(own);
  }

  @Test
  void theBuilderChecksTheFolder() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> HnswIndex.builder().vectorsIn(missing))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no folder " + missing + " to keep vectors in; create it first");
    assertThatThrownBy(() -> HnswIndex.builder().vectorsIn(folder).vectorsIn(folder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("vectorsIn was already set to " + folder + ", then came " + folder);
    assertThatThrownBy(() -> factory().create(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2147483647, expected at most 268435456 where vectors are kept in");
  }

  @Test
  void anInterruptedThreadIsServedAndStaysInterrupted() {
    List<IndexItem> items = items(0, 3000, 256, 5);
    try (HnswIndex index = index(folder, 256)) {
      for (int from = 0; from < 3000; from += 100) {
        Thread.currentThread().interrupt();
        index.upsertAll(items.subList(from, from + 100));
        assertThat(Thread.interrupted()).isTrue();
      }
      for (IndexItem item : items) {
        assertThat(index.vector(item.id())).isEqualTo(item.vector());
      }
    } finally {
      Thread.interrupted();
    }
  }

  /** What searches may still read is left alone, however much is replaced beside them. */
  @Test
  void rowsAreUsedAgainBesideSearches() throws Exception {
    int dimension = 256;
    int products = 500;
    IndexFactory factory = HnswIndex.builder().vectorsIn(folder).leastNodes(100).factory();
    try (var index = (HnswIndex) factory.create(dimension)) {
      index.upsertAll(items(0, products, dimension, 6));
      var stop = new AtomicBoolean();
      var failure = new AtomicReference<Throwable>();
      var searcher =
          new Thread(
              () -> {
                try {
                  var random = new Random(7);
                  while (!stop.get()) {
                    assertThat(index.search(Query.of(vector(random, dimension), 10))).hasSize(10);
                  }
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      searcher.start();
      List<IndexItem> last = List.of();
      for (int round = 0; round < 12; round++) {
        last = items(0, products, dimension, 10 + round);
        index.upsertAll(last);
        System.gc();
      }
      stop.set(true);
      searcher.join();
      assertThat(failure.get()).isNull();
      for (IndexItem item : last) {
        assertThat(index.vector(item.id())).isEqualTo(item.vector());
      }
      // Files hold 1 MiB, then 2 more, then 4 more: 12 replacements would fill 6 MB.
      assertThat(index.fileBytes()).isLessThan(4 << 20);
    }
  }

  @Test
  void whatIsOpenedCanGrow() throws IOException {
    Path file = folder.resolve("small");
    try (HnswIndex index = index(folder, 8)) {
      index.upsertAll(items(0, 50, 8, 8));
      index.save(file);
    }
    try (NeighborIndex opened = HnswIndex.open(file)) {
      opened.upsertAll(items(50, 100, 8, 9));
      assertThat(opened.search(Query.of(vector(new Random(1), 8), 100))).hasSize(100);
    } finally {
      Files.delete(file);
    }
  }
}
