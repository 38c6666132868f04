package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeveralThreadsTest {

  @Test
  void everyPageIsFullWhateverTheWriterDoes() throws Exception {
    try (Recommender shop =
        Recommender.builder().dimension(2).index(BruteForceIndex.factory()).build()) {
      shop.add(Product.of("window"), new float[] {1, 0});
      for (int i = 0; i < 5; i++) {
        shop.add(Product.of("old-" + i), new float[] {1, i});
      }

      List<List<Recommendation>> pages = SeveralThreads.run(shop, 3, 2_000);

      assertThat(pages)
          .hasSizeGreaterThanOrEqualTo(3)
          .allSatisfy(
              page ->
                  assertThat(page)
                      .hasSize(5)
                      .isSortedAccordingTo(Recommendation.BEST_FIRST)
                      .extracting(Recommendation::id)
                      .doesNotContain("window")
                      .doesNotHaveDuplicates());
      assertThat(shop.size()).isEqualTo(6 + 1_000);
      assertThat(shop.purchases().total()).isEqualTo(2_000);
    }
  }
}
