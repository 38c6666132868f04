package io.lookalike.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.ProgressListener;
import io.lookalike.bench.IndexRace.Point;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexRaceTest {

  private static final long SEED = 7;

  private static List<float[]> vectors(int count, long seed) {
    var random = new Random(seed);
    var vectors = new ArrayList<float[]>();
    for (int i = 0; i < count; i++) {
      var vector = new float[8];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = (float) random.nextGaussian();
      }
      vectors.add(UnitVector.of(vector).toArray());
    }
    return vectors;
  }

  /** As an application measures: indexes by name, a race, a report. */
  @Test
  void anApplicationRacesIndexesOnItsOwnVectors(@TempDir Path folder) throws IOException {
    List<float[]> base = vectors(400, SEED);
    List<float[]> queries = vectors(20, SEED + 1);
    NearestTruth truth = NearestTruth.of(base, queries, 5, null);
    var course = new IndexRace.Course(base, queries, truth, 5, null, 1, 1, 1_000_000);
    Map<String, Contestant> found = Contestants.find(why -> {});
    assertThat(found.keySet()).containsExactly("exact", "scan", "hnsw", "hnswlib");
    List<Point> points;
    try (var race = new IndexRace(course)) {
      race.enter(found.get("exact"));
      race.enter(found.get("hnsw"));
      points = race.run(ProgressListener.NONE);
    }
    assertThat(points).extracting(Point::index).startsWith("exact", "hnsw");
    assertThat(points.get(0).recall()).as("seed %s", SEED).isEqualTo(1);
    try (var report = new RaceReport(folder)) {
      report.write("small", RaceReport.machine(), points);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "bench.md", "bench.csv", "bench.json", "bench.svg", "bench.png");
    }
  }

  /** Compares all, and says that each search took a microsecond. */
  private static final class Apart implements Contestant {
    @Override
    public String name() {
      return "apart";
    }

    @Override
    public String parameter() {
      return "";
    }

    @Override
    public List<Integer> values(int k) {
      return List.of(0);
    }

    @Override
    public boolean filters() {
      return false;
    }

    @Override
    public boolean singleThreaded() {
      return true;
    }

    @Override
    public Built build(Task task) {
      return new MeasuredApart() {
        @Override
        public double buildSeconds() {
          return 42;
        }

        @Override
        public Turn turn(List<float[]> queries, int k, int first, long nanos) {
          var answers = new int[queries.size()][];
          var times = new long[7]; // not all, and not always the same
          for (int i = 0; i < times.length; i++) {
            times[i] = 1_000;
            int query = (first + i) % queries.size();
            answers[query] = nearest(task.vectors(), queries.get(query), k);
          }
          return new Turn(times, answers);
        }

        @Override
        public void set(int value) {}

        @Override
        public long bytesOutsideHeap() {
          return 1 << 30;
        }

        @Override
        public void close() {}
      };
    }

    private static int[] nearest(List<float[]> vectors, float[] query, int k) {
      return IntStream.range(0, vectors.size())
          .boxed()
          .sorted(Comparator.comparingDouble(row -> -dot(vectors.get(row), query)))
          .limit(k)
          .mapToInt(row -> row)
          .toArray();
    }

    private static double dot(float[] a, float[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }

  @Test
  void anIndexOfAnotherProcessIsMeasuredByItself() throws IOException {
    List<float[]> base = vectors(400, SEED);
    List<float[]> queries = vectors(20, SEED + 1);
    NearestTruth truth = NearestTruth.of(base, queries, 5, null);
    try (var race =
        new IndexRace(new IndexRace.Course(base, queries, truth, 5, null, 1, 3, 1_000_000))) {
      assertThat(race.enter(new Apart())).isEqualTo(42);
      Point point = race.run(ProgressListener.NONE).get(0);
      assertThat(point.queriesPerSecond()).isEqualTo(1e6);
      assertThat(point.p99Micros()).isEqualTo(1);
      assertThat(point.buildSeconds()).isEqualTo(42);
      assertThat(point.bytes()).isGreaterThanOrEqualTo(1 << 30);
      assertThat(point.queries()).isEqualTo(20);
      assertThat(point.recall()).as("seed %s", SEED).isEqualTo(1);
    }
    try (var race =
        new IndexRace(new IndexRace.Course(base, queries, truth, 5, null, 2, 3, 1_000_000))) {
      assertThatThrownBy(() -> race.enter(new Apart()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("apart is searched by one thread, not by 2");
    }
  }

  @Test
  void aReportThatIsNotWrittenLeavesNothing(@TempDir Path folder) throws IOException {
    try (var report = new RaceReport(folder)) {
      assertThat(report.folder()).isEqualTo(folder);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aTruthOfOtherVectorsIsRefused() {
    List<float[]> base = vectors(50, SEED);
    List<float[]> queries = vectors(2, SEED + 1);
    Path file = Path.of("t.ivecs");
    assertThatThrownBy(
            () ->
                NearestTruth.given(file, List.of(new int[] {0}, new int[] {60}), base, queries, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("t.ivecs, query 1: names row 60, expected 0 to 49");
  }

  @Test
  void theParetoFrontHoldsWhatNothingBeats() {
    List<Point> front =
        RaceReport.paretoFront(
            List.of(
                point("a", .9, 100),
                point("b", .9, 90),
                point("c", .95, 100),
                point("d", .99, 20),
                point("e", .97, 10)));
    assertThat(front).extracting(Point::index).containsExactly("c", "d");
  }

  private static Point point(String name, double recall, double rate) {
    return new Point(name, "", recall, rate, 0, 1, 1, 1, 1, 1, 1);
  }
}
