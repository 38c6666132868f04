package io.lookalike.evaluation;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.catalog.Product;
import io.lookalike.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is left of an evaluation in a folder: {@code evaluation.html}, one file that needs nothing
 * else and asks nothing of the network, {@code evaluation.md} and {@code evaluation.json}.
 * Immutable; each setter returns a changed copy.
 */
public final class EvaluationReport {

  private final EvaluationResult result;
  private final String title;
  private final String notice;
  private final Map<String, Object> facts;
  private final Function<Product, String> names;
  private final Function<Product, byte @Nullable []> photos;

  private EvaluationReport(
      EvaluationResult result,
      String title,
      String notice,
      Map<String, Object> facts,
      Function<Product, String> names,
      Function<Product, byte @Nullable []> photos) {
    this.result = result;
    this.title = title;
    this.notice = notice;
    this.facts = facts;
    this.names = names;
    this.photos = photos;
  }

  /**
   * A report without photos, in which products are called by their ids.
   *
   * @param result what to report
   * @return the report
   */
  public static EvaluationReport of(EvaluationResult result) {
    return new EvaluationReport(
        Objects.requireNonNull(result, "result"),
        "Which setting shows what people buy?",
        "",
        Map.of(),
        Product::id,
        product -> null);
  }

  /**
   * Gives it another heading.
   *
   * @param title the heading
   * @return the changed report
   */
  public EvaluationReport title(String title) {
    return new EvaluationReport(result, title, notice, facts, names, photos);
  }

  /**
   * Says something that must not be overlooked, such as that purchases are simulated.
   *
   * @param notice a few words
   * @return the changed report
   */
  public EvaluationReport notice(String notice) {
    return new EvaluationReport(result, title, notice, facts, names, photos);
  }

  /**
   * Tells what figures depend on: data, machine, command.
   *
   * @param facts by name, in the order to show them in
   * @return the changed report
   */
  public EvaluationReport facts(Map<String, ?> facts) {
    return new EvaluationReport(result, title, notice, new LinkedHashMap<>(facts), names, photos);
  }

  /**
   * Shows products as people know them.
   *
   * @param names what to call each
   * @param photos a JPEG of each, or null where there is none
   * @return the changed report
   */
  public EvaluationReport products(
      Function<Product, String> names, Function<Product, byte @Nullable []> photos) {
    return new EvaluationReport(result, title, notice, facts, names, photos);
  }

  /**
   * Writes all three files: each is replaced whole or not at all.
   *
   * @param folder made if it is missing
   * @return the page
   * @throws IOException if they cannot be written
   */
  public Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    write(folder.resolve("evaluation.json"), json());
    write(folder.resolve("evaluation.md"), markdown());
    Path page = folder.resolve("evaluation.html");
    write(page, ReportPage.html(result, title, notice, facts, names, photos));
    return page;
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  // ---- JSON

  String json() throws IOException {
    var json = new LinkedHashMap<String, Object>();
    json.put("title", title);
    if (!notice.isEmpty()) {
      json.put("notice", notice);
    }
    json.put("facts", facts);
    json.put("cuts", result.cuts().stream().map(Object::toString).toList());
    var settings = new ArrayList<Map<String, Object>>();
    for (String name : result.settings()) {
      settings.add(Map.of("name", name, "description", result.description(name)));
    }
    json.put("settings", settings);
    json.put("tasks", result.tasks().stream().map(this::json).toList());
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(json) + "\n";
  }

  private Map<String, Object> json(Task task) {
    var json = new LinkedHashMap<String, Object>();
    json.put("task", task.toString());
    json.put("comparedBy", task.main().toString());
    var questions = new LinkedHashMap<String, Object>();
    for (Slice slice : Slice.values()) {
      questions.put(slice.toString(), result.questions(task, slice));
    }
    json.put("questions", questions);
    var settings = new ArrayList<Map<String, Object>>();
    for (String name : result.settings()) {
      var of = new LinkedHashMap<String, Object>();
      of.put("setting", name);
      for (Measure measure : Measure.values()) {
        of.put(measure.toString(), json(result.figure(name, task, measure)));
      }
      of.put("coverage", rounded(result.coverage(name, task)));
      of.put("gini", rounded(result.gini(name, task)));
      of.put("p50Millis", result.latency(name, task, 0.5) / 1e6);
      of.put("p99Millis", result.latency(name, task, 0.99) / 1e6);
      var slices = new LinkedHashMap<String, Object>();
      for (Slice slice : Slice.values()) {
        var figures = new LinkedHashMap<String, Object>();
        for (Measure measure : Measure.OF_SLICES) {
          figures.put(measure.toString(), json(result.figure(name, task, measure, slice)));
        }
        slices.put(slice.toString(), figures);
      }
      of.put("slices", slices);
      settings.add(of);
    }
    json.put("settings", settings);
    var comparisons = new ArrayList<Map<String, Object>>();
    for (EvaluationResult.Comparison pair : result.comparisons(task)) {
      var of = new LinkedHashMap<String, Object>();
      of.put("better", pair.one());
      of.put("worse", pair.other());
      of.put("difference", rounded(pair.difference()));
      of.put("p", rounded(pair.p()));
      of.put("significant", pair.significant());
      comparisons.add(of);
    }
    json.put("comparisons", comparisons);
    return json;
  }

