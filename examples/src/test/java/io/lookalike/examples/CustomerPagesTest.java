package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommendation;
import io.lookalike.RecommendationPage;
import io.lookalike.Recommender;
import io.lookalike.Sessions;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomerPagesTest {

  private static final List<String> IDS = List.of("100335", "100361", "100371", "100936");

  @Test
  void pagesHeedWhatIsLikedAndWhatIsNot() {
    try (Recommender shop =
        Recommender.builder()
            .extractor(new ColourHistogram())
            .index(ListIndex::new)
            .sessions(Sessions.builder().build())
            .build()) {
      for (String id : IDS) {
        shop.add(Product.of(id), photo(id));
      }
      RecommendationPage between =
          CustomerPages.between(shop, IDS.get(0), photo(IDS.get(3)), IDS.get(1));
      assertThat(between.ids()).containsExactlyInAnyOrder(IDS.get(2), IDS.get(3));
      List<RecommendationPage> pages = CustomerPages.opened(shop, "4711", IDS.get(0));
      assertThat(pages).allSatisfy(page -> assertThat(page.ids()).hasSize(3));
      assertThat(pages.get(1).ids())
          .as("like what was viewed, but not that itself")
          .isEqualTo(shop.similarTo(IDS.get(0), 3).stream().map(Recommendation::id).toList());
    }
  }

  private static ImageSource photo(String id) {
    return ImageSource.of(Path.of("examples/demo/photos", id + ".jpg"));
  }

  @Test
  void oneFilterThreeTimes() {
    assertThat(CustomerPages.filters()).hasSize(3).containsOnly(CustomerPages.filters().get(0));
  }
}
