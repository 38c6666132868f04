package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.datasets.ReadReport;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadingFilesTest {

  @Test
  void theDemosFilesAreCompleteAndBelongTogether() throws IOException {
    try (Recommender shop =
        Recommender.builder().extractor(new ColourHistogram()).index(ListIndex.factory()).build()) {
      assertThat(ReadingFiles.addProducts(shop, Path.of("examples/demo/products.csv")).added())
          .isEqualTo(300);

      ReadReport report = ReadingFiles.addPurchases(shop, Path.of("examples/demo/purchases.csv"));

      assertThat(report.problems()).isEmpty();
      assertThat(report.accepted()).isEqualTo(4_000);
      assertThat(shop.purchases().total()).isEqualTo(4_000);
      assertThat(shop.product("100335").orElseThrow().attributes().asMap())
          .containsEntry("category", "outwear")
          .containsEntry("name", "Pink padded gilet")
          .containsKey("price");
    }
  }
}
