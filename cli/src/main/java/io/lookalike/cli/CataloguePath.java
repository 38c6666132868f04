package io.lookalike.cli;

import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.Catalogue;
import io.lookalike.datasets.Problem;
import io.lookalike.datasets.ReadReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a command is pointed at to get products with pictures: PHOTOS or CSV. */
final class CataloguePath {

  private CataloguePath() {}

  /**
   * Reads which products there are that have photos, and reports what is wrong with the rows or
   * files.
   *
   * @param strict whether anything wrong is an error
   * @param texts columns of a CSV file that are text whatever they hold
   * @return at least one product
   */
  static List<ProductImage> read(Path path, boolean strict, List<String> texts, Console console)
      throws IOException {
    var items = new ArrayList<ProductImage>();
    report(catalogue(path, strict, texts).read(items::add), console);
    checkPictured(path, !items.isEmpty());
    return items;
  }

  /**
   * Reads which products there are, with photos and without.
   *
   * @param several whether numbered files of a folder are photos of one product
   */
  static CatalogueRead readAll(
      Path path, boolean strict, boolean several, List<String> texts, Console console)
      throws IOException {
    Catalogue catalogue = catalogue(path, strict, texts);
    var items = new ArrayList<CatalogueItem>();
    ReadReport report = (several ? catalogue.severalPhotos() : catalogue).readItems(items::add);
    report(report, console);
    checkPictured(path, items.stream().anyMatch(ProductImage.class::isInstance));
    return new CatalogueRead(items, report.skipped());
  }

  private static Catalogue catalogue(Path path, boolean strict, List<String> texts) {
    if (!Files.exists(path)) {
      throw new UserErrorException(
          "there is no file or folder "
              + path
              + "; name a folder of photos or a CSV file with the columns id and"
              + " image");
    }
    Catalogue catalogue = Catalogue.of(path).text(texts.toArray(String[]::new));
    return strict ? catalogue.strict() : catalogue;
  }

  private static void checkPictured(Path path, boolean pictured) {
    if (!pictured) {
      throw new UserErrorException(
          path
              + (Files.isDirectory(path)
                  ? " holds no photos; name a folder with .jpg, .png, .webp, .gif or .bmp files"
                  : " lists no product whose picture is there"));
    }
  }

  /** Reports what was wrong with the rows or files that were read, a line for each problem. */
  static void report(ReadReport report, Console console) {
    for (Problem problem : report.problems()) {
      console.warn(problem.toString());
    }
    if (report.problems().size() == ReadReport.MAX_PROBLEMS) {
      console.warn(
          "only the first "
              + ReadReport.MAX_PROBLEMS
              + " problems are shown; skipped in all: "
              + report.skipped());
    }
  }
}
