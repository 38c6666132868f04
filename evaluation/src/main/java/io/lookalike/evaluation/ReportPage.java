package io.lookalike.evaluation;

import com.samskivert.mustache.Template;
import io.lookalike.catalog.Product;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The report as a page of HTML. */
final class ReportPage {

  private static final Template TEMPLATE = PageResources.template("report.html");

  /** A picture of its own: a browser's test of contrasts does not see into drawings of a page. */
  private static final Template CHART = PageResources.template("chart.svg");

  /** What was bought of pages, and what is on them. */
  private static final Measure[] BOUGHT =
      Arrays.stream(Measure.values()).filter(Measure::isAccuracy).toArray(Measure[]::new);

  private static final Measure[] SHOWN =
      Arrays.stream(Measure.values()).filter(m -> !m.isAccuracy()).toArray(Measure[]::new);

  /** Number of examples in which each of two settings wins. */
  private static final int EXAMPLES = 3;

  /** Photos in an example's row. */
  private static final int PHOTOS = 6;

  private static final int WIDTH = 420;
  private static final int HEIGHT = 300;

  private final EvaluationResult result;
  private final Function<Product, String> names;
  private final Function<Product, byte @Nullable []> photos;
  private final Map<String, String> pictures = new HashMap<>();

  private ReportPage(
      EvaluationResult result,
      Function<Product, String> names,
      Function<Product, byte @Nullable []> photos) {
    this.result = result;
    this.names = names;
    this.photos = photos;
  }

  static String html(
      EvaluationResult result,
      String title,
      String notice,
      Map<String, Object> facts,
      Function<Product, String> names,
      Function<Product, byte @Nullable []> photos) {
    var page = new ReportPage(result, names, photos);
    String style = PageResources.style("report.css");
    String script = PageResources.text("report.js");
    return TEMPLATE.execute(
        new PageView(
            PageResources.policy(style, script),
            style,
            script,
            title,
            notice,
            result.tasks().stream().map(page::task).toList(),
            result.settings().stream()
                .map(name -> new FactView(name, result.description(name)))
                .toList(),
            facts.entrySet().stream()
                .map(fact -> new FactView(fact.getKey(), String.valueOf(fact.getValue())))
                .toList(),
            result.cuts().stream().map(Object::toString).toList()));
  }

  // ---- one task

  private TaskView task(Task task) {
    List<String> ranking = List.copyOf(result.ranking(task).keySet());
    String verdict = verdict(task, ranking);
    return new TaskView(
        task.toString(),
        task.label().substring(0, 1).toUpperCase(Locale.ROOT) + task.label().substring(1),
        String.format(Locale.ROOT, "%,d", result.questions(task, Slice.ALL)),
        task.main().label(),
        verdict,
        table(task, ranking, true),
        table(task, ranking, false),
        slices(task, ranking),
        List.of(
            scatter(task, ranking, "coverage", name -> result.coverage(name, task)),
            scatter(
                task,
                ranking,
                "novelty, in bits",
                name -> result.figure(name, task, Measure.NOVELTY).value())),
        shares(task, ranking),
        comparisons(task),
        ranking.size() < 2 ? List.of() : examples(task, ranking.get(0), ranking.get(1)),
        ranking.size() < 2 ? "" : ranking.get(0) + " and " + ranking.get(1));
  }

  private String verdict(Task task, List<String> ranking) {
    if (result.questions(task, Slice.ALL) == 0) {
      return "Nobody bought anything that could be asked for.";
    }
    String best = ranking.get(0);
    List<String> apart =
        result.comparisons(task).stream()
            .filter(pair -> pair.one().equals(best) && pair.significant())
            .map(EvaluationResult.Comparison::other)
            .toList();
    List<String> alike =
        ranking.stream().filter(name -> !name.equals(best) && !apart.contains(name)).toList();
    if (alike.isEmpty()) {
      return ranking.size() == 1 ? "" : best + " is better than all others.";
    }
    return best
        + " comes first, and is not told apart from "
        + String.join(", ", alike)
        + (apart.isEmpty() ? "." : "; the others are worse.");
  }

  private TableView table(Task task, List<String> ranking, boolean bought) {
    var columns = new ArrayList<String>();
    for (Measure measure : bought ? BOUGHT : SHOWN) {
      columns.add(measure.label());
    }
    columns.addAll(bought ? List.of("p50 ms", "p99 ms") : List.of("coverage", "Gini"));
    var rows = new ArrayList<RowView>();
    for (String name : ranking) {
      var cells = new ArrayList<CellView>();
      for (Measure measure : bought ? BOUGHT : SHOWN) {
        cells.add(cell(result.figure(name, task, measure)));
      }
      if (bought) {
        cells.add(cell(result.latency(name, task, 0.5) / 1e6));
        cells.add(cell(result.latency(name, task, 0.99) / 1e6));
      } else {
        cells.add(cell(result.coverage(name, task)));
        cells.add(cell(result.gini(name, task)));
      }
      rows.add(new RowView(name, cells));
    }
    return new TableView(columns, rows);
  }

