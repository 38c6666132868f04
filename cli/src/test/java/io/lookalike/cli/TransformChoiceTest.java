package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransformChoiceTest {

  /** Those that only the library can choose serve a store as they are. */
  @Test
  void aStoreIsAskedWhateverRuleItHas() {
    StorePlace store = StorePlace.of("shop");
    for (FeatureTransform.Rule rule :
        List.of(
            CatalogueTransform.pca(64),
            CatalogueTransform.pca(256),
            CatalogueTransform.whitening(256, .25),
            CatalogueTransform.whitening(512, .5),
            CatalogueTransform.whitening(512, .05),
            CatalogueTransform.byDesigns("style"),
            FeatureTransform.Rule.NONE)) {
      FeatureTransform.Rule told = TransformChoice.rule(store, rule.name(), name -> false);
      assertThat(told.name()).isEqualTo(rule.name());
      assertThat(TransformChoice.reading(store, rule.name()).name()).isEqualTo(rule.name());
    }
    for (String only : List.of("pairs", "whitening-9-1.0E-4")) {
      assertThat(TransformChoice.reading(store, only).reads(only)).isTrue();
      assertThatThrownBy(() -> TransformChoice.rule(store, only, name -> false))
          .hasMessageEndingWith("or index again with --transform");
    }
    assertThatThrownBy(() -> TransformChoice.reading(store, "strange"))
        .isInstanceOf(UserErrorException.class);
  }

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
