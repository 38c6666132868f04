package io.lookalike.cli;

import io.lookalike.Explanation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** What became of each candidate, a line each. */
final class ExplanationTable {

  private ExplanationTable() {}

  /** The table's lines, the nearest candidate first. */
  static List<String> of(Explanation explanation) {
    int width =
        explanation.candidates().stream().mapToInt(step -> step.id().length()).max().orElse(0);
    String format = "%5s  %-" + Math.max(width, 2) + "s  %10s  %7s  %10s  %10s  %4s  %s";
    var lines = new ArrayList<String>();
    lines.add(
        line(
            format,
            "looks",
            "id",
            "similarity",
            "sales",
            "popularity",
            "score",
            "rank",
            "outcome"));
    for (Explanation.Step step : explanation.candidates()) {
      lines.add(
          line(
              format,
              step.visualRank(),
              step.id(),
              String.format(Locale.ROOT, "%.3f", step.similarity()),
              step.sales(),
              number(step.popularity()),
              number(step.score()),
              step.rank() == 0 ? "-" : step.rank(),
              outcome(step.verdict())));
    }
    return lines;
  }

  /** The stage and the rule. */
  static String outcome(Explanation.Verdict verdict) {
    return verdict.stage().name().toLowerCase(Locale.ROOT) + ": " + verdict.reason();
  }

  static String number(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.4g", value.getAsDouble()) : "-";
  }

  private static String line(String format, Object... cells) {
    return String.format(Locale.ROOT, format, cells);
  }
}
