package io.lookalike.index.bruteforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Query;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Readers see one version whole, and hold back no more than that. */
@Tag("once")
class VersionsTest {

  private static final int DIMENSION = 8;
  private static final int ROWS = 1024;

  private static BruteForceIndex index() {
    return (BruteForceIndex) BruteForceIndex.factory().create(DIMENSION);
  }

  private static IndexItem item(String id, Random random) {
    var vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return IndexItem.of(id, vector);
  }

  private static List<IndexItem> items(int count, Random random) {
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < count; i++) {
      items.add(item("p" + i, random));
    }
    return items;
  }

  /** A version that somebody reads, and what it must go on to hold. */
  private record Reader(Version version, Map<String, List<Float>> content) {
    static Reader of(BruteForceIndex index) {
      Version version = index.pin();
      return new Reader(version, content(index, version));
    }

    static Map<String, List<Float>> content(BruteForceIndex index, Version version) {
      SortedRows rows = index.sorted(version);
      var content = new HashMap<String, List<Float>>();
      for (int i = 0; i < rows.count(); i++) {
        var values = new ArrayList<Float>();
        for (int c = 0; c < DIMENSION; c++) {
          values.add(rows.vectors(rows.slots[i])[rows.offset(rows.slots[i]) + c]);
        }
        content.put(rows.ids[i], values);
      }
      return content;
    }
  }

  @Test
  void whatReadersHoldStaysAndNoMoreIsKept() {
    for (long seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      try (BruteForceIndex index = index()) {
        index.upsertAll(items(60, random));
        var readers = new ArrayList<Reader>();
        for (int step = 0; step < 400; step++) {
          String id = "p" + random.nextInt(80);
          switch (random.nextInt(6)) {
            case 0 -> index.remove(id);
            case 1 -> index.setAttributes(id, Attributes.none().with("step", step));
            case 2 -> readers.add(Reader.of(index));
            case 3 -> {
              if (!readers.isEmpty()) {
                Reader reader = readers.remove(random.nextInt(readers.size()));
                assertThat(Reader.content(index, reader.version))
                    .as("seed %s, step %s", seed, step)
                    .isEqualTo(reader.content);
                reader.version.unpin();
              }
            }
            default -> index.upsert(item(id, random));
          }
          index.upsert(item("always", random)); // a write reclaims
          int most = readers.stream().mapToInt(reader -> reader.version.size()).sum();
          assertThat(index.kept().stream().mapToInt(Integer::intValue).sum())
              .as("slots kept, seed %s, step %s", seed, step)
              .isLessThanOrEqualTo(most + 1);
          assertThat(index.kept())
              .as("versions kept, seed %s, step %s", seed, step)
              .hasSizeLessThanOrEqualTo(readers.size() + 1);
        }
        readers.forEach(reader -> reader.version.unpin());
        index.upsert(item("last", random));
        assertThat(index.kept()).as("seed %s", seed).hasSize(1);
      }
    }
  }

  @Test
  void aTableThatTakesLongHoldsBackNoMoreThanItReads() throws IOException {
    var random = new Random(5);
    try (BruteForceIndex index = index()) {
      index.upsertAll(items(1500, random));
      assertThat(index.memoryBytes()).isEqualTo(2L * ROWS * DIMENSION * Float.BYTES);
      var old = new ArrayList<WeakReference<Attributes>>();
      NeighborTable.builder()
          .threads(1)
          .progress(
              (done, total) -> {
                if (!old.isEmpty()) {
                  return;
                }
                for (int i = 0; i < 3000; i++) {
                  Attributes attributes = Attributes.none().with("price", i);
                  old.add(new WeakReference<>(attributes));
                  index.setAttributes("p" + i % 10, attributes);
                  index.upsert(item("p" + (10 + i % 1000), random));
                }
                assertThat(alive(old)).as("versions of attributes, seed 5").isLessThan(50);
                // As many slots again as the table's version has, and those of a segment.
                assertThat(index.memoryBytes())
                    .isLessThanOrEqualTo(4L * ROWS * DIMENSION * Float.BYTES);
              })
          .build(index);
      assertThat(old).isNotEmpty();
    }
  }

  private static int alive(List<WeakReference<Attributes>> references) {
    int alive = references.size();
    for (int i = 0; i < 20 && alive >= 50; i++) {
      System.gc();
      alive = (int) references.stream().filter(reference -> reference.get() != null).count();
    }
    return alive;
  }

  @Test
  void whoVisitsAllHoldsBackNothingAndMeetsEachOnce() {
    for (long seed = 0; seed < 5; seed++) {
      var random = new Random(seed);
      try (BruteForceIndex index = index()) {
        index.upsertAll(items(1200, random));
        var touched = new HashSet<String>();
        var met = new ArrayList<String>();
        index.forEach(
            item -> {
              met.add(item.id());
              assertThat(item.vector()).isNotNull();
              if (random.nextInt(3) == 0) {
                String id = "p" + random.nextInt(1300);
                touched.add(id);
                if (random.nextBoolean()) {
                  index.remove(id);
                } else {
                  index.upsert(item(id, random));
                }
                assertThat(index.kept()).hasSizeLessThanOrEqualTo(1);
              }
            });
        assertThat(met).as("seed %s", seed).doesNotHaveDuplicates();
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 1200; i++) {
          expected.add("p" + i);
        }
        expected.removeAll(touched);
        assertThat(met).as("seed %s", seed).containsAll(expected);
      }
    }
  }

  @Test
  void ofWhatIsBuiltAtOnceTheLastCounts() {
    var random = new Random(3);
    var items = items(2000, random);
    for (int i = 0; i < 2000; i += 3) {
      items.add(item("p" + i, random));
    }
    var last = new HashMap<String, IndexItem>();
    items.forEach(item -> last.put(item.id(), item));
    try (var index = BruteForceIndex.factory().build(DIMENSION, items)) {
      assertThat(index.size()).isEqualTo(2000);
      assertThat(index.items(last.keySet())).isEqualTo(last);
      IndexItem some = items.get(2100);
      assertThat(index.search(Query.of(some.vector(), 1)).get(0).id()).isEqualTo(some.id());
      index.upsert(item("p0", random));
      assertThat(index.size()).isEqualTo(2000);
    }
    assertThatThrownBy(() -> BruteForceIndex.factory().build(DIMENSION + 1, items))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"p0\" has 8 dimensions, expected 9");
  }

  @Test
  void dimensionsHaveALimit() {
    assertThatThrownBy(() -> BruteForceIndex.factory().create(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimension is 0, expected 1 to 16777216");
    assertThatThrownBy(() -> BruteForceIndex.factory().create((1 << 24) + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimension is 16777217, expected 1 to 16777216");
  }
}
