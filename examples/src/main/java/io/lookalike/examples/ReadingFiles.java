package io.lookalike.examples;

import io.lookalike.AddReport;
import io.lookalike.ProgressListener;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.Catalogue;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.datasets.ReadReport;
import io.lookalike.datasets.vectors.RowIds;
import io.lookalike.datasets.vectors.VectorFile;
import io.lookalike.datasets.vectors.Vectors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A catalogue and its purchases, from files into a recommender. */
public final class ReadingFiles {

  private ReadingFiles() {}

  /**
   * Adds the products of a folder of photos or of a CSV file.
   *
   * @param shop where to
   * @param folder the folder, or the file
   * @return what was added
   * @throws IOException if reading fails
   */
  public static AddReport addProducts(Recommender shop, Path folder) throws IOException {
    // snippet: reading a catalogue
    var items = new ArrayList<ProductImage>();
    ReadReport report = Catalogue.of(folder).read(items::add);
    AddReport added = shop.addAll(items, ProgressListener.NONE);
    // end
    report.problems().forEach(System.err::println);
    return added;
  }

  /**
   * Adds the purchases of a CSV file.
   *
   * @param shop where to
   * @param file the file
   * @return what was read
   * @throws IOException if reading fails
   */
  public static ReadReport addPurchases(Recommender shop, Path file) throws IOException {
    // snippet: reading purchases
    ReadReport report =
        PurchasesCsv.of(file)
            .products(id -> shop.product(id).isPresent())
            .keepUnknown()
            .read((purchase, customer) -> shop.recordPurchases(List.of(purchase)));
    // end
    return report;
  }

  /**
   * Adds H&amp;M's articles and what was sold of them before a day.
   *
   * @param shop where to
   * @param folder the folder that holds {@code articles.csv}
   * @param cut the first day whose sales are not known yet
   * @return what was added
   * @throws IOException if reading fails
   */
  public static AddReport addHmFiles(Recommender shop, Path folder, LocalDate cut)
      throws IOException {
    // snippet: reading H&M's files
    HmDataset hm = HmDataset.in(folder);
    var items = new ArrayList<ProductImage>();
    hm.readArticles(items::add);
    AddReport added = shop.addAll(items, ProgressListener.NONE);
    hm.readTransactions((article, daily) -> shop.purchases().record(article, daily.headMap(cut)));
    // end
    return added;
  }

  /**
   * Adds products with features that have been computed before.
   *
   * @param shop where to
   * @param npy the features; the ids are in the file of ids beside it
   * @throws IOException if reading fails
   */
  public static void addFeatures(Recommender shop, Path npy) throws IOException {
    // snippet: reading vectors
    try (Vectors features = VectorFile.of(npy).vectors()) {
      List<String> ids = RowIds.read(npy, features.size());
      Iterable<ProductFeatures> items = // each row is read when it is its turn
          () ->
              IntStream.range(0, ids.size())
                  .mapToObj(i -> new ProductFeatures(Product.of(ids.get(i)), features.row(i)))
                  .iterator();
      shop.addAll(items);
    }
    // end
  }
}
