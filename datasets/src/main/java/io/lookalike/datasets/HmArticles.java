package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads articles, as {@link HmDataset} describes it. */
final class HmArticles {
  static final String ID = "article_id";
  static final String EXPECTED_ID = "expected 10 digits, or 9 where a leading zero was lost";

  private static final String CODE = "product_code";
  private static final int CODE_DIGITS = 7;
  private static final Pattern DIGITS = Pattern.compile("\\d{9,10}");

  private final HmPictures pictures;
  private final Findings findings;
  private final List<String> columns;
  private final int idColumn;
  private final Map<String, Long> lineOfId = new HashMap<>();

  /** One instance of each text: most of a column's values occur thousands of times. */
  private final Map<String, String> texts = new HashMap<>();

  private HmArticles(Path images, Findings findings, List<String> columns) {
    this.pictures = new HmPictures(images);
    this.findings = findings;
    this.columns = columns;
    this.idColumn = columns.indexOf(ID);
  }

  static ReadReport read(
      Path file, Path images, boolean strict, ProgressListener listener, HmDataset.ArticleSink sink)
      throws IOException {
    var findings = new Findings(file, strict);
    try (CsvTable table = CsvTable.open(file, List.of(ID), findings)) {
      if (table.columns().contains(HmTransactions.DAY)) {
        throw new DatasetException(
            file,
            1,
            "found the column " + HmTransactions.DAY + " of H&M's transactions, expected articles");
      }
      var reading = new HmArticles(images, findings, table.columns());
      table.forEach(listener, row -> reading.article(row, sink));
    }
    return findings.report();
  }

  private void article(CsvRow row, HmDataset.ArticleSink sink) {
    String id = padded(row.value(idColumn));
    if (id == null) {
      findings.skip(row.line(), ID + " is \"" + row.value(idColumn) + "\", " + EXPECTED_ID);
      return;
    }
    Long first = lineOfId.putIfAbsent(id, row.line());
    if (first != null) {
      findings.skip(row.line(), "the article " + id + " is already on line " + first);
      return;
    }
    Product article = product(id, row);
    List<ImageSource> own = pictures.of(id);
    if (own.size() > ProductImage.MOST_IMAGES) {
      findings.note(
          row.line(),
          "the article "
              + id
              + " has "
              + own.size()
              + " pictures, expected at most "
              + ProductImage.MOST_IMAGES
              + "; the others are left out");
      own = own.subList(0, ProductImage.MOST_IMAGES);
    }
    if (!own.isEmpty()) {
      sink.article(new ProductImage(article, own));
      findings.accept();
    } else {
      findings.skip(
          row.line(), "the article " + id + " has no picture: no file " + pictures.first(id));
      sink.withoutPicture(article);
    }
  }

  private Product product(String id, CsvRow row) {
    String code = id.substring(0, CODE_DIGITS);
    var attributes = new HashMap<String, String>();
    attributes.put(CODE, code);
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      if (i == idColumn || row.length(i) == 0) {
        continue;
      }
      String value = row.value(i);
      if (!column.equals(CODE)) {
        String known = texts.putIfAbsent(value, value);
        attributes.put(column, known == null ? value : known);
      } else if (!value.equals(code) && !("0" + value).equals(code)) {
        findings.note(
            row.line(),
            CODE
                + " is \""
                + value
                + "\", expected "
                + code
                + ", with which the article "
                + id
                + " begins; read as "
                + code);
      }
    }
    return new Product(id, Attributes.of(attributes));
  }

  /** Gives the lost zero back; null if this is no article's id. */
  private static @Nullable String padded(String id) {
    return !DIGITS.matcher(id).matches() ? null : id.length() == 10 ? id : "0" + id;
  }
}
