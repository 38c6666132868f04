package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaveAndRestartTest {

  @Test
  void pagesAreTheSameAfterARestart(@TempDir Path folder) throws Exception {
    Path store = folder.resolve("shop");
    Recommender first = SaveAndRestart.start(new ColourHistogram(), store);
    for (String id : List.of("100335", "100361", "100371")) {
      first.add(
          Product.of(id).with("stock", 4),
          ImageSource.of(Path.of("examples/demo/photos", id + ".jpg")));
    }
    first.recordPurchase("100371", Instant.EPOCH);
    List<Recommendation> page = first.similarTo("100335", 10);
    SaveAndRestart.stop(first);

    Recommender second = SaveAndRestart.start(new ColourHistogram(), store);

    assertThat(page).extracting(Recommendation::id).containsExactly("100371");
    assertThat(second.similarTo("100335", 10)).isEqualTo(page);
    assertThat(second.size()).isEqualTo(3);
    SaveAndRestart.stop(second);
  }

  @Test
  void whatIsNotSavedAtTheEndIsThereAllTheSame(@TempDir Path store) {
    try (Recommender shop = SaveAndRestart.start(new ColourHistogram(), store)) {
      shop.add(Product.of("new"));
    }
    try (Recommender opened = SaveAndRestart.start(new ColourHistogram(), store)) {
      assertThat(opened.product("new")).isPresent();
    }
  }
}
