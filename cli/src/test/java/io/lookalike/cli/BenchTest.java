package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.lookalike.bench.Contestant;
import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {

  private static final int DIMENSION = 12;
  private static final int K = 5;

  @TempDir Path folder;

  /** Whole numbers from 0 to 255, which every format can hold. */
  private final float[][] base = rows(1500, 1);

  private final float[][] queries = rows(40, 2);

  private static float[][] rows(int count, long seed) {
    var random = new Random(seed);
    var rows = new float[count][DIMENSION];
    for (float[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextInt(256);
      }
    }
    return rows;
  }

  @BeforeEach
  void writeQueries() throws IOException {
    Cli.npy(folder.resolve("q.npy"), queries);
  }

  /** By cosine similarity in double precision. */
  private int[][] truth() {
    var truth = new int[queries.length][];
    for (int q = 0; q < queries.length; q++) {
      float[] query = queries[q];
      truth[q] =
          IntStream.range(0, base.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer row) -> -cosine(query, base[row])))
              .limit(K)
              .mapToInt(row -> row)
              .toArray();
    }
    return truth;
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      squaresOfA += (double) a[i] * a[i];
      squaresOfB += (double) b[i] * b[i];
    }
    return product / Math.sqrt(squaresOfA * squaresOfB);
  }

  private Run bench(String vectors, String... more) {
    var args = new ArrayList<Object>();
    args.addAll(List.of("bench", "--vectors", folder.resolve(vectors), "--turn", 2, "-k", K));
    args.addAll(List.of("--out", folder.resolve("report")));
    args.addAll(Arrays.asList((Object[]) more));
    return Cli.run(args.toArray());
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void everyIndexIsMeasuredAtEverySetting() throws IOException {
    Cli.npy(folder.resolve("b.npy"), base);
    Run run = bench("b.npy", "--queries", at("q.npy"), "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    var lines = new ArrayList<Map<String, Object>>();
    for (String line : run.outLines()) {
      lines.add(JSON.std.mapFrom(line));
    }
    assertThat(lines).hasSize(15);
    assertThat(lines.stream().map(line -> line.get("index")).distinct())
        .containsExactly("exact", "scan", "hnsw", "hnswlib");
    for (Map<String, Object> line : lines) {
      assertThat(line)
          .containsKeys("setting", "recall", "queriesPerSecond", "p50Micros", "p95Micros")
          .containsKeys("p99Micros", "buildSeconds", "bytes", "spread", "queries");
      assertThat(number(line, "queriesPerSecond")).isPositive();
      assertThat(number(line, "p50Micros"))
          .isPositive()
          .isLessThanOrEqualTo(number(line, "p95Micros"));
      assertThat(number(line, "p95Micros")).isLessThanOrEqualTo(number(line, "p99Micros"));
      boolean exact = List.of("exact", "scan").contains(String.valueOf(line.get("index")));
      assertThat(number(line, "recall")).isBetween(exact ? 1. : .8, 1.);
      assertThat(line.get("setting")).asString().matches(exact ? "" : "efSearch=\\d+");
    }
    assertThat(Files.readAllLines(folder.resolve("report/bench.csv"))).hasSize(16);
    assertThat(Files.readString(folder.resolve("report/bench.md")))
        .contains("1500 x 12, 40 queries, top 5", "| hnsw | efSearch=160 |", "recall of 0.99");
    Map<String, Object> json =
        JSON.std.mapFrom(Files.readString(folder.resolve("report/bench.json")));
    assertThat(json).containsKeys("jdk", "machine", "command");
    assertThat((List<?>) json.get("points")).hasSize(15);
    assertThat(Files.readString(folder.resolve("report/bench.svg"))).contains("<svg", "</svg>");
    assertThat(ImageIO.read(folder.resolve("report/bench.png").toFile()).getWidth()).isEqualTo(900);
  }

  private static double number(Map<String, Object> line, String key) {
    return ((Number) line.get(key)).doubleValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"b.npy", "b.fvecs", "b.bvecs", "b-idx2-ubyte", "floats.idx", "b.gz"})
  void everyFormatGivesTheSameVectors(String name) throws IOException {
    write(name);
    writeTruth(truth());
    Run run = bench(name, "--queries", at("q.npy"), "--truth", at("t.ivecs"), "--index", "exact");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1);
    assertThat(run.out()).startsWith("exact ").contains("recall 1.0000");
  }

  private void write(String name) throws IOException {
    Path file = folder.resolve(name);
    if (name.endsWith(".npy")) {
      Cli.npy(file, base);
      return;
    }
    boolean vecs = name.endsWith("vecs");
    boolean floats = name.startsWith("floats") || name.endsWith(".fvecs");
    ByteBuffer data = ByteBuffer.allocate(100 + base.length * (4 + 4 * DIMENSION));
    data.order(vecs ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (!vecs) {
      // Three dimensions, as pictures have.
      data.putInt(floats ? 0x0d03 : 0x0803).putInt(base.length).putInt(3).putInt(DIMENSION / 3);
    }
    for (float[] row : base) {
      if (vecs) {
        data.putInt(row.length);
      }
      for (float number : row) {
        if (floats) {
          data.putFloat(number);
        } else {
          data.put((byte) number);
        }
      }
    }
    byte[] bytes = Arrays.copyOf(data.array(), data.position());
    if (name.endsWith(".gz")) {
      try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
        out.write(bytes);
      }
    } else {
      Files.write(file, bytes);
    }
  }

  private void writeTruth(int[][] truth) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(truth.length * (K + 1) * 4);
    data.order(ByteOrder.LITTLE_ENDIAN);
    for (int[] row : truth) {
      data.putInt(row.length);
      for (int number : row) {
        data.putInt(number);
      }
    }
    Files.write(folder.resolve("t.ivecs"), data.array());
  }

  @Test
  void aFileOfAnnBenchmarksHoldsQueriesAndTruth() throws IOException {
    hdf5("angular", truth());
    Run run = bench("ann.hdf5", "--index", "exact");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("recall 1.0000");
    assertThat(run.err()).doesNotContain("computed instead");
  }

  @Test
  void theTruthOfAnotherDistanceIsNotUsed() throws IOException {
    hdf5("euclidean", new int[queries.length][K]);
    Run run = bench("ann.hdf5", "--index", "exact");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("recall 1.0000");
    assertThat(run.err()).contains("distance \"euclidean\"; the nearest by cosine similarity");
    hdf5("", new int[queries.length][K]);
    run = bench("ann.hdf5", "--index", "exact");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).contains("does not say for which distance it is meant; the nearest by");
  }

  @Test
  void aWrongTruthIsRefused() throws IOException {
    var others = new int[queries.length][];
    Arrays.fill(others, new int[] {0, 1, 2, 3, 4});
    hdf5("angular", others);
    Run run = bench("ann.hdf5", "--index", "exact");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("it belongs to other vectors or another measure");
    assertThat(folder.resolve("report")).doesNotExist();
  }

  private void hdf5(String distance, int[][] truth) {
    try (WritableHdfFile file = HdfFile.write(folder.resolve("ann.hdf5"))) {
      file.putDataset("train", base);
      file.putDataset("test", queries);
      file.putDataset("neighbors", truth);
      if (!distance.isEmpty()) {
        file.putAttribute("distance", distance);
      }
    }
  }

  @Test
  void filteredSearchesFindAllThatMatch() throws IOException {
    Cli.npy(folder.resolve("b.npy"), base);
    Run run =
        bench(
            "b.npy",
            "--queries",
            at("q.npy"),
            "--filter-selectivity",
            "0.01",
            "--index",
            "scan,hnsw",
            "--threads",
            "2");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(8).allMatch(line -> line.contains("recall 1.0000"));
  }

  @Test
  void anIndexThatCannotBeLoadedIsLeftOut() throws IOException {
    Cli.npy(folder.resolve("b.npy"), base);
    Path services = Files.createDirectories(folder.resolve("classes/META-INF/services"));
    Files.writeString(services.resolve(Contestant.class.getName()), "com.example.Missing\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL[] classes = {folder.resolve("classes").toUri().toURL()};
    try (var loader = new URLClassLoader(classes, before)) {
      thread.setContextClassLoader(loader);
      Run run = bench("b.npy", "--queries", at("q.npy"), "--index", "exact");
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(run.err()).contains("an index on the class path is left out: ", "Missing");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
