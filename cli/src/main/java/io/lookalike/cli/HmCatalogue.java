package io.lookalike.cli;

import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.Problem;
import io.lookalike.datasets.ReadReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * The articles of H&amp;M's set.
 *
 * @param items those that have a picture, at least one
 * @param withoutPicture the others
 * @param report what is wrong with the rows
 */
record HmCatalogue(List<ProductImage> items, List<Product> withoutPicture, ReadReport report) {

  /** The number of articles without a picture that are named, where there are hundreds. */
  private static final int PROBLEMS_SHOWN = 5;

  /**
   * The set at a path.
   *
   * @param path the folder that holds {@code articles.csv}, or that file itself
   */
  static HmDataset at(Path path) {
    if (!Files.exists(path)) {
      throw new UserErrorException(
          "there is no file or folder " + path + "; name the folder that holds articles.csv");
    }
    return Files.isDirectory(path)
        ? HmDataset.in(path)
        : HmDataset.in(Objects.requireNonNull(path.toAbsolutePath().getParent())).articles(path);
  }

  /** Reads the articles; says nothing yet. */
  static HmCatalogue read(HmDataset files) throws IOException {
    var items = new ArrayList<ProductImage>();
    var withoutPicture = new ArrayList<Product>();
    ReadReport report =
        files.readArticles(
            new HmDataset.ArticleSink() {
              @Override
              public void article(ProductImage item) {
                items.add(item);
              }

              @Override
              public void withoutPicture(Product article) {
                withoutPicture.add(article);
              }
            });
    if (items.isEmpty()) {
      String first =
          report.problems().isEmpty() ? "there are no rows" : report.problems().get(0).reason();
      throw new UserErrorException("no article with a picture was found: " + first);
    }
    return new HmCatalogue(items, withoutPicture, report);
  }

  /** Reports what is wrong with the rows. */
  void report(Console console) {
    report(report, console);
    if (!withoutPicture.isEmpty()) {
      console.note(
          String.format(
              Locale.ROOT,
              "articles with a picture: %,d; without: %,d",
              items.size(),
              withoutPicture.size()));
    }
  }

  /** The ids of all articles, with a picture or without. */
  Set<String> ids() {
    var ids = new HashSet<String>();
    withoutPicture.forEach(product -> ids.add(product.id()));
    items.forEach(item -> ids.add(item.product().id()));
    return ids;
  }

  /** Reads what was sold, and reports what is wrong with the rows. */
  static ReadReport readSales(HmDataset files, Path file, HmDataset.SalesSink sink, Console console)
      throws IOException {
    try (Console.Progress bar = console.progress("purchases", "bytes", file.toFile().length())) {
      ReadReport report = files.transactions(file).progress(bar).readTransactions(sink);
      report(report, console);
      return report;
    }
  }

  static void report(ReadReport report, Console console) {
    List<Problem> problems = report.problems();
    int shown = console.verbose ? problems.size() : Math.min(PROBLEMS_SHOWN, problems.size());
    problems.subList(0, shown).forEach(problem -> console.warn(problem.toString()));
    if (shown < problems.size() || problems.size() == ReadReport.MAX_PROBLEMS) {
      console.warn(
          String.format(
              Locale.ROOT,
              "%s: only the first %d problems are shown; rows skipped in all: %,d%s",
              problems.get(0).file(),
              shown,
              report.skipped(),
              console.verbose ? "" : "; --verbose shows more"));
    }
  }
}
