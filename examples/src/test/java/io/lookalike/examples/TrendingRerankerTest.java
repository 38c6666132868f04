package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Purchase;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrendingRerankerTest {

  @Test
  void lastWeeksSalesCountAndOlderOnesDoNot() {
    var today = LocalDate.of(2025, 6, 15);
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(ListIndex::new)
            .reranker(new TrendingReranker(today))
            .build()) {
      shop.add(Product.of("hit of last year"), new float[] {1, 0});
      shop.add(Product.of("on the rise"), new float[] {1, 1});
      shop.add(Product.of("sold today"), new float[] {2, 1});
      shop.add(Product.of("never sold"), new float[] {0, 1});
      shop.recordPurchases(
          List.of(
              new Purchase("hit of last year", Instant.parse("2024-06-14T12:00:00Z"), 1_000),
              new Purchase("on the rise", Instant.parse("2025-06-08T00:00:00Z"), 2),
              new Purchase("on the rise", Instant.parse("2025-06-14T23:59:59Z"), 1),
              new Purchase("sold today", Instant.parse("2025-06-15T00:00:00Z"), 9)));

      List<Recommendation> page = shop.similarTo(new float[] {1, 0}, 10);

      assertThat(page)
          .extracting(Recommendation::id)
          .containsExactly("on the rise", "hit of last year", "sold today", "never sold");
      assertThat(page.get(0).score()).isEqualTo(3);
    }
  }
}
