package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Product;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OneCallTest {

  @Test
  void aPageOfWhatIsInStockAndNotInTheBasket() {
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(BruteForceIndex.factory())
            .variantsBy("design", VariantPolicy.KEEP)
            .build()) {
      for (int i = 0; i < 9; i++) {
        shop.add(
            Product.of("p" + i)
                .with("design", "d" + i / 2)
                .with("stock", i % 4)
                .with("price", i == 7 ? 50 : 30),
            new float[] {10, i});
      }
      // p4 and p8 are out of stock, p7 is dear, p1 is in the basket, p3 is behind p2.
      assertThat(OneCall.beside(shop, "p0", Set.of("p1")).ids()).containsExactly("p2", "p5", "p6");
    }
  }
}
