package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
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
 * dot do not count; any other file is reported. The order is that of the paths.
 *
 * <p>{@linkplain #csv A CSV file}: UTF-8, commas, a header with the columns {@code id} and {@code
 * image}. The image is a path, relative to the file's own folder. Every further column is an
 * attribute: a number, a truth value, an instant or a text, whichever all its values are; an empty
 * value is no attribute. The file is read twice, the first time to find the types.
 *
 * <p>What cannot be used is reported and the rest is read: rows that are malformed or have too few
 * or too many values, ids met before, pictures that are not there. Instances are immutable and safe
 * for use by several threads.
 */
public final class Catalogue {

  private final Path path;
  private final boolean folder;
  private final boolean strict;
  private final ProgressListener listener;

  private Catalogue(Path path, boolean folder, boolean strict, ProgressListener listener) {
    this.path = Objects.requireNonNull(path, "path");
    this.folder = folder;
    this.strict = strict;
    this.listener = Objects.requireNonNull(listener, "listener");
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
    return new Catalogue(folder, true, false, ProgressListener.NONE);
  }

  /**
   * The catalogue in a CSV file.
   *
   * @param file the file
   * @return the catalogue; nothing is read yet
   */
  public static Catalogue csv(Path file) {
    return new Catalogue(file, false, false, ProgressListener.NONE);
  }

  /**
   * A copy whose reading fails at the first thing that would be skipped.
   *
   * @return the strict catalogue
   */
  public Catalogue strict() {
    return new Catalogue(path, folder, true, listener);
  }

  /**
   * A copy whose reading reports progress, in rows or files.
   *
   * @param listener told after each
   * @return the catalogue
   */
  public Catalogue progress(ProgressListener listener) {
    return new Catalogue(path, folder, strict, listener);
  }

  /**
   * Reads the catalogue.
   *
   * @param sink receives each product, in order, on the calling thread; what it throws ends the
   *     reading
   * @return what was read, and what was not and why
   * @throws DatasetException if there is no such file or folder; if the file's header lacks a
   *     column, names one twice or cannot be read; and, if {@linkplain #strict() strict}, at the
   *     first thing that would be skipped
   * @throws IOException if reading fails
   */
  public ReadReport read(Consumer<? super ProductImage> sink) throws IOException {
    Objects.requireNonNull(sink, "sink");
    var findings = new Findings(path, strict);
    if (folder) {
      PhotoFolder.read(path, findings, listener, sink);
    } else if (Files.isRegularFile(path) && PhotoFolder.isPicture(path)) {
      throw new DatasetException(path, 0, "is a picture; name its folder, or a CSV file");
    } else {
      ProductsCsv.read(path, findings, listener, sink);
    }
    return findings.report();
  }
}