  private TableView slices(Task task, List<String> ranking) {
    var columns = new ArrayList<String>();
    for (Slice slice : Slice.values()) {
      columns.add(
          String.format(Locale.ROOT, "%s (%,d)", slice.label(), result.questions(task, slice)));
    }
    return new TableView(
        columns,
        ranking.stream()
            .map(
                name ->
                    new RowView(
                        name,
                        Arrays.stream(Slice.values())
                            .map(slice -> cell(result.figure(name, task, task.main(), slice)))
                            .toList()))
            .toList());
  }

  private static CellView cell(Interval figure) {
    return new CellView(sortable(figure.value()), number(figure.value()), range(figure));
  }

  private static CellView cell(double value) {
    return new CellView(sortable(value), number(value), "");
  }

  private static String sortable(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.9f", value) : "-1e9";
  }

  /** A figure with as many digits as tell it from others. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    double size = Math.abs(value);
    return String.format(
        Locale.ROOT,
        size >= 1_000 ? "%,.0f" : size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.4f",
        value);
  }

  /** An interval in brackets; empty if there is none. */
  static String range(Interval figure) {
    return Double.isFinite(figure.low()) && Double.isFinite(figure.high())
        ? "[" + number(figure.low()) + ", " + number(figure.high()) + "]"
        : "";
  }

  private List<ComparisonView> comparisons(Task task) {
    return result.comparisons(task).stream()
        .map(
            pair ->
                new ComparisonView(
                    pair.one(),
                    pair.other(),
                    String.format(Locale.ROOT, "%+.4f", pair.difference()),
                    String.format(Locale.ROOT, "%.4f", pair.p()),
                    pair.significant() ? "better" : "not told apart",
                    pair.significant()))
        .toList();
  }

  // ---- pictures of figures

