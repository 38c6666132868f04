package io.lookalike.index.bruteforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With bounds the answers are those of the plain scan, to the bit. */
class PruningTest {

  private static final int COUNT = 4000;

  /** Catalogues that are kind to bounds, and others that are not. */
  enum Data {
    /** Few directions carry most of the variance, as in features of pictures. */
    SPECTRUM(160) {
      @Override
      float[] vector(Random random, int i) {
        return gaussian(random, d -> Math.pow(d + 1, -0.8));
      }
    },
    CLUSTERED(100) {
      @Override
      float[] vector(Random random, int i) {
        float[] centre = gaussian(new Random(i % 20), d -> 1);
        float[] noise = gaussian(random, d -> 0.3);
        for (int d = 0; d < centre.length; d++) {
          centre[d] += noise[d];
        }
        return centre;
      }
    },
    /** Every tenth product only once, the others copies of them. */
    DUPLICATES(96) {
      @Override
      float[] vector(Random random, int i) {
        return gaussian(new Random(i % 400), d -> 1 / (d + 1.0));
      }
    },
    UNIFORM(128) {
      @Override
      float[] vector(Random random, int i) {
        return gaussian(random, d -> 1);
      }
    },
    /** Non-negative and mostly zero, as after a network's ReLU. */
    SPARSE(200) {
      @Override
      float[] vector(Random random, int i) {
        float[] vector = new float[dimension];
        for (int n = 0; n < 6; n++) {
          vector[random.nextInt(dimension)] = random.nextFloat() + .01f;
        }
        return vector;
      }
    },
    /** One axis each: all similarities are 0 or 1. */
    ORTHOGONAL(128) {
      @Override
      float[] vector(Random random, int i) {
        float[] vector = new float[dimension];
        vector[i % dimension] = i % 2 == 0 ? 1 : -1;
        return vector;
      }
    },
    EQUAL(80) {
      @Override
      float[] vector(Random random, int i) {
        return gaussian(new Random(7), d -> 1);
      }
    },
    /** Two groups, and one product far outside that spoils the codes' scales. */
    OUTLIER(72) {
      @Override
      float[] vector(Random random, int i) {
        float[] vector = gaussian(random, d -> 1e-4);
        vector[i == 17 ? 1 : 0] = i % 2 == 0 ? 1 : -1;
        return vector;
      }
    };

    final int dimension;

    Data(int dimension) {
      this.dimension = dimension;
    }

    abstract float[] vector(Random random, int i);

    interface Deviation {
      double of(int d);
    }

