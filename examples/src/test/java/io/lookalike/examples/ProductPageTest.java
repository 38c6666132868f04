package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.index.hnsw.HnswIndex;
import org.junit.jupiter.api.Test;

class ProductPageTest {

  @Test
  void whatIsSoldOutIsGoneFromTheNextPage() {
    try (Recommender shop = Recommender.builder().dimension(2).index(HnswIndex.factory()).build()) {
      for (int i = 0; i < 40; i++) {
        shop.add(Product.of("p" + i).with("stock", i % 3), new float[] {100, i});
      }
      // p2 had two pieces, p3 none, p1 one.
      assertThat(ProductPage.afterSale(shop, "p2", "p0").ids())
          .hasSize(12)
          .startsWith("p1", "p2", "p4");
      assertThat(ProductPage.afterSale(shop, "p1", "p0").ids())
          .hasSize(12)
          .startsWith("p2", "p4", "p5");
    }
  }
}