  /** A list of value, low and high; null where there is no figure. */
  private static @Nullable List<@Nullable Double> json(Interval interval) {
    if (Double.isNaN(interval.value())) {
      return null;
    }
    var list = new ArrayList<@Nullable Double>();
    list.add(rounded(interval.value()));
    list.add(rounded(interval.low()));
    list.add(rounded(interval.high()));
    return list;
  }

  private static @Nullable Double rounded(double value) {
    return Double.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null;
  }

  // ---- Markdown

  String markdown() {
    var text = new StringBuilder("# ").append(plain(title)).append("\n\n");
    if (!notice.isEmpty()) {
      text.append("**").append(plain(notice)).append("**\n\n");
    }
    text.append("- cuts: ").append(result.cuts()).append('\n');
    facts.forEach(
        (name, value) ->
            text.append("- ")
                .append(plain(name))
                .append(": ")
                .append(plain(String.valueOf(value)))
                .append('\n'));
    for (Task task : result.tasks()) {
      markdown(task, text);
    }
    text.append("\n## Settings\n\n");
    for (String name : result.settings()) {
      text.append("- ")
          .append(plain(name))
          .append(": ")
          .append(plain(result.description(name)))
          .append('\n');
    }
    return text.toString();
  }

  /** A text that stays one line of one cell, and is no markup. */
  private static String plain(String text) {
    return text.replaceAll("[\\\\|<`]", "\\\\$0").replaceAll("\\R", " ");
  }

  private void markdown(Task task, StringBuilder text) {
    text.append(
        String.format(
            Locale.ROOT,
            "%n## %s: %,d questions%n%n",
            task.label(),
            result.questions(task, Slice.ALL)));
    var columns = new ArrayList<String>();
    for (Measure measure : Measure.values()) {
      columns.add(measure.label());
    }
    columns.addAll(List.of("coverage", "Gini", "p50 ms", "p99 ms"));
    text.append("| setting | ").append(String.join(" | ", columns)).append(" |\n| --- |");
    text.append(" ---: |".repeat(columns.size())).append('\n');
    for (String name : result.ranking(task).keySet()) {
      text.append("| ").append(plain(name));
      for (Measure measure : Measure.values()) {
        Interval figure = result.figure(name, task, measure);
        text.append(" | ")
            .append(ReportPage.number(figure.value()))
            .append(measure == task.main() ? " " + ReportPage.range(figure) : "");
      }
      text.append(
          String.format(
              Locale.ROOT,
              " | %.4f | %.4f | %.2f | %.2f |%n",
              result.coverage(name, task),
              result.gini(name, task),
              result.latency(name, task, 0.5) / 1e6,
              result.latency(name, task, 0.99) / 1e6));
    }
    text.append("\nBy ").append(task.main().label()).append(", of some purchases:\n\n| setting |");
    for (Slice slice : Slice.values()) {
      text.append(
          String.format(Locale.ROOT, " %s (%,d) |", slice.label(), result.questions(task, slice)));
    }
    text.append("\n| --- |").append(" ---: |".repeat(Slice.values().length)).append('\n');
    for (String name : result.ranking(task).keySet()) {
      text.append("| ").append(plain(name)).append(" |");
      for (Slice slice : Slice.values()) {
        Interval figure = result.figure(name, task, task.main(), slice);
        text.append(' ')
            .append(ReportPage.number(figure.value()))
            .append(' ')
            .append(ReportPage.range(figure))
            .append(" |");
      }
      text.append('\n');
    }
    text.append("\n");
    for (EvaluationResult.Comparison pair : result.comparisons(task)) {
      text.append(
          String.format(
              Locale.ROOT,
              "- %s %s %s: %+.4f, p = %.4f%n",
              plain(pair.one()),
              pair.significant() ? "is better than" : "is not told apart from",
              plain(pair.other()),
              pair.difference(),
              pair.p()));
    }
  }
}
