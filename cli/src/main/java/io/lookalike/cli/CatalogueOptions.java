package io.lookalike.cli;

import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.HmDataset;
import io.lookalike.features.FeatureExtractor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The photos and the network, for the commands that look at photos. */
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class CatalogueOptions {

  @Parameters(
      paramLabel = "PHOTOS|CSV",
      description = {
        "A folder of photos: the file's name is the product's id, the sub-folder its category.",
        "Or a CSV file: columns id and image (a path beside the file), further ones are attributes."
      })
  private Path path;

  @Option(
      names = "--format",
      defaultValue = "auto",
      paramLabel = "NAME",
      description =
          "auto: as above. hm: H&M's files as Kaggle hands them out, the folder that holds"
              + " articles.csv and images. Default: ${DEFAULT-VALUE}.")
  private CatalogueFormat format;

  @Option(
      names = "--text",
      split = ",",
      paramLabel = "COLUMN",
      description =
          "Columns of the CSV file to read as text whatever they hold, such as style codes, of which"
              + " 12.1 and 12.10 are two. May be repeated.")
  private List<String> texts = List.of();

  @Mixin private ExtractorOptions extractor;

  @Option(
      names = "--strict",
      description =
          "Whatever would be reported and skipped is an error instead; nothing is written, but for"
              + " the photos that index has put into its store by then.")
  private boolean strict;

  Path path() {
    return path;
  }

  /** The files that were named. */
  Inputs inputs() {
    return extractor
        .inputs()
        .file(format == CatalogueFormat.HM ? path.resolve("articles.csv") : null)
        .file(path);
  }

  boolean strict() {
    return strict;
  }

  FeatureExtractor extractor() {
    return extractor.open();
  }

  /** Which network was named. */
  ExtractorOptions extractorOptions() {
    return extractor;
  }

  CatalogueFormat format() {
    return format;
  }

  /** Reads which products there are that have photos. */
  List<ProductImage> read(Console console) throws IOException {
    return format == CatalogueFormat.HM
        ? hm(console).items()
        : CataloguePath.read(path, strict, texts, console);
  }

  /**
   * Reads which products there are, with photos and without.
   *
   * @param several whether numbered files of a folder are photos of one product
   */
  CatalogueRead readAll(boolean several, Console console) throws IOException {
    if (format != CatalogueFormat.HM) {
      return CataloguePath.readAll(path, strict, several, texts, console);
    }
    HmCatalogue articles = hm(console);
    var all = new ArrayList<CatalogueItem>(articles.items());
    articles.withoutPicture().forEach(product -> all.add(CatalogueItem.of(product)));
    return new CatalogueRead(all, articles.report().skipped());
  }

  private HmCatalogue hm(Console console) throws IOException {
    if (!texts.isEmpty()) {
      throw new UserErrorException("--text goes without --format hm, whose columns are all text");
    }
    HmDataset files = HmCatalogue.at(path);
    HmCatalogue articles = HmCatalogue.read(strict ? files.strict() : files);
    articles.report(console);
    return articles;
  }

  /** A row cannot be used, as is found out before the work. */
  void unusable(String reason, Console console) {
    if (strict) {
      throw new UserErrorException(reason);
    }
    console.warn(reason);
  }

  /** A photo could not be read, as is found out at work. */
  void unreadable(String reason, Console console) {
    if (strict) {
      throw new UncheckedIOException(new IOException(reason));
    }
    console.warn(reason);
  }

  UserErrorException nothingReadable(int photos) {
    return new UserErrorException(
        "no photo of " + path + " could be read (" + photos + " tried); nothing was written");
  }
}
