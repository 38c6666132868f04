package com.example.shop;

import io.lookalike.PopularityReranker;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.index.hnsw.HnswIndex;
import java.nio.file.Path;

/** Which of some photos look like the first. */
public final class SimilarPhotos {

  private SimilarPhotos() {}

  public static void main(String[] photos) {
    try (Recommender shop =
        Recommender.builder()
            .extractor(EfficientNetLite.builtIn())
            .index(HnswIndex.factory())
            .reranker(PopularityReranker.balanced())
            .build()) {
      for (String photo : photos) {
        shop.add(Product.of(photo), ImageSource.of(Path.of(photo)));
      }
      for (Recommendation similar : shop.similarTo(photos[0], photos.length)) {
        System.out.println(similar.id());
      }
    }
  }
}