  private ChartView scatter(
      Task task, List<String> ranking, String what, Function<String, Double> of) {
    double[] x = ranking.stream().mapToDouble(of::apply).toArray();
    double[] y =
        ranking.stream().mapToDouble(n -> result.figure(n, task, task.main()).value()).toArray();
    double[] low =
        ranking.stream().mapToDouble(n -> result.figure(n, task, task.main()).low()).toArray();
    double[] high =
        ranking.stream().mapToDouble(n -> result.figure(n, task, task.main()).high()).toArray();
    double right = Math.max(1e-9, Arrays.stream(x).filter(Double::isFinite).max().orElse(1));
    double top = Math.max(1e-9, Arrays.stream(high).filter(Double::isFinite).max().orElse(1));
    var points = new ArrayList<PointView>();
    for (int i = 0; i < x.length; i++) {
      if (Double.isFinite(x[i]) && Double.isFinite(y[i])) {
        points.add(
            new PointView(
                "" + (i + 1),
                ranking.get(i),
                place(60 + (WIDTH - 80) * x[i] / right),
                place(HEIGHT - 30 - (HEIGHT - 50) * y[i] / top),
                place(HEIGHT - 30 - (HEIGHT - 50) * low[i] / top),
                place(HEIGHT - 30 - (HEIGHT - 50) * high[i] / top)));
      }
    }
    String svg =
        CHART.execute(new DrawingView(WIDTH, HEIGHT, number(right), number(top), what, points));
    return new ChartView(
        task.main().label() + " against " + what,
        WIDTH,
        HEIGHT,
        "data:image/svg+xml;base64,"
            + Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8)),
        points);
  }

  private static String place(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** Which products get the places: best sellers, others, what never sold. */
  private List<SharesView> shares(Task task, List<String> ranking) {
    Scores scores = result.of(task);
    Past past = scores.lastPast();
    int[] launched = past.launched();
    int[] byPieces =
        IntStream.of(launched)
            .boxed()
            .sorted((a, b) -> Long.compare(past.pieces(b), past.pieces(a)))
            .mapToInt(i -> i)
            .toArray();
    int one = (int) Math.ceil(byPieces.length / 100.0);
    int ten = (int) Math.ceil(byPieces.length / 10.0);
    var shares = new ArrayList<SharesView>();
    for (String name : ranking) {
      long[] shown = scores.of(result.index(name)).shown;
      var parts = new double[4];
      for (int i = 0; i < byPieces.length; i++) {
        int part = past.pieces(byPieces[i]) == 0 ? 3 : i < one ? 0 : i < ten ? 1 : 2;
        parts[part] += shown[byPieces[i]];
      }
      double sum = Math.max(1, Arrays.stream(parts).sum());
      var views = new ArrayList<PartView>();
      double from = 0;
      for (int part = 0; part < parts.length; part++) {
        double width = 100 * parts[part] / sum;
        views.add(
            new PartView(
                "part-" + part,
                place(from),
                place(width),
                String.format(Locale.ROOT, "%.0f %%", width)));
        from += width;
      }
      shares.add(new SharesView(name, views));
    }
    return shares;
  }

  // ---- wins and losses

  private List<ExampleView> examples(Task task, String one, String other) {
    Scores scores = result.of(task);
    Questions questions = scores.lastQuestions();
    List<Questions.One> all = questions.all();
    int first = scores.customers().length - all.size();
    float[] ours = scores.of(result.index(one)).values[task.main().column()];
    float[] theirs = scores.of(result.index(other)).values[task.main().column()];
    List<Integer> order =
        IntStream.range(0, all.size())
            .boxed()
            .sorted(
                (a, b) ->
                    Float.compare(
                        ours[first + b] - theirs[first + b], ours[first + a] - theirs[first + a]))
            .toList();
    var examples = new ArrayList<ExampleView>();
    var pages = new HashSet<Integer>();
    for (boolean win : new boolean[] {true, false}) {
      int taken = 0;
      for (int i = 0; i < order.size() && taken < EXAMPLES; i++) {
        int q = order.get(win ? i : order.size() - 1 - i);
        float difference = ours[first + q] - theirs[first + q];
        if (win ? difference <= 0 : difference >= 0) {
          break;
        }
        if (pages.add(all.get(q).page())) {
          taken++;
          examples.add(
              example(
                  win ? one + " wins" : other + " wins",
                  questions,
                  all.get(q),
                  List.of(one, other),
                  scores));
        }
      }
    }
    return examples;
  }

  private ExampleView example(
      String title, Questions questions, Questions.One one, List<String> settings, Scores scores) {
    Set<Integer> bought = new HashSet<>();
    for (int product : one.bought()) {
      bought.add(product);
    }
    int[] about = questions.about(questions.pages().get(one.page()));
    var rows = new ArrayList<StripView>();
    rows.add(
        strip(
            questions.pages().get(one.page()).consulted() == null ? "Bought before" : "Consulted",
            about,
            Set.of()));
    rows.add(strip("Bought afterwards", one.bought(), bought));
    for (String setting : settings) {
      rows.add(strip(setting, scores.of(result.index(setting)).lastPages[one.page()], bought));
    }
    return new ExampleView(title, rows);
  }

  private StripView strip(String title, int[] products, Set<Integer> bought) {
    ReplayCatalogue catalogue = result.of(result.tasks().iterator().next()).lastPast().catalogue();
    var tiles = new ArrayList<TileView>();
    for (int i = 0; i < Math.min(PHOTOS, products.length); i++) {
      Product product = catalogue.product(products[i]);
      tiles.add(new TileView(names.apply(product), picture(product), bought.contains(products[i])));
    }
    return new StripView(
        title,
        tiles,
        products.length > PHOTOS ? "and " + (products.length - PHOTOS) + " more" : "",
        products.length == 0 ? "nothing" : "");
  }

  private String picture(Product product) {
    return pictures.computeIfAbsent(
        product.id(),
        id -> {
          byte[] jpeg = photos.apply(product);
          return jpeg == null
              ? ""
              : "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg);
        });
  }

  // What the template sees.

  private record PageView(
      String contentSecurityPolicy,
      String style,
      String script,
      String title,
      String notice,
      List<TaskView> tasks,
      List<FactView> settings,
      List<FactView> facts,
      List<String> cuts) {}

  private record FactView(String name, String value) {}

  private record TaskView(
      String anchor,
      String title,
      String questions,
      String main,
      String verdict,
      TableView bought,
      TableView shown,
      TableView slices,
      List<ChartView> charts,
      List<SharesView> shares,
      List<ComparisonView> comparisons,
      List<ExampleView> examples,
      String compared) {}

  private record TableView(List<String> columns, List<RowView> rows) {}

  private record RowView(String name, List<CellView> cells) {}

  private record CellView(String sort, String value, String range) {}

  private record ComparisonView(
      String one, String other, String difference, String p, String word, boolean significant) {}

  private record ChartView(
      String title, int width, int height, String picture, List<PointView> points) {}

  private record DrawingView(
      int width, int height, String right, String top, String x, List<PointView> points) {}

  private record PointView(
      String number, String name, String x, String y, String low, String high) {}

  private record SharesView(String name, List<PartView> parts) {}

  private record PartView(String part, String x, String width, String percent) {}

  private record ExampleView(String title, List<StripView> rows) {}

  private record StripView(String title, List<TileView> tiles, String more, String none) {}

  private record TileView(String name, String photo, boolean bought) {}
}
