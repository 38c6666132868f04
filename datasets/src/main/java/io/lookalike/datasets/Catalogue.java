package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A catalogue in files: products and where their pictures are. Pictures are not opened here.
 *
 * <pre>{@code
 * var items = new ArrayList<ProductImage>();
 * ReadReport report = Catalogue.of(Path.of("shop/products.csv")).read(items::add);
 * report.problems().forEach(System.err::println);
 * }</pre>
 *
 * <p>{@linkplain #photos A folder of photos}: every file that ends with {@code .jpg}, {@code
 * .jpeg}, {@code .png}, {@code .webp}, {@code .gif} or {@code .bmp}, in small letters or capitals,
 * is a product. Its id is the file's name without that ending; the folders between, joined by
 * {@code /}, are its text attribute {@code category}. Files and folders whose names begin with a
 * dot do not count; any other file is reported. The order is that of the paths. With {@link
 * #severalPhotos}, files of one folder whose names differ in a number at their end alone, such as
 * {@code shirt_1.jpg} and {@code shirt_2.jpg}, are the photos of one product, {@code shirt}.
 *
 * <p>{@linkplain #csv A CSV file}: UTF-8, commas, a header with the columns {@code id} and {@code
 * image}. The image is a path, relative to the file's own folder, or several with {@code |} between
 * them; more are in columns {@code image2}, {@code image3} and so on, if there are such. Every
 * further column is an attribute: a number, a truth value, an instant or a text, whichever all its
 * values are, but {@link #text} makes it text. An empty value is no attribute, nor is one such as
 * {@code NULL} or {@code NaN} in a column that is not text. Where a column of numbers has one of
 * them in two ways ({@code 12.1} and {@code 12.10}), the texts are kept too, as the attribute with
 * {@value #TEXT_SUFFIX} at its name's end. The file is read twice or, to find those, thrice.
 *
 * <p>What cannot be used is reported and the rest is read: rows that are malformed or have too few
 * or too many values, ids met before, pictures that are not there. Instances are immutable and safe
 * for use by several threads.
 */
public final class Catalogue {

  /** What is added to a column's name where its texts are kept beside the numbers that they are. */
  public static final String TEXT_SUFFIX = ".text";

  private final Path path;
  private final boolean folder;
  private final boolean strict;
  private final ProgressListener listener;
  private final Set<String> texts;
  private final boolean several;

  private Catalogue(
      Path path,
      boolean folder,
      boolean strict,
      ProgressListener listener,
      Set<String> texts,
      boolean several) {
    this.several = several;
    this.path = Objects.requireNonNull(path, "path");
    this.folder = folder;
    this.strict = strict;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.texts = texts;
  }

  /**
   * The catalogue in a folder of photos or in a CSV file, whichever is there.
   *
   * @param path a folder or a file
   * @return the catalogue; nothing is read yet
   */
  public static Catalogue of(Path path) {
    return Files.isDirectory(path) ? photos(path) : csv(path);
  }

  /**
   * The catalogue in a folder of photos.
   *
   * @param folder the folder
   * @return the catalogue; nothing is read yet
   */
  public static Catalogue photos(Path folder) {
    return new Catalogue(folder, true, false, ProgressListener.NONE, Set.of(), false);
  }

  /**
   * The catalogue in a CSV file.
   *
   * @param file the file
   * @return the catalogue; nothing is read yet
   */
  public static Catalogue csv(Path file) {
    return new Catalogue(file, false, false, ProgressListener.NONE, Set.of(), false);
  }

  /**
   * A copy whose reading fails at the first thing that would be skipped.
   *
   * @return the strict catalogue
   */
  public Catalogue strict() {
    return new Catalogue(path, folder, true, listener, texts, several);
  }

  /**
   * A copy that takes files of a folder as photos of one product where their names are its id, an
   * underscore or a hyphen, and a number of up to three digits; the file that is named by the id
   * alone is the first. A CSV file tells by itself.
   *
   * @return the catalogue
   */
  public Catalogue severalPhotos() {
    return new Catalogue(path, folder, strict, listener, texts, true);
  }

  /**
   * A copy that reads these columns of a CSV file as text, whatever they hold: style codes and
   * barcodes, of which 12.1 and 12.10 are two.
   *
   * @param columns their names; they take the place of those named before
   * @return the catalogue; its reading fails if there is no such column, or no table
   */
  public Catalogue text(String... columns) {
    return new Catalogue(
        path, folder, strict, listener, Set.copyOf(Arrays.asList(columns)), several);
  }

  /**
   * A copy whose reading reports progress, in rows or files.
   *
   * @param listener told after each
   * @return the catalogue
   */
  public Catalogue progress(ProgressListener listener) {
    return new Catalogue(path, folder, strict, listener, texts, several);
  }

  /**
   * Reads the catalogue.
   *
   * @param sink receives each product, in order, on the calling thread; what it throws ends the
   *     reading
   * @return what was read, and what was not and why
   * @throws DatasetException if there is no such file or folder; if the file's header lacks a
   *     column, one to be read as {@linkplain #text text} among them, names one twice or cannot be
   *     read; and, if {@linkplain #strict() strict}, at the first thing that would be skipped
   * @throws IOException if reading fails
   */
  public ReadReport read(Consumer<? super ProductImage> sink) throws IOException {
    Objects.requireNonNull(sink, "sink");
    var findings = new Findings(path, strict);
    if (isTable()) {
      ProductsCsv.read(path, texts, findings, listener, sink);
    } else {
      PhotoFolder.read(path, several, findings, listener, sink);
    }
    return findings.report();
  }

  /**
   * Reads the catalogue, products without a picture among them: those of which a CSV file names
   * none. Where a picture is named that is not there, the row is skipped.
   *
   * @param sink receives each product, in order, on the calling thread: a {@link ProductImage}, or
   *     a {@link CatalogueItem.NoLooks}; what it throws ends the reading
   * @return what was read, and what was not and why; products without a picture are read, and told
   *     among the problems
   * @throws DatasetException as {@link #read}; if strict, at a product without a picture too
   * @throws IOException if reading fails
   */
  public ReadReport readItems(Consumer<? super CatalogueItem> sink) throws IOException {
    Objects.requireNonNull(sink, "sink");
    if (!isTable()) {
      return read(sink);
    }
    var findings = new Findings(path, strict);
    ProductsCsv.readItems(path, texts, findings, listener, sink);
    return findings.report();
  }

  /**
   * Reads the products alone, for who asks for their attributes: a CSV file needs no column {@code
   * image}, and pictures need not be there.
   *
   * @param sink receives each product, as {@link #read} has it
   * @return what was read, and what was not and why
   * @throws DatasetException as {@link #read}
   * @throws IOException if reading fails
   */
  public ReadReport readProducts(Consumer<? super Product> sink) throws IOException {
    Objects.requireNonNull(sink, "sink");
    if (!isTable()) {
      return read(item -> sink.accept(item.product()));
    }
    var findings = new Findings(path, strict);
    ProductsCsv.readProducts(path, texts, findings, listener, sink);
    return findings.report();
  }

  /** Whether this is a CSV file, and no folder of photos. */
  private boolean isTable() {
    if (folder && !texts.isEmpty()) {
      throw new DatasetException(
          path,
          0,
          "is a folder of photos, without a column "
              + String.join(" or ", texts)
              + " to read as text");
    }
    if (!folder && Files.isRegularFile(path) && PhotoFolder.isPicture(path)) {
      throw new DatasetException(path, 0, "is a picture; name its folder, or a CSV file");
    }
    return !folder;
  }
}
