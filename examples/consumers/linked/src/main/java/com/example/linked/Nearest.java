package com.example.linked;

import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.math.VectorMath;
import java.util.List;

/** Asks both indexes for what is near, through a transform that computes eigenvectors. */
public final class Nearest {

  private static final int OTHERS = 100;

  private Nearest() {}

  /**
   * Prints the nearest product by each index and the arithmetic in use.
   *
   * @param args none
   */
  public static void main(String[] args) {
    for (IndexFactory index : List.of(BruteForceIndex.factory(), HnswIndex.factory())) {
      try (Recommender shop =
          Recommender.builder()
              .dimension(3)
              .index(index)
              .transform(CatalogueTransform.pca(2))
              .build()) {
        shop.add(Product.of("coat"), new float[] {1, 0, .1f});
        shop.add(Product.of("jacket"), new float[] {1, .1f, 0});
        for (int i = 0; i < OTHERS; i++) {
          shop.add(Product.of("sock " + i), new float[] {0, 1, i * .01f});
        }
        System.out.println(shop.refit().description());
        System.out.println(shop.similarTo("coat", 1).get(0).id());
      }
    }
    System.out.println(VectorMath.active().name());
  }
}
