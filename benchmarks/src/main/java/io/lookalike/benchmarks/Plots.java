package io.lookalike.benchmarks;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the plots of {@code benchmarks/results} from the measurements there. */
public final class Plots {

  private static final int WIDTH = 800;
  private static final int HEIGHT = 420;

  /** The number of names that fit beside each other below a plot. */
  private static final int MOST_SIDE_BY_SIDE = 4;

  private static final double RECALL = .95;
  private static final int FIXED_EF = 60;
  private static final List<String> JDKS = List.of("17", "25");

  private final Path folder;

  private Plots(Path folder) {
    this.folder = folder;
  }

  /**
   * Draws all.
   *
   * @param args the folder
   * @throws IOException if a file is missing or a plot cannot be written
   */
  public static void main(String[] args) throws IOException {
    var plots = new Plots(Path.of(args[0]));
    plots.exactSearch();
    plots.growth();
    plots.graphGrowth();
    plots.load();
    plots.jmh("kernels", "Kernels, 1,280 numbers, data in the cache (JMH)", "ns a call");
    plots.jmh("exact-search-jmh", "60,000 x 784, one thread (JMH)", "queries/s");
    plots.jmh("graph-search-jmh", "HnswIndex, 60,000 x 784, one thread (JMH)", "queries/s");
  }

  private void exactSearch() throws IOException {
    var chart = bars("Fashion-MNIST, 60,000 x 784, top 10, one thread", "queries/s");
    for (String jdk : JDKS) {
      var rates = new LinkedHashMap<String, Double>();
      for (Map<String, Object> line : lines("exact-search-jdk" + jdk + ".jsonl")) {
        if (line.containsKey("exactQueriesPerSecond")) {
          rates.put("plain scan", number(line, "scanQueriesPerSecond"));
          rates.put("with bounds", number(line, "exactQueriesPerSecond"));
          rates.put("with bounds, batch", number(line, "batchQueriesPerSecond"));
        } else if (line.containsKey("batchQueriesPerSecond")) {
          rates.put("FAISS", number(line, "queriesPerSecond"));
          rates.put("FAISS, batch", number(line, "batchQueriesPerSecond"));
        } else if (line.containsKey("recall") && number(line, "recall") >= .99) {
          rates.putIfAbsent("C++ hnswlib, recall .99", number(line, "queriesPerSecond"));
        }
      }
      chart.addSeries(
          "JDK " + jdk, new ArrayList<>(rates.keySet()), new ArrayList<>(rates.values()));
    }
    save(chart, "exact-search");
  }

