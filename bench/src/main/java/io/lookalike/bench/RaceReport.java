package io.lookalike.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.lookalike.bench.IndexRace.Point;
import io.lookalike.internal.AtomicFile;
import io.lookalike.math.VectorMath;
import java.awt.Color;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * What a race of indexes leaves in a folder: {@code bench.md}, {@code .csv}, {@code .json} and a
 * plot as {@code .svg} and {@code .png}, all of them or none. For one thread, {@link #discard}
 * excepted.
 */
public final class RaceReport implements Closeable {

  /** At which recalls the indexes are compared. */
  private static final double[] TARGETS = {.9, .95, .99};

  private final Path folder;
  private final Map<String, AtomicFile> files = new LinkedHashMap<>();

  /**
   * Begins the files, so that it is known before the work that they can be written.
   *
   * @param folder made if it is missing; existing files of these names stay until the report is
   *     written
   * @throws IOException if they cannot be written
   */
  public RaceReport(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder);
    try {
      for (String ending : List.of("md", "csv", "json", "svg", "png")) {
        files.put(ending, AtomicFile.at(folder.resolve("bench." + ending)));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /**
   * What figures depend on beside data and settings: the JVM, the arithmetic, the processor.
   *
   * @return facts for {@link #write}, by name
   */
  public static Map<String, Object> machine() {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put("kernels", VectorMath.active().name());
    facts.put(
        "machine", processor() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
    return facts;
  }

  private static String processor() {
    Path file = Path.of("/proc/cpuinfo");
    if (Files.isReadable(file)) {
      try (Stream<String> lines = Files.lines(file)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.replaceFirst(".*:\\s*", ""))
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException e) {
        return System.getProperty("os.arch");
      }
    }
    return System.getProperty("os.arch");
  }

  /**
   * Writes all files, the plots last.
   *
   * @param title of the plot: what was measured
   * @param facts about machine, data and command, in the order to show them in
   * @param points at least one
   * @throws IOException if they cannot be written
   */
  public void write(String title, Map<String, Object> facts, List<Point> points)
      throws IOException {
    text("md", markdown(facts, points));
    text("csv", csv(points));
    var json = new LinkedHashMap<String, Object>(facts);
    json.put("points", points.stream().map(Point::values).toList());
    text("json", JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(json) + "\n");
    XYChart chart = chart(title, points);
    AtomicFile svg = file("svg");
    VectorGraphicsEncoder.saveVectorGraphic(
        chart,
        Channels.newOutputStream(svg.channel()),
        VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
    AtomicFile png = file("png");
    BitmapEncoder.saveBitmap(
        chart, Channels.newOutputStream(png.channel()), BitmapEncoder.BitmapFormat.PNG);
    for (AtomicFile file : files.values()) {
      file.commit();
    }
  }

  private AtomicFile file(String ending) {
    AtomicFile file = files.get(ending);
    if (file == null) {
      throw new IllegalArgumentException(ending);
    }
    return file;
  }

  private void text(String ending, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      file(ending).channel().write(bytes);
    }
  }

  private static String csv(List<Point> points) throws IOException {
    var text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      csv.writeRecord(points.get(0).values().keySet());
      for (Point point : points) {
        csv.writeRecord(point.values().values().stream().map(String::valueOf).toList());
      }
    }
    return text.toString();
  }

  private static String markdown(Map<String, Object> facts, List<Point> points) {
    var text = new StringBuilder();
    facts.forEach(
        (name, value) -> text.append("- ").append(name).append(": ").append(value).append('\n'));
    text.append(
        """

        | index | setting | recall | queries/s | p50 µs | p95 µs | p99 µs | build s | MB |
        | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        """);
    for (Point p : points) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.4f | %,.0f%s | %.0f | %.0f | %.0f | %.1f | %,.0f |%n",
              p.index(),
              p.setting(),
              p.recall(),
              p.queriesPerSecond(),
              p.noisy() ? " (noisy)" : "",
              p.p50Micros(),
              p.p95Micros(),
              p.p99Micros(),
              p.buildSeconds(),
              p.bytes() / 1e6));
    }
    for (double target : TARGETS) {
      List<Point> best = best(points, target);
      if (!best.isEmpty()) {
        text.append(
            String.format(Locale.ROOT, "%nFastest at a recall of %.2f or more:%n%n", target));
        double most = best.get(0).queriesPerSecond();
        for (Point p : best) {
          text.append(
              String.format(
                  Locale.ROOT,
                  "1. %s%s: %,.0f queries/s, %.2f of the first%n",
                  p.index(),
                  p.setting().isEmpty() ? "" : " at " + p.setting(),
                  p.queriesPerSecond(),
                  p.queriesPerSecond() / most));
        }
      }
    }
    return text.append("\n![recall against queries per second](bench.svg)\n").toString();
  }

  /** Each index's fastest point of at least a recall, the fastest index first. */
  private static List<Point> best(List<Point> points, double recall) {
    var best = new LinkedHashMap<String, Point>();
    for (Point p : points) {
      if (p.recall() >= recall) {
        best.merge(p.index(), p, (a, b) -> a.queriesPerSecond() >= b.queriesPerSecond() ? a : b);
      }
    }
    var sorted = new ArrayList<>(best.values());
    sorted.sort(Comparator.comparingDouble(Point::queriesPerSecond).reversed());
    return sorted;
  }

  /** The points that no other beats in both recall and speed, by recall. */
  static List<Point> paretoFront(List<Point> points) {
    var sorted = new ArrayList<>(points);
    sorted.sort(
        Comparator.comparingDouble(Point::recall)
            .thenComparingDouble(Point::queriesPerSecond)
            .reversed());
    var front = new ArrayList<Point>();
    double fastest = 0;
    for (Point p : sorted) {
      if (p.queriesPerSecond() > fastest) {
        fastest = p.queriesPerSecond();
        front.add(0, p);
      }
    }
    return front;
  }

  private static XYChart chart(String title, List<Point> points) {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(560)
            .title(title)
            .xAxisTitle("recall")
            .yAxisTitle("queries a second")
            .build();
    XYSeries front = series(chart, "Pareto front", paretoFront(points));
    front.setMarker(SeriesMarkers.NONE);
    front.setLineWidth(9);
    front.setLineColor(new Color(0xdd, 0xdd, 0xdd));
    var byIndex = new LinkedHashMap<String, List<Point>>();
    points.forEach(p -> byIndex.computeIfAbsent(p.index(), name -> new ArrayList<>()).add(p));
    byIndex.forEach((name, of) -> series(chart, name, of));
    Styler styler = chart.getStyler();
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisDecimalPattern("#,###");
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    return chart;
  }

  private static XYSeries series(XYChart chart, String name, List<Point> points) {
    return chart.addSeries(
        name,
        points.stream().mapToDouble(Point::recall).toArray(),
        points.stream().mapToDouble(Point::queriesPerSecond).toArray());
  }

  /**
   * Deletes what was begun unless it has been written. Any thread may do so, when the program ends.
   *
   * @throws IOException if a file cannot be deleted
   */
  public void discard() throws IOException {
    for (AtomicFile file : files.values()) {
      file.discard();
    }
  }

  /** Deletes what was begun unless it has been written. */
  @Override
  public void close() throws IOException {
    for (AtomicFile file : files.values()) {
      file.close();
    }
  }

  /**
   * Where the report is.
   *
   * @return the folder, as it was given
   */
  public Path folder() {
    return folder;
  }
}
