package io.lookalike.cli;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code similar} finds, for people: a line each. */
final class SimilarTable {

  private SimilarTable() {}

  /**
   * The page's lines, the best first.
   *
   * @param collapsed whether of each design one is shown
   */
  static List<String> of(List<Recommendation> page, Recommender shop, boolean collapsed) {
    int idWidth = page.stream().mapToInt(r -> r.id().length()).max().orElse(0);
    int salesWidth = page.stream().mapToInt(r -> Long.toString(r.sales()).length()).max().orElse(0);
    String format =
        "%4s  %-"
            + Math.max(idWidth, 2)
            + "s  %10s  %"
            + Math.max(salesWidth, 5)
            + "s"
            + (collapsed ? "  %8s" : "%s")
            + "  %s";
    var lines = new ArrayList<String>();
    lines.add(
        line(
            format,
            "rank",
            "id",
            "similarity",
            "sales",
            collapsed ? "variants" : "",
            "attributes"));
    for (Recommendation r : page) {
      lines.add(
          line(
              format,
              lines.size(),
              r.id(),
              String.format(Locale.ROOT, "%.3f", r.similarity()),
              r.sales(),
              r.variants() == 0 ? "" : "+" + r.variants(),
              shop.product(r.id()).map(Facts::named).orElse("")));
    }
    return lines;
  }

  private static String line(String format, Object... cells) {
    return Console.plain(String.format(Locale.ROOT, format, cells)).stripTrailing();
  }
}
