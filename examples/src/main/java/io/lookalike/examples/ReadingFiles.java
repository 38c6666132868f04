package io.lookalike.examples;

import io.lookalike.AddReport;
import io.lookalike.ProductImage;
import io.lookalike.ProgressListener;
import io.lookalike.Recommender;
import io.lookalike.datasets.Catalogue;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.datasets.ReadReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
}
