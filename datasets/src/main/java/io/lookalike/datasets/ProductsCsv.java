package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.Ids;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads a catalogue in CSV, as {@link Catalogue} describes it. */
final class ProductsCsv {
  private static final List<String> REQUIRED = List.of("id", "image");

  /** The columns of pictures. */
  private static final Pattern IMAGE = Pattern.compile("image([2-9]|[1-9][0-9]{1,2})?");

  private static final String CHANGED = "was changed while it was read; read it again";

  private final Path file;
  private final Findings findings;
  private final Map<String, Long> lineOfId = new HashMap<>();
  private final List<String> columns;

  /** The places of the columns of pictures, by their numbers. */
  private final List<Integer> imageColumns;

  private final List<@Nullable ColumnType> types;

  /** The columns of numbers whose texts are kept too. */
  private final Set<String> spelled;

  private ProductsCsv(
      Path file,
      Findings findings,
      List<String> columns,
      List<@Nullable ColumnType> types,
      Set<String> spelled) {
    this.file = file;
    this.findings = findings;
    this.columns = columns;
    this.imageColumns =
        IntStream.range(0, columns.size())
            .filter(i -> IMAGE.matcher(columns.get(i)).matches())
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer i) -> columns.get(i).length())
                    .thenComparing(columns::get))
            .toList();
    this.types = types;
    this.spelled = spelled;
  }

  /** What is asked of a product's pictures. */
  private enum Pictures {
    IGNORED,
    NEEDED,
    OPTIONAL
  }

  static void read(
      Path file,
      Set<String> texts,
      Findings findings,
      ProgressListener progress,
      Consumer<? super ProductImage> sink)
      throws IOException {
    read(
        file,
        texts,
        Pictures.NEEDED,
        findings,
        progress,
        (product, pictures) -> sink.accept(new ProductImage(product, pictures)));
  }

  /** Reads products with and without pictures. */
  static void readItems(
      Path file,
      Set<String> texts,
      Findings findings,
      ProgressListener progress,
      Consumer<? super CatalogueItem> sink)
      throws IOException {
    read(
        file,
        texts,
        Pictures.OPTIONAL,
        findings,
        progress,
        (product, pictures) ->
            sink.accept(
                pictures.isEmpty()
                    ? CatalogueItem.of(product)
                    : new ProductImage(product, pictures)));
  }

  /** Reads the products alone, whatever their pictures. */
  static void readProducts(
      Path file,
      Set<String> texts,
      Findings findings,
      ProgressListener progress,
      Consumer<? super Product> sink)
      throws IOException {
    BiConsumer<Product, List<ImageSource>> alone = (product, pictures) -> sink.accept(product);
    read(file, texts, Pictures.IGNORED, findings, progress, alone);
  }

  private static void read(
      Path file,
      Set<String> texts,
      Pictures wanted,
      Findings findings,
      ProgressListener progress,
      BiConsumer<Product, List<ImageSource>> sink)
      throws IOException {
    List<String> required = wanted == Pictures.IGNORED ? REQUIRED.subList(0, 1) : REQUIRED;
    // The second pass reports what is wrong with the rows; only the columns' oddities are for now.
    long total = 0;
    var surveys = new ArrayList<@Nullable ColumnSurvey>();
    List<String> columns;
    try (CsvTable table = CsvTable.open(file, required, new Findings(file, false))) {
      columns = table.columns();
      checkTexts(file, texts, columns);
      for (String column : columns) {
        boolean open = !isKnown(column) && !texts.contains(column);
        surveys.add(open ? new ColumnSurvey(column) : null);
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
    for (int i = 0; i < surveys.size(); i++) {
      ColumnSurvey survey = surveys.get(i);
      if (survey == null) {
        types.add(isKnown(columns.get(i)) ? null : ColumnType.TEXT);
      } else {
        types.add(survey.type());
        survey.noteOddValues(findings);
      }
    }
    Set<String> spelled = numbersSpelledTwice(file, required, columns, surveys, findings);
    try (CsvTable table = CsvTable.open(file, required, findings)) {
      if (!table.columns().equals(columns)) {
        throw new DatasetException(file, 0, CHANGED);
      }
      var reading = new ProductsCsv(file, findings, columns, types, spelled);
      long done = 0;
      for (CsvRow row = table.next(); row != null; row = table.next()) {
        if (reading.accepts(row, wanted, sink)) {
          findings.accept();
        }
        progress.progress(++done, Math.max(done, total));
      }
    }
  }

  /** Whether a column is no attribute. */
  private static boolean isKnown(String column) {
    return column.equals("id") || IMAGE.matcher(column).matches();
  }

  private static void checkTexts(Path file, Set<String> texts, List<String> columns) {
    for (String text : texts) {
      if (!columns.isEmpty() && !columns.contains(text)) {
        throw new DatasetException(
            file,
            1,
            "there is no column \""
                + text
                + "\" to read as text, there are "
                + Ids.shown(String.join(", ", columns)));
      }
    }
  }

  /**
   * Reports which columns have one number in two ways, as 12.1 and 12.10: codes, most likely, which
   * must not become one.
   */
  private static Set<String> numbersSpelledTwice(
      Path file,
      List<String> required,
      List<String> columns,
      List<@Nullable ColumnSurvey> surveys,
      Findings findings)
      throws IOException {
    var open = new LinkedHashMap<Integer, Map<Object, String>>();
    for (int i = 0; i < surveys.size(); i++) {
      ColumnSurvey survey = surveys.get(i);
      if (survey != null
          && survey.mayRepeatNumbers()
          && !columns.contains(columns.get(i) + Catalogue.TEXT_SUFFIX)) {
        open.put(i, new HashMap<>());
      }
    }
    var spelled = new HashSet<String>();
    if (open.isEmpty()) {
      return spelled;
    }
    try (CsvTable table = CsvTable.open(file, required, new Findings(file, false))) {
      if (!table.columns().equals(columns)) {
        throw new DatasetException(file, 0, CHANGED);
      }
      for (CsvRow row = table.next(); row != null && !open.isEmpty(); row = table.next()) {
        for (int i : List.copyOf(open.keySet())) {
          String value = row.value(i);
          Object number = ColumnType.NUMBER.parse(value);
          String other =
              number == null
                  ? null
                  : Objects.requireNonNull(open.get(i)).putIfAbsent(number, value);
          if (other != null && !other.equals(value)) {
            String column = columns.get(i);
            findings.note(
                row.line(),
                column
                    + " is \""
                    + value
                    + "\", the same number as \""
                    + other
                    + "\" before it; the texts are kept as "
                    + column
                    + Catalogue.TEXT_SUFFIX);
            spelled.add(column);
            open.remove(i);
          }
        }
      }
    }
    return spelled;
  }

  /** Makes a row a product, or reports what is wrong with it and returns false. */
  private boolean accepts(
      CsvRow row, Pictures wanted, BiConsumer<Product, List<ImageSource>> sink) {
    String id = row.value(columns.indexOf("id"));
    if (id.isEmpty()) {
      findings.skip(row.line(), "the id is empty");
      return false;
    }
    String problem = Charsets.problem(id);
    if (problem != null) {
      findings.skip(row.line(), "the id " + problem);
      return false;
    }
    // Of two ids that nobody can tell apart, one would be sold under the other's name.
    String seen = Normalizer.normalize(id, Normalizer.Form.NFC);
    Long first = lineOfId.get(seen);
    if (first != null) {
      findings.skip(row.line(), "the id " + id + " is already on line " + first);
      return false;
    }
    List<ImageSource> pictures =
        wanted == Pictures.IGNORED ? List.of() : pictures(row, id, wanted == Pictures.OPTIONAL);
    if (pictures == null) {
      return false;
    }
    var attributes = new HashMap<String, Object>();
    for (int i = 0; i < columns.size(); i++) {
      ColumnType type = types.get(i);
      String value = row.value(i);
      boolean missing = type != ColumnType.TEXT && ColumnType.isMissing(value);
      if (type == null || value.isEmpty() || missing) {
        continue;
      }
      Object attribute = type.parse(value);
      if (attribute == null) {
        throw new DatasetException(file, row.line(), CHANGED);
      }
      attributes.put(columns.get(i), attribute);
      if (spelled.contains(columns.get(i))) {
        attributes.put(columns.get(i) + Catalogue.TEXT_SUFFIX, value);
      }
    }
    lineOfId.put(seen, row.line());
    sink.accept(new Product(id, Attributes.of(attributes)), pictures);
    return true;
  }

  /**
   * The pictures of a row that are there; null, and reported, if none is. But a row that names none
   * may have none, if that is wanted.
   */
  private @Nullable List<ImageSource> pictures(CsvRow row, String id, boolean orNone) {
    var pictures = new ArrayList<ImageSource>(1);
    var problems = new ArrayList<Problem>();
    for (String image : images(row)) {
      Path picture = ImagePath.find(file, image);
      if (picture != null) {
        pictures.add(ImageSource.of(picture));
      } else {
        String reason = "the product " + id + " has the image " + ImagePath.problem(file, image);
        problems.add(new Problem(file, row.line(), reason));
      }
    }
    if (pictures.size() > ProductImage.MOST_IMAGES) {
      findings.skip(
          row.line(),
          "the product "
              + id
              + " has "
              + pictures.size()
              + " images, expected at most "
              + ProductImage.MOST_IMAGES);
      return null;
    }
    if (!pictures.isEmpty()) {
      problems.forEach(findings::leaveOut);
      return pictures;
    }
    String none = "the product " + id + " has no image";
    if (problems.isEmpty() && orNone) {
      findings.leaveOut(new Problem(file, row.line(), none + ", so that it is read without looks"));
      return pictures;
    }
    findings.skip(problems.isEmpty() ? new Problem(file, row.line(), none) : problems.get(0));
    return null;
  }

  /** What a row's columns of pictures name, in the order of their numbers. */
  private List<String> images(CsvRow row) {
    var images = new ArrayList<String>(1);
    for (int i : imageColumns) {
      String value = row.value(i);
      if (value.indexOf('|') < 0 || ImagePath.find(file, value) != null) {
        images.add(value);
      } else {
        images.addAll(Arrays.asList(value.split("\\|")));
      }
    }
    return images.stream().map(String::strip).filter(image -> !image.isEmpty()).toList();
  }
}
