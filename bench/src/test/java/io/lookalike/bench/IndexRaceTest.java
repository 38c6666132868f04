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
import java.util.List;
import java.util.Map;
import java.util.Random;
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
