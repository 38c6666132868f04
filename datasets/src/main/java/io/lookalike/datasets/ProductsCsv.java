package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Ids;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a catalogue in CSV, as {@link Catalogue} describes it. */
final class ProductsCsv {
  private static final List<String> REQUIRED = List.of("id", "image");

  private final Path file;
  private final Findings findings;
  private final Map<String, Long> lineOfId = new HashMap<>();
  private final List<String> columns;
  private final List<@Nullable ColumnType> types;

  private ProductsCsv(
      Path file, Findings findings, List<String> columns, List<@Nullable ColumnType> types) {
    this.file = file;
    this.findings = findings;
    this.columns = columns;
    this.types = types;
  }

  static void read(
      Path file, Findings findings, ProgressListener progress, Consumer<? super ProductImage> sink)
      throws IOException {
    // The second pass reports what is wrong with the rows; only the columns' oddities are for now.
    long total = 0;
    var surveys = new ArrayList<@Nullable ColumnSurvey>();
    List<String> columns;
    try (CsvTable table = CsvTable.open(file, REQUIRED, new Findings(file, false))) {
      columns = table.columns();
      for (String column : columns) {
        surveys.add(REQUIRED.contains(column) ? null : new ColumnSurvey(column));
      }
      for (CsvRow row = table.next(); row != null; row = table.next()) {
        total++;
        for (int i = 0; i < surveys.size(); i++) {
          ColumnSurvey survey = surveys.get(i);
          if (survey != null) {
            survey.add(row.line(), row.value(i));
          }
        }
      }
    }
    var types = new ArrayList<@Nullable ColumnType>();
    for (ColumnSurvey survey : surveys) {
      types.add(survey == null ? null : survey.type());
      if (survey != null) {
        survey.noteOddValue(findings);
      }
    }
    try (CsvTable table = CsvTable.open(file, REQUIRED, findings)) {
      if (!table.columns().equals(columns)) {
        throw new DatasetException(file, 0, "was changed while it was read; read it again");
      }
      var reading = new ProductsCsv(file, findings, columns, types);
      long done = 0;
      for (CsvRow row = table.next(); row != null; row = table.next()) {
        ProductImage item = reading.item(row);
        if (item != null) {
          sink.accept(item);
          findings.accept();
        }
        progress.progress(++done, Math.max(done, total));
      }
    }
  }

  /** Makes a row a product, or reports what is wrong with it. */
  private @Nullable ProductImage item(CsvRow row) {
    String id = row.value(columns.indexOf("id"));
    String image = row.value(columns.indexOf("image"));
    if (id.isEmpty()) {
      findings.skip(row.line(), "the id is empty");
      return null;
    }
    String problem = Ids.problem(id);
    if (problem != null) {
      findings.skip(row.line(), "the id " + problem);
      return null;
    }
    Long first = lineOfId.get(id);
    if (first != null) {
      findings.skip(row.line(), "the id " + id + " is already on line " + first);
      return null;
    }
    if (image.isEmpty()) {
      findings.skip(row.line(), "the product " + id + " has no image");
      return null;
    }
    Path picture;
    try {
      picture = file.resolveSibling(image);
    } catch (InvalidPathException e) {
      findings.skip(
          row.line(), "the product " + id + " has the image " + image + ", which is no path");
      return null;
    }
    if (!Files.isRegularFile(picture)) {
      findings.skip(
          row.line(), "the product " + id + " has the image " + picture + ", which is missing");
      return null;
    }
    var attributes = new HashMap<String, Object>();
    for (int i = 0; i < columns.size(); i++) {
      ColumnType type = types.get(i);
      String value = row.value(i);
      if (type == null || value.isEmpty()) {
        continue;
      }
      Object attribute = type.parse(value);
      if (attribute == null) {
        throw new DatasetException(
            file, row.line(), "was changed while it was read; read it again");
      }
      attributes.put(columns.get(i), attribute);
    }
    lineOfId.put(id, row.line());
    return new ProductImage(new Product(id, Attributes.of(attributes)), ImageSource.of(picture));
  }
}