    float[] gaussian(Random random, Deviation deviation) {
      float[] vector = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) (random.nextGaussian() * deviation.of(d));
      }
      return vector;
    }
  }

  private static BruteForceIndex index(int dimension, boolean pruning) {
    return (BruteForceIndex)
        BruteForceIndex.builder().threads(1).pruning(pruning).factory().create(dimension);
  }

  private static IndexItem item(String id, float[] vector, Random random) {
    Attributes attributes =
        Attributes.none().with("n", random.nextInt(100)).with("rare", random.nextInt(500) == 0);
    return new IndexItem(id, UnitVector.of(vector), attributes);
  }

  private static List<Query> queries(Data data, Random random, NeighborIndex index) {
    var queries = new ArrayList<Query>();
    List<String> ids = index.ids();
    for (int i = 0; i < 12; i++) {
      UnitVector known = index.vector(ids.get(random.nextInt(ids.size())));
      queries.add(Query.of(known, 1 + random.nextInt(20)));
      queries.add(Query.of(data.vector(random, random.nextInt(COUNT)), 10));
      queries.add(Query.of(data.gaussian(random, d -> 1), 5));
    }
    queries.add(Query.of(data.vector(random, 5), 0));
    queries.add(Query.of(data.vector(random, 5), COUNT + 10));
    queries.add(Query.of(data.vector(random, 5), Integer.MAX_VALUE));
    queries.add(Query.of(data.vector(random, 5), 300));
    queries.add(Query.of(data.vector(random, 6), 10).where(Filter.lessThan("n", 50)));
    queries.add(Query.of(data.vector(random, 7), 10).where(Filter.equal("rare", true)));
    queries.add(Query.of(data.vector(random, 8), 10).where(Filter.equal("n", -1)));
    queries.add(
        Query.of(data.vector(random, 9), 10).excluding(Set.copyOf(ids.subList(0, COUNT / 2))));
    return queries;
  }

  private static void assertSame(
      NeighborIndex pruned, NeighborIndex plain, List<Query> queries, String context) {
    for (int q = 0; q < queries.size(); q++) {
      assertThat(pruned.search(queries.get(q)))
          .as("%s, query %s", context, q)
          .isEqualTo(plain.search(queries.get(q)));
    }
    assertThat(pruned.searchAll(queries)).as(context).isEqualTo(plain.searchAll(queries));
  }

  @ParameterizedTest
  @EnumSource
  void answersArePlainScansAnswersThroughoutChanges(Data data) {
    for (long seed = 0; seed < 2; seed++) {
      String context = data + ", seed " + seed;
      var random = new Random(seed);
      try (BruteForceIndex pruned = index(data.dimension, true);
          BruteForceIndex plain = index(data.dimension, false)) {
        var items = new ArrayList<IndexItem>();
        for (int i = 0; i < COUNT; i++) {
          items.add(item("p" + i, data.vector(random, i), random));
        }
        pruned.upsertAll(items);
        plain.upsertAll(items);
        pruned.optimize();
        assertSame(pruned, plain, queries(data, random, plain), context);

        // What comes, goes and changes after the bounds were computed.
        for (int i = 0; i < 300; i++) {
          String id = "p" + random.nextInt(COUNT + 100);
          if (random.nextInt(3) == 0) {
            assertThat(pruned.remove(id)).isEqualTo(plain.remove(id));
          } else if (random.nextInt(3) == 0) {
            Attributes changed = Attributes.none().with("n", 7);
            assertThat(pruned.setAttributes(id, changed))
                .isEqualTo(plain.setAttributes(id, changed));
          } else {
            IndexItem item = item(id, data.vector(random, random.nextInt(COUNT)), random);
            pruned.upsert(item);
            plain.upsert(item);
          }
        }
        assertSame(pruned, plain, queries(data, random, plain), context + " after changes");
        pruned.optimize();
        assertSame(pruned, plain, queries(data, random, plain), context + " optimized again");
      }
    }
  }

  @Test
  void boundsAreUsedWhereTheyServeAndNotElsewhere() {
    try (BruteForceIndex kind = filled(Data.SPECTRUM);
        BruteForceIndex uniform = filled(Data.UNIFORM);
        BruteForceIndex off = index(Data.SPECTRUM.dimension, false)) {
      assertThat(kind.optimize()).isTrue();
      assertThat(uniform.optimize()).isFalse();
      assertThat(off.optimize()).isFalse();
    }
    try (BruteForceIndex few = index(3, true)) {
      few.upsert(IndexItem.of("a", new float[] {1, 2, 3}));
      assertThat(few.optimize()).isFalse();
    }
  }

  @Test
  @Tag("once")
  void boundsThatServeNoMoreAreDropped() throws Exception {
    try (BruteForceIndex index = index(Data.UNIFORM.dimension, true);
        BruteForceIndex plain = index(Data.UNIFORM.dimension, false)) {
      var random = new Random(4);
      for (double fall : new double[] {1, 0}) {
        var items = new ArrayList<IndexItem>();
        for (int i = 0; i < COUNT; i++) {
          float[] vector = Data.UNIFORM.gaussian(random, d -> Math.pow(d + 1, -fall));
          items.add(item("p" + i, vector, random));
        }
        index.upsertAll(items);
        plain.upsertAll(items);
        assertThat(index.optimize()).as("fall %s", fall).isEqualTo(fall == 1);
      }
      // Nor do the bounds that were being computed beside come back later.
      for (int i = 0; i < 600 && builderLives(); i++) {
        assertThat(bounded(index)).isFalse();
        Thread.sleep(100);
      }
      assertThat(bounded(index)).isFalse();
      assertSame(index, plain, queries(Data.UNIFORM, random, plain), "dropped");
    }
  }

  @Test
  @Tag("once")
  void theThreadThatComputesBoundsEndsWhenThereIsNothingToDo() throws Exception {
    try (BruteForceIndex index = filled(Data.SPECTRUM)) {
      assertThat(index.optimize()).isTrue();
      for (int i = 0; i < 600 && builderLives(); i++) {
        Thread.sleep(100);
      }
      assertThat(builderLives()).isFalse();
    }
  }

  private static boolean builderLives() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("lookalike-index-bounds"));
  }

  @Test
  @Tag("once")
  void nothingIsComputedTwice() {
    try (BruteForceIndex index = filled(Data.SPECTRUM)) {
      assertThat(index.optimize()).isTrue();
      Pruner first = pruner(index);
      assertThat(index.optimize()).isTrue();
      assertThat(pruner(index)).isSameAs(first);
      index.remove("p0");
      assertThat(index.optimize()).isTrue();
      assertThat(pruner(index)).isNotNull().isNotSameAs(first);
    }
  }

  private static boolean bounded(BruteForceIndex index) {
    return pruner(index) != null;
  }

  private static @Nullable Pruner pruner(BruteForceIndex index) {
    Version version = index.pin();
    version.unpin();
    return version.pruner();
  }

  private static BruteForceIndex filled(Data data) {
    var random = new Random(3);
    BruteForceIndex index = index(data.dimension, true);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < COUNT; i++) {
      items.add(item("p" + i, data.vector(random, i), random));
    }
    index.upsertAll(items);
    return index;
  }

  @Test
  @Tag("once")
  void codesAndNormsTakeLittleBesideTheVectors() {
    try (BruteForceIndex index = filled(Data.SPECTRUM)) {
      long vectors = index.memoryBytes();
      assertThat(index.optimize()).isTrue();
      assertThat(index.memoryBytes()).isBetween(vectors + 1, vectors * 13 / 10);
    }
  }

  /** After the last write nobody asks any more: the bounds must catch up by themselves. */
  @Test
  void boundsCoverWhatCameWhileTheyWereComputed() throws Exception {
    Data data = Data.SPECTRUM;
    int count = 12_000;
    var random = new Random(6);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < count; i++) {
      items.add(item("p" + i, data.vector(random, i), random));
    }
    try (BruteForceIndex index = index(data.dimension, true);
        BruteForceIndex plain = index(data.dimension, false)) {
      plain.upsertAll(items);
      index.upsertAll(items.subList(0, 2100));
      index.upsertAll(items.subList(2100, count));
      // The codes of 2,100 products cannot take so much, those of nearly all cannot take less.
      long enough = plain.memoryBytes() + 500_000;
      for (int i = 0; i < 600 && index.memoryBytes() < enough; i++) {
        Thread.sleep(100);
      }
      assertThat(index.memoryBytes()).isGreaterThanOrEqualTo(enough);
      assertSame(index, plain, queries(data, random, plain), "caught up");
    }
  }

  @Test
  @Tag("once")
  void boundsAreRefittedBesideSearchesAndWrites() throws Exception {
    Data data = Data.SPECTRUM;
    var errors = new ConcurrentLinkedQueue<Throwable>();
    var done = new AtomicBoolean();
    try (BruteForceIndex index = filled(data)) {
      assertThat(index.optimize()).isTrue();
      UnitVector fixed = UnitVector.of(data.vector(new Random(99), 0));
      index.upsert(new IndexItem("fixed", fixed, Attributes.none()));
      var reader =
          new Thread(
              () -> {
                while (!done.get()) {
                  List<Neighbor> found = index.search(Query.of(fixed, 10));
                  assertThat(found).hasSize(10);
                  assertThat(found.get(0).id()).isEqualTo("fixed");
                  assertThat(found.stream().map(Neighbor::id)).doesNotContain("gone");
                }
              });
      var refitter =
          new Thread(
              () -> {
                while (!done.get()) {
                  index.optimize();
                }
              });
      for (Thread thread : List.of(reader, refitter)) {
        thread.setUncaughtExceptionHandler((t, e) -> errors.add(e));
        thread.start();
      }
      var random = new Random(5);
      for (int i = 0; i < 400; i++) {
        index.upsert(item("p" + random.nextInt(COUNT), data.vector(random, 0), random));
        index.remove("p" + random.nextInt(COUNT));
      }
      done.set(true);
      reader.join();
      refitter.join();
      assertThat(errors).isEmpty();
    }
  }

  @Test
  @Tag("once")
  void aClosedIndexCannotBeOptimized() {
    BruteForceIndex index = index(64, true);
    index.close();
    assertThatThrownBy(index::optimize).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> BruteForceIndex.builder().pruning(true).pruning(false))
        .hasMessage("pruning was already set to true, then came false");
  }

  /** Axes that are far from orthonormal would make the bounds wrong; here they are measured. */
  @Test
  void theRotationKnowsItsDeviation() {
    Stream.of(Data.values())
        .forEach(
            data -> {
              var random = new Random(1);
              int rows = 500;
              var sample = new float[rows * data.dimension];
              for (int i = 0; i < rows; i++) {
                UnitVector.of(data.vector(random, i)).copyTo(sample, i * data.dimension);
              }
              Rotation rotation = Rotation.of(sample, rows, data.dimension, data.dimension / 2, 2);
              assertThat(rotation.deviation()).as("%s", data).isBetween(0.0, 1e-3);
            });
  }

  @Test
  void theOrderOfTensOfMillionsFitsIntoOneArray() {
    assertThat(Pruner.orderingCoordinates(256, 1)).isEqualTo(48);
    assertThat(Pruner.orderingCoordinates(12, 1000)).isEqualTo(12);
    for (int count : new int[] {44_739_242, 44_739_243, 100_000_000, Integer.MAX_VALUE - 8}) {
      int coordinates = Pruner.orderingCoordinates(256, count);
      assertThat(coordinates).isBetween(1, 48);
      assertThat((long) coordinates * count).isLessThanOrEqualTo(Integer.MAX_VALUE - 8);
    }
  }
}
