package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.Catalogue;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class FittedTransformTest {

  @Test
  void theTransformIsFittedToTheWholeCatalogue() throws IOException {
    var items = new ArrayList<ProductImage>();
    Catalogue.of(Path.of("examples/demo/products.csv")).read(items::add);

    try (Recommender shop =
        FittedTransform.of(new ColourHistogram(), BruteForceIndex.factory(), items)) {
      assertThat(shop.transform().description()).contains("fitted on 300 products");
      assertThat(shop.similarTo("100561", 10)).hasSize(10);
    }
  }
}
