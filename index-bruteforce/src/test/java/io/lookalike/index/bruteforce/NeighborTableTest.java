package io.lookalike.index.bruteforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A table is what one search for each product finds, however it came to be. */
class NeighborTableTest {

  private static final int MANY = 2200;
  private static final String REMEDY = "; restore it from a copy, or build it again";

  @TempDir Path folder;

  private static BruteForceIndex index(int dimension) {
    return (BruteForceIndex) BruteForceIndex.factory().create(dimension);
  }

  private static IndexItem item(PruningTest.Data data, String id, Random random, int i) {
    return new IndexItem(id, UnitVector.of(data.vector(random, i)), Attributes.none());
  }

  private static BruteForceIndex filled(PruningTest.Data data, int count, Random random) {
    BruteForceIndex index = index(data.dimension);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < count; i++) {
      items.add(item(data, "p" + i, random, i));
    }
    index.upsertAll(items);
    return index;
  }

  private static void assertIsWhatSearchesFind(
      NeighborTable table, NeighborIndex index, int step, String context) {
    assertThat(table.ids()).as(context).isEqualTo(index.ids().stream().sorted().toList());
    for (int i = 0; i < table.size(); i += step) {
      String id = table.ids().get(i);
      UnitVector vector = Objects.requireNonNull(index.vector(id));
      assertThat(table.neighbors(id))
          .as("%s, neighbours of %s", context, id)
          .isEqualTo(index.search(Query.of(vector, table.k()).excluding(Set.of(id))));
    }
  }

  private byte[] saved(NeighborTable table) throws IOException {
    Path file = folder.resolve("saved");
    table.save(file);
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @EnumSource
  void neighborsAreWhatASearchForEachProductFinds(PruningTest.Data data) throws IOException {
    var random = new Random(11);
    try (BruteForceIndex index = filled(data, MANY, random)) {
      NeighborTable table = NeighborTable.builder().k(7).threads(2).build(index);
      assertThat(table.k()).isEqualTo(7);
      assertThat(table.size()).isEqualTo(MANY);
      assertIsWhatSearchesFind(table, index, 11, data + ", seed 11");

      // With products that the bounds do not know, and without some that they do.
      for (int i = 0; i < 100; i++) {
        index.upsert(item(data, "p" + random.nextInt(MANY + 50), random, random.nextInt(MANY)));
        index.remove("p" + random.nextInt(MANY));
      }
      NeighborTable later = NeighborTable.builder().k(12).build(index);
      assertIsWhatSearchesFind(later, index, 11, data + " after changes, seed 11");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CLUSTERED", "DUPLICATES", "UNIFORM", "EQUAL", "SPECTRUM"})
  @Tag("once")
  void updatesEqualRebuildsThroughRandomHistories(PruningTest.Data data) throws IOException {
    for (long seed = 0; seed < 3; seed++) {
      var random = new Random(seed);
      // Small catalogues first grow past k; large ones have bounds.
      int count = seed == 0 ? 4 : seed == 1 ? 400 : MANY;
      int rounds = count == MANY ? 3 : 6;
      int k = 1 + random.nextInt(12);
      try (BruteForceIndex index = filled(data, count, random)) {
        NeighborTable table = NeighborTable.builder().k(k).build(index);
        for (int round = 0; round < rounds; round++) {
          String context = data + ", seed " + seed + ", round " + round;
          int changes = random.nextInt(round == rounds - 1 ? count : 12);
          var touched = new ArrayList<String>();
          for (int c = 0; c < changes; c++) {
            String id = "p" + random.nextInt(count + count / 10 + 3);
            touched.add(id);
            if (random.nextInt(3) == 0) {
              index.remove(id);
            } else {
              index.upsert(item(data, id, random, random.nextInt(count)));
            }
          }
          if (random.nextBoolean()) {
            Path file = folder.resolve("between");
            table.save(file);
            table = NeighborTable.open(file);
          }
          int found = table.update(index);
          assertThat(found).as(context).isBetween(0, (int) touched.stream().distinct().count());
          assertThat(table.update(index)).as(context).isZero();
          NeighborTable rebuilt = NeighborTable.builder().k(k).build(index);
          assertThat(saved(table)).as(context).isEqualTo(saved(rebuilt));
        }
        assertIsWhatSearchesFind(table, index, 29, data + ", seed " + seed);
      }
    }
  }

  /**
   * A product's photos are {@code id#number}; what a search for each product finds, kept by hand.
   */
  @ParameterizedTest
  @EnumSource(names = {"CLUSTERED", "UNIFORM"})
  void productsOfSeveralPhotosAreListedOnce(PruningTest.Data data) throws IOException {
    long seed = 13;
    var random = new Random(seed);
    Map<String, List<UnitVector>> products = new TreeMap<>();
    try (BruteForceIndex index = index(data.dimension)) {
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < MANY; i++) {
        String id = "p" + random.nextInt(MANY / 3);
        List<UnitVector> photos = products.computeIfAbsent(id, p -> new ArrayList<>());
        photos.add(UnitVector.of(data.vector(random, i)));
        items.add(
            new IndexItem(
                id + "#" + photos.size(), photos.get(photos.size() - 1), Attributes.none()));
      }
      index.upsertAll(items);
      UnaryOperator<String> productOf = id -> id.substring(0, id.indexOf('#'));
      NeighborTable table =
          NeighborTable.builder().k(6).threads(2).productOf(productOf).build(index);
      assertThat(table.ids()).isEqualTo(List.copyOf(products.keySet()));
      Path file = folder.resolve("products");
      table.save(file);
      table = NeighborTable.open(file, productOf);
      assertThat(table.update(index)).isZero();
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < table.size(); i += 17) {
          String id = table.ids().get(i);
          assertThat(table.neighbors(id))
              .as("%s, round %s, neighbors of %s, seed %s", data, round, id, seed)
              .isEqualTo(nearestProducts(products, id, 6));
        }
        String moved = table.ids().get(0);
        String anew = table.ids().get(1);
        UnitVector elsewhere = UnitVector.of(data.vector(random, round));
        index.upsert(new IndexItem(moved + "#1", elsewhere, Attributes.none()));
        products.get(moved).set(0, elsewhere);
        for (int photo = products.get(anew).size(); photo > 0; photo--) {
          index.remove(anew + "#" + photo);
        }
        products.put(anew, List.of(UnitVector.of(data.vector(random, round + 2))));
        index.upsert(new IndexItem(anew + "#1", products.get(anew).get(0), Attributes.none()));
        assertThat(table.update(index)).isEqualTo(2);
      }
    }
  }

  private static List<Neighbor> nearestProducts(
      Map<String, List<UnitVector>> products, String id, int k) {
    List<UnitVector> own = products.get(id);
    var sum = new float[own.get(0).dimension()];
    for (int i = 0; i < sum.length; i++) {
      double value = 0;
      for (UnitVector photo : own) {
        value += photo.toArray()[i];
      }
      sum[i] = (float) value;
    }
    UnitVector mean = own.size() == 1 ? own.get(0) : UnitVector.of(sum);
    return products.entrySet().stream()
        .filter(other -> !other.getKey().equals(id))
        .map(
            other ->
                new Neighbor(
                    other.getKey(),
                    other.getValue().stream()
                        .map(mean::cosine)
                        .max(Comparator.naturalOrder())
                        .orElseThrow()))
        .sorted(Neighbor.CLOSEST_FIRST)
        .limit(k)
        .toList();
  }

  @Test
  @Tag("once")
  void catalogsOfFewProducts() throws IOException {
    try (BruteForceIndex index = index(2)) {
      NeighborTable table = NeighborTable.builder().build(index);
      assertThat(table.k()).isEqualTo(10);
      assertThat(table.ids()).isEmpty();
      assertThatThrownBy(() -> table.neighbors("a"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no product has the id \"a\"; there are 0 products");
      Path file = folder.resolve("none");
      table.save(file);
      NeighborTable opened = NeighborTable.open(file);
      assertThat(opened.ids()).isEmpty();

      index.upsert(IndexItem.of("a", new float[] {1, 0}));
      assertThat(opened.update(index)).isEqualTo(1);
      assertThat(opened.neighbors("a")).isEmpty();
      opened.save(file);
      assertThat(NeighborTable.open(file).neighbors("a")).isEmpty();

      index.upsert(IndexItem.of("ü漢😀", new float[] {0, -1}));
      index.upsert(IndexItem.of("b", new float[] {0, 1}));
      assertThat(opened.update(index)).isEqualTo(2);
      opened.save(file);
      NeighborTable again = NeighborTable.open(file);
      assertThat(again.ids()).containsExactly("a", "b", "ü漢😀");
      assertIsWhatSearchesFind(again, index, 1, "three products");
    }
  }

  @Test
  @Tag("once")
  void anUpdateAgainstAnotherDimensionIsRefused() throws IOException {
    try (BruteForceIndex index = index(2);
        BruteForceIndex other = index(3)) {
      NeighborTable table = NeighborTable.builder().build(index);
      assertThatThrownBy(() -> table.update(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the index has vectors of 3 dimensions, the table is of vectors of 2");
    }
  }

  @Test
  @Tag("once")
  void settingsAreChecked() {
    assertThatThrownBy(() -> NeighborTable.builder().k(0))
        .hasMessage("k is 0, expected at least 1");
    assertThatThrownBy(() -> NeighborTable.builder().threads(-1))
        .hasMessage("threads is -1, expected at least 1");
    assertThatThrownBy(() -> NeighborTable.builder().k(2).k(3))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("k was already set to 2, then came 3");
  }

  // ---- the file

  private Path smallFile() throws IOException {
    Path file = folder.resolve("small");
    try (BruteForceIndex index = filled(PruningTest.Data.OUTLIER, 5, new Random(1))) {
      NeighborTable.builder().k(3).build(index).save(file);
    }
    return file;
  }

  @Test
  @Tag("once")
  void everyFlippedBitIsFoundAndTheSectionNamed() throws IOException {
    Path file = smallFile();
    byte[] good = Files.readAllBytes(file);
    NeighborTable.open(file);
    var named = new ArrayList<String>();
    Path damaged = folder.resolve("damaged");
    for (int i = 0; i < good.length; i++) {
      byte[] bytes = good.clone();
      bytes[i] ^= (byte) (1 << i % 8);
      Files.write(damaged, bytes);
      Throwable thrown = catchOpening(damaged);
      assertThat(thrown).as("byte %s", i).isInstanceOf(IOException.class);
      assertThat(thrown.getMessage()).as("byte %s", i).startsWith(damaged.toString());
      named.add(thrown.getMessage().substring(damaged.toString().length()));
    }
    assertThat(named.get(0)).startsWith(" is no neighbour table");
    assertThat(named.get(20)).isEqualTo(" is damaged (header)" + REMEDY);
    assertThat(named)
        .contains(
            " is damaged (id ends)" + REMEDY,
            " is damaged (ids)" + REMEDY,
            " is damaged (fingerprints)" + REMEDY,
            " is damaged (neighbours)" + REMEDY,
            " is damaged (similarities)" + REMEDY);
  }

  private static Throwable catchOpening(Path file) {
    try {
      NeighborTable.open(file);
    } catch (IOException | RuntimeException e) {
      return e;
    }
    throw new AssertionError(file + " was opened");
  }

  @Test
  @Tag("once")
  void everyTruncationAndAnythingAppendedIsFound() throws IOException {
    Path file = smallFile();
    byte[] good = Files.readAllBytes(file);
    Path damaged = folder.resolve("damaged");
    for (int length = 0; length < good.length; length++) {
      Files.write(damaged, Arrays.copyOf(good, length));
      assertThat(catchOpening(damaged))
          .as("%s bytes", length)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(damaged.toString());
    }
    Files.write(damaged, Arrays.copyOf(good, good.length + 8));
    assertThat(catchOpening(damaged))
        .hasMessage(
            "%s is damaged: it has %s bytes, its header tells of %s" + REMEDY,
            damaged,
            good.length + 8,
            good.length);
    assertThatThrownBy(() -> NeighborTable.open(folder.resolve("missing")))
        .isInstanceOf(java.nio.file.NoSuchFileException.class);
  }

  @Test
  @Tag("once")
  void anExistingFileKeepsItsPermissions() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path file = smallFile();
    Path other = Files.createFile(folder.resolve("other"));
    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(other));
    var shared = PosixFilePermissions.fromString("rw-rw-r--");
    Files.setPosixFilePermissions(file, shared);
    NeighborTable.open(file).save(file);
    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(shared);
  }

  @Test
  @Tag("once")
  void aTableIsSavedWholeOrNotAtAll() throws IOException {
    Path file = smallFile();
    byte[] before = Files.readAllBytes(file);
    NeighborTable table = NeighborTable.open(file);
    assertThatThrownBy(() -> table.save(folder.resolve("no/such")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no folder");
    assertThatThrownBy(() -> table.save(folder)).hasMessageContaining("is a folder");
    assertThat(file).hasBinaryContent(before);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  // ---- cancelling, resuming, progress

  /** Ends a build after some products, as an interrupt would. */
  private static void interruptedBuild(BruteForceIndex index, Path checkpoint, int after) {
    assertThatThrownBy(
            () ->
                NeighborTable.builder()
                    .threads(2)
                    .checkpoint(checkpoint)
                    .progress(
                        (done, total) -> {
                          if (done >= after) {
                            throw new CancellationException("enough");
                          }
                        })
                    .build(index))
        .isInstanceOf(CancellationException.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"SPECTRUM", "UNIFORM"})
  @Tag("once")
  void aCancelledBuildGoesOnWhereItWas(PruningTest.Data data) throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    try (BruteForceIndex index = filled(data, MANY, new Random(3))) {
      NeighborTable whole = NeighborTable.builder().build(index);
      interruptedBuild(index, checkpoint, 500);
      // As if the program had been killed while it wrote.
      byte[] bytes = Files.readAllBytes(checkpoint);
      Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length - 5));

      var first = new AtomicLong(-1);
      NeighborTable resumed =
          NeighborTable.builder()
              .checkpoint(checkpoint)
              .progress(
                  (done, total) -> {
                    first.compareAndSet(-1, done);
                    assertThat(total).isEqualTo(MANY);
                  })
              .build(index);
      assertThat(first.get()).isGreaterThan(256);
      assertThat(saved(resumed)).isEqualTo(saved(whole));
      assertThat(checkpoint).doesNotExist();
    }
  }

  @Test
  @Tag("once")
  void everyDamageOfACheckpointIsNoticed() throws IOException {
    PruningTest.Data data = PruningTest.Data.DUPLICATES;
    Path checkpoint = folder.resolve("checkpoint");
    try (BruteForceIndex index = filled(data, 30, new Random(3))) {
      NeighborTable whole = NeighborTable.builder().k(2).build(index);
      assertThatThrownBy(
              () ->
                  NeighborTable.builder()
                      .k(2)
                      .checkpoint(checkpoint)
                      .progress(
                          (done, total) -> {
                            throw new IllegalArgumentException("listener");
                          })
                      .build(index))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("listener");
      byte[] good = Files.readAllBytes(checkpoint);
      for (int i = 0; i < good.length; i++) {
        byte[] bytes = good.clone();
        bytes[i] ^= (byte) (1 << i % 8);
        Files.write(checkpoint, bytes);
        try {
          NeighborTable table = NeighborTable.builder().k(2).checkpoint(checkpoint).build(index);
          assertThat(i).isGreaterThanOrEqualTo(40);
          assertThat(saved(table)).as("byte %s", i).isEqualTo(saved(whole));
        } catch (IOException e) {
          assertThat(i).as(e.getMessage()).isLessThan(40);
          assertThat(e.getMessage()).startsWith(checkpoint.toString());
        }
      }
    }
  }

  @Test
  @Tag("once")
  void aCheckpointOfOtherProductsIsRefusedByName() throws IOException {
    PruningTest.Data data = PruningTest.Data.SPECTRUM;
    Path checkpoint = folder.resolve("checkpoint");
    try (BruteForceIndex index = filled(data, MANY, new Random(3))) {
      interruptedBuild(index, checkpoint, 100);
      byte[] before = Files.readAllBytes(checkpoint);
      assertThatThrownBy(() -> NeighborTable.builder().k(9).checkpoint(checkpoint).build(index))
          .isInstanceOf(IOException.class)
          .hasMessage(checkpoint + " was begun with k = 10, not 9; delete it to begin anew");
      index.upsert(item(data, "p7", new Random(77), 0));
      assertThatThrownBy(() -> NeighborTable.builder().checkpoint(checkpoint).build(index))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(checkpoint + " was begun with other products");
      assertThat(checkpoint).hasBinaryContent(before);
      Files.writeString(checkpoint, "something else entirely, and longer than the header is");
      assertThatThrownBy(() -> NeighborTable.builder().checkpoint(checkpoint).build(index))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is no checkpoint");
    }
  }

  @Test
  @Tag("once")
  void anInterruptCancelsAndLeavesTheTableAsItWas() throws IOException {
    try (BruteForceIndex index = filled(PruningTest.Data.UNIFORM, MANY, new Random(3))) {
      NeighborTable table = NeighborTable.builder().build(index);
      byte[] before = saved(table);
      index.remove("p5");
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> table.update(index)).isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(saved(table)).isEqualTo(before);
      Path checkpoint = folder.resolve("checkpoint");
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> NeighborTable.builder().checkpoint(checkpoint).build(index))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(NeighborTable.builder().checkpoint(checkpoint).build(index).size())
          .isEqualTo(MANY - 1);
    }
  }

  @Test
  @Tag("once")
  void readsGoOnBesideUpdates() throws Exception {
    PruningTest.Data data = PruningTest.Data.CLUSTERED;
    var random = new Random(8);
    var errors = new ConcurrentLinkedQueue<Throwable>();
    var over = new AtomicBoolean();
    try (BruteForceIndex index = filled(data, 300, random)) {
      NeighborTable table = NeighborTable.builder().build(index);
      var reader =
          new Thread(
              () -> {
                while (!over.get()) {
                  assertThat(table.neighbors("p0")).hasSize(10);
                  List<String> ids = table.ids();
                  assertThat(ids).contains("p0").isSorted();
                }
              });
      reader.setUncaughtExceptionHandler((t, e) -> errors.add(e));
      reader.start();
      for (int i = 0; i < 60; i++) {
        index.upsert(item(data, "q" + random.nextInt(20), random, random.nextInt(20)));
        index.remove("p" + (1 + random.nextInt(200)));
        table.update(index);
      }
      over.set(true);
      reader.join();
      assertThat(errors).isEmpty();
      assertIsWhatSearchesFind(table, index, 1, "at the end, seed 8");
    }
  }
}
