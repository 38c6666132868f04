package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
class IndexFileTest {

  @TempDir Path folder;

  private static HnswIndex index(int dimension, int leastNodes) {
    return (HnswIndex)
        HnswIndex.builder()
            .m(4)
            .efConstruction(20)
            .efSearch(20)
            .threads(1)
            .leastNodes(leastNodes)
            .factory()
            .create(dimension);
  }

  private static float[] vector(Random random, int dimension) {
    var vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) random.nextGaussian() / (1 + i);
    }
    return vector;
  }

  private static Attributes attributes(Random random) {
    Attributes attributes = Attributes.none();
    if (random.nextBoolean()) {
      attributes = attributes.with("price", random.nextInt(100) / 8.0);
    }
    if (random.nextBoolean()) {
      attributes = attributes.with("größe", "M" + random.nextInt(3)).with("sale", true);
    }
    if (random.nextBoolean()) {
      attributes = attributes.with("new", false).with("since", Instant.ofEpochSecond(1, 999));
    }
    return random.nextBoolean() ? attributes.with("tags", Set.of("a", "b", "")) : attributes;
  }

  /** An index with a history: twins, replacements and removals. */
  private static HnswIndex filled(long seed, int products, int dimension, int leastNodes) {
    var random = new Random(seed);
    HnswIndex index = index(dimension, leastNodes);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < products; i++) {
      float[] vector =
          i > 0 && random.nextInt(9) == 0
              ? items.get(random.nextInt(i)).vector().toArray()
              : vector(random, dimension);
      items.add(new IndexItem("p" + i, UnitVector.of(vector), attributes(random)));
    }
    index.upsertAll(items);
    for (int i = 0; i < products; i += 7) {
      index.remove("p" + random.nextInt(products));
      index.upsert(IndexItem.of("p" + random.nextInt(products), vector(random, dimension)));
    }
    for (int i = 0; i < products; i += 3) {
      index.connect("p" + i, List.of("p" + random.nextInt(products), "p" + i));
    }
    return index;
  }

  private static List<List<Neighbor>> answers(HnswIndex index, long seed) {
    var random = new Random(seed);
    var answers = new ArrayList<List<Neighbor>>();
    for (int i = 0; i < 6; i++) {
      Query query = Query.of(vector(random, index.dimension()), 1 + random.nextInt(8));
      answers.add(index.search(query));
      answers.add(index.search(query.where(Filter.lessThan("price", 6))));
    }
    return answers;
  }

  @Test
  void whatIsOpenedAnswersAsWhatWasSaved() throws IOException {
    for (int[] size : new int[][] {{0, 3, 8}, {1, 3, 8}, {6, 3, 8}, {60, 5, 8}, {900, 16, 64}}) {
      Path file = folder.resolve("index-" + size[0]);
      try (HnswIndex index = filled(size[0], size[0], size[1], size[2])) {
        index.save(file);
        try (HnswIndex opened = HnswIndex.open(file)) {
          assertThat(opened.dimension()).isEqualTo(size[1]);
          assertThat(opened.ids()).containsExactlyInAnyOrderElementsOf(index.ids());
          for (String id : index.ids()) {
            assertThat(opened.vector(id)).as(id).isEqualTo(index.vector(id));
          }
          assertThat(answers(opened, 3)).isEqualTo(answers(index, 3));
          Path again = folder.resolve("again");
          opened.save(again);
          assertThat(again).hasSameBinaryContentAs(file);
        }
      }
    }
  }

  /** Filters are answered while what was opened is still being learnt, and others write. */
  @Test
  void filtersAreAnsweredFromTheFirstMomentOn() throws IOException {
    for (long seed = 0; seed < 5; seed++) {
      Path file = folder.resolve("learnt-" + seed);
      var random = new Random(seed);
      Map<String, Attributes> expected = new HashMap<>();
      try (HnswIndex index = filled(seed, 3_000, 4, 8)) {
        index.save(file);
        index.forEach(item -> expected.put(item.id(), item.attributes()));
      }
      try (HnswIndex opened = HnswIndex.open(file)) {
        for (int step = 0; step < 60; step++) {
          Filter filter =
              random.nextBoolean()
                  ? Filter.equal("größe", "M" + random.nextInt(3))
                  : Filter.lessThan("price", random.nextInt(13));
          List<String> found =
              opened.search(Query.of(vector(random, 4), 3_000).where(filter)).stream()
                  .map(Neighbor::id)
                  .toList();
          assertThat(found)
              .as("seed %s, step %s, %s", seed, step, filter)
              .containsExactlyInAnyOrderElementsOf(
                  expected.keySet().stream()
                      .filter(id -> filter.matches(expected.get(id)))
                      .toList());
          String id = "p" + random.nextInt(3_100);
          if (random.nextInt(3) == 0) {
            opened.remove(id);
            expected.remove(id);
          } else if (random.nextBoolean() && expected.containsKey(id)) {
            expected.put(id, attributes(random));
            opened.setAttributes(id, expected.get(id));
          } else {
            expected.put(id, attributes(random));
            opened.upsert(new IndexItem(id, UnitVector.of(vector(random, 4)), expected.get(id)));
          }
        }
      }
    }
  }

  @Test
  void whatIsOpenedCanBeChanged() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      Path file = folder.resolve("index-" + seed);
      var random = new Random(seed);
      int products = 5 + random.nextInt(100);
      try (HnswIndex index = filled(seed, products, 6, 8)) {
        index.save(file);
        byte[] before = Files.readAllBytes(file);
        try (HnswIndex opened = HnswIndex.open(file)) {
          for (int i = 0; i < 300; i++) {
            String id = "p" + random.nextInt(2 * products);
            if (random.nextInt(3) == 0) {
              assertThat(opened.remove(id)).as("seed %s", seed).isEqualTo(index.remove(id));
            } else {
              // Now and then a vector that the file has too.
              UnitVector known = index.vector("p" + random.nextInt(products));
              UnitVector vector =
                  known == null || random.nextBoolean() ? UnitVector.of(vector(random, 6)) : known;
              var item = new IndexItem(id, vector, Attributes.none());
              index.upsert(item);
              opened.upsert(item);
            }
          }
          assertThat(new HashSet<>(opened.ids())).isEqualTo(new HashSet<>(index.ids()));
          for (String id : index.ids()) {
            assertThat(opened.vector(id)).as("seed %s, %s", seed, id).isEqualTo(index.vector(id));
          }
          // Both exact with so many.
          Query all = Query.of(vector(random, 6), index.size());
          assertThat(opened.search(all)).as("seed %s", seed).isEqualTo(index.search(all));
          assertThat(Files.readAllBytes(file)).isEqualTo(before);
          opened.save(file); // over the very file that is open
          try (HnswIndex third = HnswIndex.open(file)) {
            assertThat(third.search(all)).as("seed %s", seed).isEqualTo(index.search(all));
          }
          assertThat(opened.search(all)).as("seed %s", seed).isEqualTo(index.search(all));
        }
      }
    }
  }

  /** The conformance kit flips them to see that answers stay right; here all must be noticed. */
  @Test
  void everyByteIsUnderSomeChecksum() throws IOException {
    Path file = folder.resolve("good");
    try (HnswIndex index = filled(5, 11, 2, 8)) {
      index.save(file);
    }
    byte[] good = Files.readAllBytes(file);
    Path bad = Files.copy(file, folder.resolve("bad"));
    var sections = new HashSet<String>();
    try (FileChannel channel = FileChannel.open(bad, StandardOpenOption.WRITE)) {
      for (int at = 0; at < good.length; at++) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) (good[at] ^ 1 << at % 8)}), at);
        String message = "";
        try (HnswIndex opened = HnswIndex.open(bad)) {
          opened.ids().forEach(opened::vector);
        } catch (IOException | UncheckedIOException e) {
          message = String.valueOf(e.getMessage());
        }
        assertThat(message).as("byte %s", at).contains(bad.toString());
        if (message.contains(" is damaged (")) {
          sections.add(message.replaceFirst(".* is damaged \\(([^,)]*).*", "$1"));
        }
        channel.write(ByteBuffer.wrap(good, at, 1), at);
      }
    }
    assertThat(sections)
        .containsExactlyInAnyOrder(
            "header",
            "mean",
            "axes",
            "scales",
            "centre",
            "codes",
            "biases",
            "links",
            "levels",
            "upper links",
            "places",
            "fingerprints",
            "id ends",
            "ids",
            "nodes",
            "attribute ends",
            "attributes",
            "noted",
            "audited",
            "vectors",
            "vector checksums");
    Files.write(bad, Arrays.copyOf(good, good.length + 8));
    assertThatThrownBy(() -> HnswIndex.open(bad).close()).hasMessageContaining("tells of");
  }

  @Test
  void messagesSayWhatIsWrong() throws IOException {
    Path file = folder.resolve("index");
    Files.writeString(file, "a text of more than eight bytes");
    assertThatThrownBy(() -> HnswIndex.open(file))
        .hasMessage(
            file + " is no graph index: it does not begin with LLGRPH01; name another file");
    try (HnswIndex index = filled(1, 30, 3, 8)) {
      assertThatThrownBy(() -> index.save(folder))
          .hasMessage(folder + " is a folder; name a file to write to");
      Path nowhere = folder.resolve("missing").resolve("index");
      assertThatThrownBy(() -> index.save(nowhere))
          .hasMessageContaining("there is no folder " + nowhere.getParent());
      assertThatThrownBy(() -> HnswIndex.open(folder))
          .hasMessage(folder + " is a folder; name a file that holds a graph index");
      Path tooLong = folder.resolve("n".repeat(300));
      assertThatThrownBy(() -> index.save(tooLong))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot write " + tooLong + ": ");
      Path longest = folder.resolve("n".repeat(250));
      index.save(longest);
      HnswIndex.open(longest).close();
      Files.delete(longest);
      index.save(file);
      assertThatThrownBy(() -> index.save(null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("file");
      try (var files = Files.list(folder)) {
        assertThat(files).as("nothing is left behind").containsExactly(file);
      }
      index.close();
      assertThatThrownBy(() -> index.save(file)).isInstanceOf(IllegalStateException.class);
    }
    byte[] other = Files.readAllBytes(file);
    for (int version : new int[] {9, 2}) {
      other[8] = (byte) version;
      var sum = new java.util.zip.CRC32C();
      sum.update(other, 0, 508);
      for (int i = 0; i < 4; i++) {
        other[508 + i] = (byte) (sum.getValue() >> 8 * i);
      }
      Files.write(file, other);
      assertThatThrownBy(() -> HnswIndex.open(file))
          .hasMessageContaining(
              version == 9
                  ? "has version 9 of the format, expected at most 4; use a newer Lookalike"
                  : "has version 2 of the format, expected 4; ");
    }
  }

  @Test
  void searchesAndWritersGoOnWhileItIsSaved() throws Exception {
    Path file = folder.resolve("busy");
    try (HnswIndex index = filled(2, 3000, 8, 64)) {
      var stop = new AtomicBoolean();
      var failures = new ArrayList<Throwable>();
      var searcher =
          new Thread(
              () -> {
                try {
                  var random = new Random(1);
                  while (!stop.get()) {
                    assertThat(index.search(Query.of(vector(random, 8), 5))).hasSize(5);
                  }
                } catch (Throwable e) {
                  failures.add(e);
                }
              });
      var writer =
          new Thread(
              () -> {
                try {
                  var random = new Random(2);
                  while (!stop.get()) {
                    index.upsert(IndexItem.of("p" + random.nextInt(3000), vector(random, 8)));
                  }
                } catch (Throwable e) {
                  failures.add(e);
                }
              });
      searcher.start();
      writer.start();
      for (int i = 0; i < 5; i++) {
        index.save(file);
        try (HnswIndex opened = HnswIndex.open(file)) {
          var random = new Random(i);
          Query query = Query.of(vector(random, 8), 10);
          assertThat(opened.search(query)).hasSize(10);
        }
      }
      stop.set(true);
      searcher.join();
      writer.join();
      assertThat(failures).isEmpty();
    }
  }

  /** What another process opens is the same. */
  public static void main(String[] args) throws IOException {
    try (HnswIndex opened = HnswIndex.open(Path.of(args[0]))) {
      System.out.print(answers(opened, 7));
    }
  }

  @Test
  void severalProcessesOpenOneFile() throws Exception {
    Path file = folder.resolve("shared");
    List<List<Neighbor>> expected;
    try (HnswIndex index = filled(9, 300, 8, 64)) {
      index.save(file);
      expected = answers(index, 7);
    }
    try (HnswIndex here = HnswIndex.open(file)) {
      String classPath =
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
      var command =
          new ArrayList<String>(
              List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
      if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
        command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
      }
      command.addAll(List.of("-cp", classPath, IndexFileTest.class.getName(), file.toString()));
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      assertThat(said).isEqualTo(expected.toString());
      assertThat(answers(here, 7)).isEqualTo(expected);
    }
  }
}
