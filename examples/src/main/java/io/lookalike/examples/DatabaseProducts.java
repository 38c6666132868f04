package io.lookalike.examples;

import io.lookalike.AddReport;
import io.lookalike.Recommender;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.datasets.vectors.NpyMatrix;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;

/** Products from a database, their embeddings from a file that another program has written. */
public final class DatabaseProducts {

  private DatabaseProducts() {}

  /**
   * Adds all products; neither the table nor the file need fit into memory.
   *
   * @param shop whose dimension is that of the embeddings
   * @param database with a table {@code products}
   * @param file embeddings as NumPy writes them; a product's {@code embedding} is its row
   * @return how many products went in, and which did not and why
   * @throws SQLException if the database cannot be asked
   * @throws IOException if the file cannot be read
   * @throws IllegalStateException if the database fails later; nothing has been added
   */
  public static AddReport addAll(Recommender shop, Connection database, Path file)
      throws SQLException, IOException {
    // snippet: database
    try (NpyMatrix embeddings = NpyMatrix.open(file);
        Statement query = database.createStatement()) {
      query.setFetchSize(1_000); // the table need not fit into memory
      ResultSet rows = query.executeQuery("select id, stock, embedding from products");
      Iterator<CatalogueItem> products =
          Stream.generate(() -> next(rows, embeddings))
              .takeWhile(Optional::isPresent)
              .map(Optional::get)
              .iterator();
      return shop.addAll(() -> products);
    }
    // end
  }

  // snippet: database
  private static Optional<CatalogueItem> next(ResultSet row, NpyMatrix embeddings) {
    try {
      return row.next()
          ? Optional.of(
              new ProductFeatures(
                  Product.of(row.getString("id")).with("stock", row.getInt("stock")),
                  embeddings.row(row.getInt("embedding"))))
          : Optional.empty();
    } catch (SQLException e) {
      throw new IllegalStateException("the products cannot be read", e); // none is added
    }
  }
  // end
}
