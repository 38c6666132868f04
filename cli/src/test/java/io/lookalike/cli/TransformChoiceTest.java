package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.features.CatalogueTransform;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransformChoiceTest {

  /** Names may have hyphens in them, which also stand between two. */
  @Test
  void aStoresRuleIsToldByTheAttributesThatThereAre() {
    Set<String> attributes = Set.of("style", "style-code", "type", "product-type");
    StorePlace store = StorePlace.of("shop");
    assertThat(TransformChoice.rule(store, "designs-style-code", attributes::contains))
        .isEqualTo(CatalogueTransform.byDesigns("style-code"));
    assertThat(TransformChoice.rule(store, "designs-style-type", attributes::contains))
        .isEqualTo(CatalogueTransform.byDesigns("style", "type"));
    assertThat(TransformChoice.rule(store, "designs-style-code-product-type", attributes::contains))
        .isEqualTo(CatalogueTransform.byDesigns("style-code", "product-type"));
    assertThat(TransformChoice.rule(store, "designs-gone", attributes::contains))
        .isEqualTo(CatalogueTransform.byDesigns("gone"));
  }
}