  private void growth() throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("784 features with the spectrum of Fashion-MNIST, one thread")
            .xAxisTitle("products")
            .yAxisTitle("milliseconds a query")
            .build();
    var counts = new ArrayList<Double>();
    var scan = new ArrayList<Double>();
    var exact = new ArrayList<Double>();
    for (Map<String, Object> line : lines("growth.jsonl")) {
      if (line.containsKey("count")) {
        counts.add(number(line, "count"));
        scan.add(1000 / number(line, "scanQueriesPerSecond"));
        exact.add(1000 / number(line, "exactQueriesPerSecond"));
      }
    }
    chart.addSeries("plain scan", counts, scan);
    chart.addSeries("with bounds", counts, exact);
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    save(chart, "growth");
  }

  /** The graph's cost at a recall and at one setting, and straight lines fitted to both. */
  private void graphGrowth() throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT + 140)
            .title("HnswIndex, vectors in files, top 10, one thread")
            .xAxisTitle("products")
            .yAxisTitle("milliseconds a query")
            .build();
    var byData = new LinkedHashMap<String, Map<Double, List<Map<String, Object>>>>();
    for (Map<String, Object> line : lines("graph-growth.jsonl")) {
      byData
          .computeIfAbsent(String.valueOf(line.get("data")), name -> new LinkedHashMap<>())
          .computeIfAbsent(number(line, "products"), size -> new ArrayList<>())
          .add(line);
    }
    byData.forEach(
        (data, bySize) -> {
          var atRecall = new ArrayList<Double>();
          var atFixed = new ArrayList<Double>();
          for (List<Map<String, Object>> lines : bySize.values()) {
            atRecall.add(millisAt(RECALL, lines));
            for (Map<String, Object> line : lines) {
              if (number(line, "efSearch") == FIXED_EF) {
                atFixed.add(1000 / number(line, "queriesPerSecond"));
              }
            }
          }
          var sizes = new ArrayList<Double>(bySize.keySet());
          fitted(chart, data + ", recall " + RECALL, sizes, atRecall);
          if (atFixed.size() == sizes.size()) {
            fitted(chart, data + ", efSearch " + FIXED_EF, sizes, atFixed);
          }
        });
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(0.0);
    save(chart, "graph-growth");
  }

  /** Between the two settings with the recalls next to it, which come in rising order. */
  private static double millisAt(double recall, List<Map<String, Object>> lines) {
    double lastRecall = 0;
    double lastMillis = 0;
    for (Map<String, Object> line : lines) {
      double millis = 1000 / number(line, "queriesPerSecond");
      double here = number(line, "recall");
      if (here >= recall) {
        double share = lastRecall == 0 ? 1 : (recall - lastRecall) / (here - lastRecall);
        return lastMillis + share * (millis - lastMillis);
      }
      lastRecall = here;
      lastMillis = millis;
    }
    throw new IllegalStateException("no setting reaches recall " + recall + ": " + lines);
  }

  /** Points, and the least squares' line through them, over the logarithm. */
  private static void fitted(XYChart chart, String name, List<Double> sizes, List<Double> millis) {
    int n = sizes.size();
    double meanX = sizes.stream().mapToDouble(Math::log10).average().orElseThrow();
    double meanY = millis.stream().mapToDouble(y -> y).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double x = Math.log10(sizes.get(i)) - meanX;
      products += x * (millis.get(i) - meanY);
      squares += x * x;
    }
    double slope = products / squares;
    List<Double> line =
        sizes.stream().map(size -> meanY + slope * (Math.log10(size) - meanX)).toList();
    double unexplained = 0;
    double all = 0;
    for (int i = 0; i < n; i++) {
      unexplained += Math.pow(millis.get(i) - line.get(i), 2);
      all += Math.pow(millis.get(i) - meanY, 2);
    }
    chart.addSeries(name, sizes, millis).setLineStyle(SeriesLines.NONE);
    String fit =
        String.format(
            Locale.ROOT,
            "%.3f + %.3f per tenfold, R\u00b2 = %.3f",
            meanY - slope * (meanX - Math.log10(sizes.get(0))),
            slope,
            1 - unexplained / all);
    chart.addSeries(fit, sizes, line).setMarker(SeriesMarkers.NONE);
  }

  /** How long pages took under load, by the share that took no longer. */
  private void load() throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("50,000 products; 400 pages, 10,000 events, 200 writes a second; 60 s")
            .xAxisTitle("one page in")
            .yAxisTitle("milliseconds")
            .build();
    for (String jdk : JDKS) {
      var rarity = new ArrayList<Double>();
      var millis = new ArrayList<Double>();
      for (String line : Files.readAllLines(folder.resolve("load-jdk" + jdk + ".hgrm"))) {
        String[] columns = line.strip().split(" +", -1);
        if (columns.length == 4 && columns[3].matches("[0-9.]+")) {
          rarity.add(Double.parseDouble(columns[3]));
          millis.add(Double.parseDouble(columns[0]) / 1000);
        }
      }
      chart.addSeries("JDK " + jdk, rarity, millis).setMarker(SeriesMarkers.NONE);
    }
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    save(chart, "load");
  }

  /** One bar for each benchmark and JDK. */
  private void jmh(String name, String title, String unit) throws IOException {
    CategoryChart chart = bars(title, unit);
    for (String jdk : JDKS) {
      var scores = new LinkedHashMap<String, Double>();
      String json = Files.readString(folder.resolve(name + "-jdk" + jdk + ".json"));
      for (Object each : JSON.std.listFrom(json)) {
        Map<String, Object> run = JSON.std.mapFrom(JSON.std.asString(each));
        String benchmark = String.valueOf(run.get("benchmark")).replaceAll(".*\\.", "");
        Map<?, ?> parameters = object(run, "params");
        if (parameters.containsKey("pruning")) {
          benchmark += "true".equals(parameters.get("pruning")) ? ", bounds" : ", scan";
        }
        if (parameters.containsKey("efSearch")) {
          benchmark += ", efSearch " + parameters.get("efSearch");
        }
        Map<?, ?> metric = object(run, "primaryMetric");
        scores.put(benchmark, number(metric, "score"));
      }
      chart.addSeries(
          "JDK " + jdk, new ArrayList<>(scores.keySet()), new ArrayList<>(scores.values()));
    }
    save(chart, name);
  }

  private static CategoryChart bars(String title, String unit) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(unit)
            .build();
    chart.getStyler().setLabelsVisible(true);
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(10.0);
    chart.getStyler().setYAxisDecimalPattern("#,###");
    chart.getStyler().setXAxisLabelRotation(20);
    return chart;
  }

  private List<Map<String, Object>> lines(String file) throws IOException {
    var lines = new ArrayList<Map<String, Object>>();
    for (String line : Files.readAllLines(folder.resolve(file))) {
      lines.add(JSON.std.mapFrom(line));
    }
    return lines;
  }

  private static double number(Map<?, ?> line, String key) {
    return ((Number) Objects.requireNonNull(line.get(key), key)).doubleValue();
  }

  private static Map<?, ?> object(Map<?, ?> run, String key) {
    return (Map<?, ?>) Objects.requireNonNull(run.get(key), key);
  }

  private void save(Chart<?, ?> chart, String name) throws IOException {
    Styler styler = chart.getStyler();
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(
        chart.getSeriesMap().size() > MOST_SIDE_BY_SIDE
            ? Styler.LegendLayout.Vertical
            : Styler.LegendLayout.Horizontal);
    styler.setChartBackgroundColor(java.awt.Color.WHITE);
    BitmapEncoder.saveBitmap(chart, folder.resolve(name).toString(), BitmapFormat.PNG);
  }
}
