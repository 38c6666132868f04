package io.lookalike.examples;

// snippet: quick start
import io.lookalike.*;
import io.lookalike.catalog.*;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.index.hnsw.HnswIndex;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

// end

/** From photos and a purchase to a page, as README.md shows it. Run it where README.md is. */
public final class QuickStart {

  private QuickStart() {}

  /**
   * Adds four photos and a purchase, and prints what looks like the first and sells.
   *
   * @param args not used
   */
  public static void main(String[] args) {
    // snippet: quick start
    try (Recommender shop =
        Recommender.builder()
            .extractor(EfficientNetLite.builtIn())
            .index(HnswIndex.factory())
            .reranker(PopularityReranker.byPurchases())
            .build()) {
      for (String id : List.of("100335", "100361", "100371", "100936")) {
        Path photo = Path.of("examples/demo/photos", id + ".jpg");
        shop.add(Product.of(id), ImageSource.of(photo));
      }
      shop.recordPurchase("100361", Instant.now());
      shop.similarTo("100335", 10).forEach(System.out::println);
    }
    // end
  }
}
