package io.lookalike.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.bench.Contestant;
import io.lookalike.bench.Contestants;
import io.lookalike.bench.IndexRace;
import io.lookalike.bench.IndexRace.Point;
import io.lookalike.bench.NearestTruth;
import io.lookalike.bench.RaceReport;
import io.lookalike.bench.Samples;
import io.lookalike.datasets.vectors.VectorFile;
import io.lookalike.datasets.vectors.Vectors;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Recall against speed, of several indexes on one's own vectors. */
@Command(
    name = "bench",
    description = "Measures indexes side by side: recall, speed, memory.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike bench --vectors features.npy --queries q.npy --out report",
      "  lookalike bench --vectors glove-100-angular.hdf5 --out report --index hnsw",
      "  lookalike bench --vectors base.fvecs --queries query.fvecs \\",
      "      --filter-selectivity 0.01 --threads 2 --out report --quick"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class BenchCommand implements Callable<Integer> {

  private static final int QUICK_VECTORS = 20_000;
  private static final int QUICK_QUERIES = 500;
  private static final int QUERIES = 1000;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--vectors",
      paramLabel = "BASE",
      required = true,
      description =
          "What is searched: .npy, .fvecs, .bvecs, IDX (also .gz), or an .hdf5 file of"
              + " ann-benchmarks, which holds queries and truth too.")
  private Path vectors;

  @Option(
      names = "--queries",
      paramLabel = "Q",
      description =
          "What is searched for, in any of these formats; at most 1,000, evenly spread, are used.")
  private @Nullable Path queries;

  @Option(
      names = "--truth",
      paramLabel = "T",
      description =
          "The rows of the nearest of each query by cosine similarity, closest first: .ivecs,"
              + " .hdf5. Computed if left out.")
  private @Nullable Path truth;

  @Option(
      names = "--index",
      paramLabel = "NAME",
      split = ",",
      description =
          "Which to measure: exact, scan, hnsw, hnswlib, and whatever is found beside these, such"
              + " as lucene, jvector and voyager. All are, by default. And opensearch:URL, a"
              + " cluster.")
  private @Nullable List<String> names;

  @Option(
      names = "-k",
      paramLabel = "K",
      description = "How many nearest are wanted. Default: ${DEFAULT-VALUE}.")
  private int k = 10;

  @Option(
      names = "--filter-selectivity",
      paramLabel = "SHARE",
      description = "Search only among this share of the vectors, drawn at random.")
  private @Nullable Double selectivity;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many build and search at a time. Default: ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--quick",
      description =
          "At most 20,000 vectors and 500 queries, shorter and fewer rounds: a first impression.")
  private boolean quick;

  @Option(
      names = "--turn",
      paramLabel = "MILLIS",
      description =
          "How long each setting searches at a time: 500, with --quick 200. Longer is steadier.")
  private @Nullable Integer turn;

  @Option(names = "--json", description = "Print a JSON object a line instead of text.")
  private boolean json;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "Where to write bench.md, .csv, .json, .svg and .png; made if missing.")
  private Path out;

  @Override
  @SuppressWarnings("try") // the hook is there to be closed
  public Integer call() throws IOException {
    check();
    List<Contestant> contestants = contestants();
    IndexRace.Course course = course();
    try (RaceReport report = report();
        var onExit = new ExitHook(report::discard)) {
      List<Point> points = race(course, contestants);
      report.write(title(course), facts(course), points);
      main.console().note("wrote bench.md, .csv, .json, .svg and .png to " + report.folder());
    }
    return 0;
  }

  /** What the files hold, as far as it is used. */
  private IndexRace.Course course() throws IOException {
    VectorFile baseFile = VectorFile.of(vectors);
    VectorFile queryFile = queryFile(baseFile);
    List<float[]> base = unit(vectors, baseFile, "train");
    List<float[]> asked = unit(queries == null ? vectors : queries, queryFile, "test");
    checkSizes(base, asked);
    List<int[]> nearest = givenTruth(baseFile, asked.size());
    if (nearest != null && quick && base.size() > QUICK_VECTORS) {
      main.console().note("with --quick, not all vectors are used, so the truth is computed");
      nearest = null;
    }
    List<float[]> used = quick ? Samples.spread(base, QUICK_VECTORS) : base;
    int most = quick ? QUICK_QUERIES : QUERIES;
    List<float[]> usedQueries = Samples.spread(asked, most);
    BitSet matching = selectivity == null ? null : Samples.matching(used.size(), selectivity);
    NearestTruth found =
        nearest == null
            ? NearestTruth.of(used, usedQueries, k, matching)
            : checked(Samples.spread(nearest, most), used, usedQueries);
    return new IndexRace.Course(
        used,
        usedQueries,
        found,
        k,
        matching,
        threads,
        quick ? 4 : 7,
        TimeUnit.MILLISECONDS.toNanos(turn != null ? turn : quick ? 200 : 500));
  }

  private void checkSizes(List<float[]> base, List<float[]> asked) {
    if (asked.get(0).length != base.get(0).length) {
      throw new UserErrorException(
          "the queries have "
              + asked.get(0).length
              + " dimensions, expected "
              + base.get(0).length
              + ", as the vectors have");
    }
    if (k > base.size()) {
      throw new UserErrorException(
          "-k is " + k + ", expected at most " + base.size() + ", as many as there are vectors");
    }
  }

  private NearestTruth checked(List<int[]> nearest, List<float[]> base, List<float[]> asked) {
    try {
      return NearestTruth.given(truth == null ? vectors : truth, nearest, base, asked, k);
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(String.valueOf(e.getMessage()), e);
    }
  }

  private RaceReport report() throws IOException {
    try {
      Files.createDirectories(out);
    } catch (FileAlreadyExistsException e) {
      throw new UserErrorException(out + " is no folder; name one to write to", e);
    } catch (IOException e) {
      throw new UserErrorException("cannot make the folder " + out + ": " + Errors.reason(e), e);
    }
    try {
      return new RaceReport(out);
    } catch (IOException e) {
      throw new UserErrorException(String.valueOf(e.getMessage()), e);
    }
  }

  private String title(IndexRace.Course course) {
    return String.format(
        Locale.ROOT,
        "%s: %,d x %d, top %d, %s%s",
        vectors.getFileName(),
        course.base().size(),
        course.base().get(0).length,
        k,
        threads == 1 ? "one thread" : threads + " threads",
        selectivity == null ? "" : ", " + selectivity + " match");
  }

  private void check() {
    if (k < 1) {
      throw new UserErrorException("-k is " + k + ", expected 1 or more");
    }
    if (threads < 1 || threads > 1024) {
      throw new UserErrorException("--threads is " + threads + ", expected 1 to 1024");
    }
    if (turn != null && (turn < 1 || turn > 60_000)) {
      throw new UserErrorException("--turn is " + turn + ", expected 1 to 60000");
    }
    if (selectivity != null && !(selectivity > 0 && selectivity <= 1)) {
      throw new UserErrorException(
          "--filter-selectivity is " + selectivity + ", expected more than 0 and at most 1");
    }
    if (Files.exists(out) && !Files.isDirectory(out)) { // before all the work
      throw new UserErrorException(out + " is no folder; name one to write to");
    }
    if (selectivity != null && truth != null) {
      throw new UserErrorException(
          "both --truth and --filter-selectivity were given; among matching vectors the truth is"
              + " another, and is computed: leave --truth out");
    }
  }

  /** What was asked for, in that order; what the class path has besides one's own is found. */
  private List<Contestant> contestants() {
    Map<String, Contestant> found =
        Contestants.find(
            why -> main.console().warn("an index on the class path is left out: " + why));
    var chosen = new ArrayList<Contestant>();
    for (String name : names == null ? List.copyOf(found.keySet()) : names) {
      if (name.isBlank()) {
        throw new UserErrorException("--index has an empty name; expected names between commas");
      }
      Contestant contestant = name.contains(":") ? elsewhere(name) : found.get(name);
      if (contestant == null) {
        throw new UserErrorException(
            "--index names "
                + name
                + ", which is not here, only "
                + String.join(", ", found.keySet())
                + "; docs/bench.md tells how to add the others");
      }
      String missing = contestant.missing().orElse(null);
      if (missing != null) {
        if (names != null) {
          throw new UserErrorException("--index: " + name + " cannot be measured here: " + missing);
        }
      } else if (threads > 1 && contestant.singleThreaded()) {
        main.console().warn(name + " is searched by one thread, and is left out");
      } else if (selectivity != null && !contestant.filters()) {
        main.console().warn(name + " cannot filter, and is left out");
      } else if (!chosen.contains(contestant)) {
        chosen.add(contestant);
      }
    }
    if (chosen.isEmpty()) {
      throw new UserErrorException("no index is left to measure; name others in --index");
    }
    return chosen;
  }

  private static Contestant elsewhere(String name) {
    try {
      return Contestants.elsewhere(name);
    } catch (IllegalArgumentException e) {
      throw new UserErrorException("--index: " + e.getMessage(), e);
    }
  }

  private VectorFile queryFile(VectorFile base) throws IOException {
    if (queries != null) {
      return VectorFile.of(queries);
    }
    if (!base.isHdf5()) {
      throw new UserErrorException(
          "--queries is missing; only an .hdf5 file of ann-benchmarks holds queries too");
    }
    return base;
  }

  /** Which rows are the nearest by a file, as far as it tells those by cosine similarity. */
  private @Nullable List<int[]> givenTruth(VectorFile base, int queryCount) throws IOException {
    if (truth != null) {
      List<int[]> rows = VectorFile.of(truth).nearest();
      if (rows.size() != queryCount) {
        throw new UserErrorException(
            truth
                + " has the neighbours of "
                + rows.size()
                + " queries, expected "
                + queryCount
                + ", as many as there are queries");
      }
      return rows;
    }
    if (!base.isHdf5() || queries != null || selectivity != null) {
      return null;
    }
    String distance = base.distance();
    if (!distance.equals("angular")) {
      main.console()
          .note(
              vectors
                  + (distance.isEmpty()
                      ? " does not say for which distance it is meant"
                      : " is meant for the distance \"" + distance + "\"")
                  + "; the nearest by cosine similarity are computed instead");
      return null;
    }
    return base.nearest();
  }

  private static List<float[]> unit(Path path, VectorFile file, String dataset) throws IOException {
    try (Vectors rows = file.vectors(dataset)) {
      var units = new ArrayList<float[]>(rows.size());
      for (float[] row : rows) {
        try {
          units.add(UnitVector.of(row).toArray());
        } catch (IllegalArgumentException e) {
          throw new UserErrorException(path + ", row " + units.size() + ": " + e.getMessage(), e);
        }
      }
      return units;
    }
  }

  private List<Point> race(IndexRace.Course course, List<Contestant> contestants)
      throws IOException {
    Console console = main.console();
    try (var race = new IndexRace(course)) {
      for (Contestant contestant : contestants) {
        try {
          double seconds = race.enter(contestant);
          console.note(
              String.format(Locale.ROOT, "built %s in %.1f s", contestant.name(), seconds));
        } catch (LinkageError e) { // native code for other machines, or classes of a newer JDK
          console.warn(contestant.name() + " cannot run here, and is left out: " + e);
        }
      }
      List<Point> points;
      try (Console.Progress bar = console.progress("searching", "turns", 0)) {
        points = race.run(bar);
      }
      if (points.isEmpty()) {
        throw new UserErrorException("no index is left to measure; name others in --index");
      }
      for (Point point : points) {
        console.result(json ? JSON.std.asString(point.values()) : line(point));
      }
      List<Point> wide = points.stream().filter(Point::noisy).toList();
      if (!wide.isEmpty()) {
        console.warn(
            String.format(
                Locale.ROOT,
                "the rounds differ by more than %.0f %% for %d of %d points (%s): too much to tell"
                    + " what is close apart; try again while the machine does nothing else",
                100 * Point.WIDE_SPREAD,
                wide.size(),
                points.size(),
                wide.stream()
                    .map(p -> (p.index() + " " + p.setting()).strip())
                    .collect(Collectors.joining(", "))));
      }
      return points;
    }
  }

  private static String line(Point p) {
    return String.format(
        Locale.ROOT,
        "%-8s %-16s recall %.4f  %,9.0f queries/s  p50 %,.0f us  p95 %,.0f us  p99 %,.0f us "
            + " built in %.1f s  %,.0f MB",
        p.index(),
        p.setting(),
        p.recall(),
        p.queriesPerSecond(),
        p.p50Micros(),
        p.p95Micros(),
        p.p99Micros(),
        p.buildSeconds(),
        p.bytes() / 1e6);
  }

  private Map<String, Object> facts(IndexRace.Course course) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put(
        "data",
        String.format(
            Locale.ROOT,
            "%s, %d x %d, %d queries, top %d by cosine similarity%s",
            vectors.getFileName(),
            course.base().size(),
            course.base().get(0).length,
            course.queries().size(),
            k,
            selectivity == null ? "" : ", " + selectivity + " of the vectors match"));
    facts.put("threads", threads);
    facts.putAll(RaceReport.machine());
    facts.put("command", StorePlace.shownCommand(spec));
    return facts;
  }
}
