package io.lookalike.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The paper's experiment in the forms in which it is written.
 *
 * @param settings what was run on what, by name, in order
 * @param seconds how long each step took, by name, in order
 * @param tables a table for each consulted article
 * @param articles the articles in the tables, by id
 */
record PaperReport(
    Map<String, String> settings,
    Map<String, Double> seconds,
    List<PaperTable> tables,
    Map<String, ProductImage> articles) {

  /** One row for each article of each table: the recommended first, by rank. */
  String csv() {
    var text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      csv.writeRecord(
          "consulted", "rank", "article_id", "purchase_frequency", "similarity", "visual_rank");
      for (PaperTable table : tables) {
        for (PaperTable.Row row : ordered(table)) {
          csv.writeRecord(
              table.consulted(),
              row.rank() == 0 ? "" : Integer.toString(row.rank()),
              row.id(),
              Long.toString(row.frequency()),
              similarity(row),
              Integer.toString(row.visualRank()));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("a text cannot fail to be written", e);
    }
    return text.toString();
  }

  /** The tables alone. */
  String markdownTables() {
    var text = new StringBuilder();
    for (PaperTable table : tables) {
      text.append(text.isEmpty() ? "" : "\n");
      text.append("Recommended for ").append(table.consulted()).append(":\n\n");
      text.append("| rank | article | purchase frequency | similarity | by looks |\n");
      text.append("| ---: | --- | ---: | ---: | ---: |\n");
      for (PaperTable.Row row : table.recommended()) {
        text.append(
            String.format(
                Locale.ROOT,
                "| %d | %s | %d | %s | %d |%n",
                row.rank(),
                row.id(),
                row.frequency(),
                similarity(row),
                row.visualRank()));
      }
      if (!table.neverSold().isEmpty()) {
        text.append("\nNot recommended, since never sold: ")
            .append(String.join(", ", ids(table.neverSold())))
            .append(".\n");
      }
    }
    return text.toString();
  }

  String markdown() {
    var text = new StringBuilder("# Look-alikes, ranked by purchases\n\n");
    settings.forEach((name, value) -> text.append("- ").append(name + ": " + value + "\n"));
    text.append("\n## Tables\n\n").append(markdownTables());
    text.append("\n## Times\n\n| step | seconds |\n| --- | ---: |\n");
    seconds.forEach(
        (step, time) -> text.append(String.format(Locale.ROOT, "| %s | %.2f |%n", step, time)));
    return text.toString();
  }

  String json() throws IOException {
    var consulted = new ArrayList<Map<String, Object>>();
    for (PaperTable table : tables) {
      var object = new LinkedHashMap<String, Object>();
      object.put("consulted", table.consulted());
      object.put("nearest", table.nearest().stream().map(PaperReport::object).toList());
      object.put("recommended", ids(table.recommended()));
      object.put("never_sold", ids(table.neverSold()));
      consulted.add(object);
    }
    var report = new LinkedHashMap<String, Object>();
    report.put("settings", settings);
    report.put("seconds", seconds);
    report.put("tables", consulted);
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(report) + "\n";
  }

  private static Map<String, Object> object(PaperTable.Row row) {
    var object = new LinkedHashMap<String, Object>();
    object.put("id", row.id());
    object.put("similarity", row.similarity());
    object.put("purchase_frequency", row.frequency());
    object.put("rank", row.rank() == 0 ? null : row.rank());
    return object;
  }

  /** The page: as in the paper's figures, looks first, then the recommendation. */
  ResultPage page() {
    var footer = new ArrayList<String>();
    settings.forEach((name, value) -> footer.add(name + ": " + value));
    footer.add(
        "Seconds: "
            + String.join(
                " · ",
                seconds.entrySet().stream()
                    .map(e -> String.format(Locale.ROOT, "%s %.2f", e.getKey(), e.getValue()))
                    .toList()));
    return new ResultPage(
        "Look-alikes, ranked by purchases",
        "The method of Boukrouh, Tayalati and Azmani: the ten articles whose pictures’ features"
            + " have the highest cosine similarity, ordered by how often they were bought; what"
            + " never sold is left out.",
        "",
        tables.stream().map(this::section).toList(),
        tables.stream().map(PaperReport::example).toList(),
        footer);
  }

  private ResultPage.Section section(PaperTable table) {
    return new ResultPage.Section(
        new ResultPage.Consulted(
            Facts.name(product(table.consulted())),
            Facts.line(product(table.consulted())),
            article(table.consulted()).image()),
        new ResultPage.Row("These look closest", "by cosine similarity", tiles(table.nearest())),
        List.of(
            new ResultPage.Row(
                "Recommended",
                "the same by purchase frequency, the never-sold left out",
                tiles(table.recommended()))));
  }

  private List<ResultPage.Tile> tiles(List<PaperTable.Row> rows) {
    return rows.stream()
        .map(
            row ->
                new ResultPage.Tile(
                    Facts.name(product(row.id())),
                    Facts.line(product(row.id())),
                    article(row.id()).image(),
                    row.similarity(),
                    row.frequency(),
                    ""))
        .toList();
  }

  private static ResultPage.Example example(PaperTable table) {
    return new ResultPage.Example(
        table.consulted(),
        List.of("As in the paper's Table 1: what is recommended, and how often it was bought."),
        "Recommended for " + table.consulted(),
        table.recommended().stream()
            .map(row -> new ResultPage.Example.Sales(row.id(), row.frequency()))
            .toList(),
        ids(table.neverSold()));
  }

  private ProductImage article(String id) {
    return Objects.requireNonNull(articles.get(id), id);
  }

  private Product product(String id) {
    return article(id).product();
  }

  private static List<PaperTable.Row> ordered(PaperTable table) {
    return Stream.concat(table.recommended().stream(), table.neverSold().stream()).toList();
  }

  private static List<String> ids(List<PaperTable.Row> rows) {
    return rows.stream().map(PaperTable.Row::id).toList();
  }

  private static String similarity(PaperTable.Row row) {
    return String.format(Locale.ROOT, "%.6f", row.similarity());
  }
}
