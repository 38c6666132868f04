package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lookalike.catalog.Product;
import io.lookalike.features.CatalogueTransform;
import org.junit.jupiter.api.Test;

class LooksEvaluationTest {

  private static ReplayCatalogue five(float third) {
    return ReplayCatalogue.builder()
        .categoryBy("kind")
        .variantsBy("design")
        .add(product("a1", "dress", "a"), new float[] {1, 0})
        .add(product("a2", "dress", "a"), new float[] {1, 0.1f})
        .add(product("b1", "dress", "b"), new float[] {1, third})
        .add(product("b2", "dress", "b"), new float[] {0, 1})
        .add(Product.of("c"), new float[] {0.1f, 1})
        .add(Product.of("without a photo"), null)
        .build();
  }

  private static Product product(String id, String kind, String design) {
    return Product.of(id).with("kind", kind).with("design", design);
  }

  @Test
  void workedByHand() {
    LooksEvaluation evaluation = LooksEvaluation.of(five(0.5f), 1);
    // nearest: a1-a2, a2-a1, b1-a2, b2-c, and c has neither kind nor design
    assertThat(evaluation.sameCategory().value()).isEqualTo(3 / 4.0);
    assertThat(evaluation.variants().value()).isEqualTo(2 / 4.0);
    assertThat(evaluation.overlap(evaluation)).isEqualTo(1);
    // with b1 between b2 and c, the nearest of these three change
    assertThat(evaluation.overlap(LooksEvaluation.of(five(20), 1))).isEqualTo(2 / 5.0);
  }

  @Test
  void whatIsAskedAboutHasNotBeenSeenByTheTransform() {
    LooksEvaluation all = LooksEvaluation.of(Shops.catalogue(400, 1), 10);
    LooksEvaluation half = all.heldOut(1);
    LooksEvaluation whitened = all.transformed(CatalogueTransform.whitening(16, 0.25), 1);
    assertThat(all.sameCategory().value()).isBetween(0.5, 1.0);
    assertThat(half.variants().value()).isBetween(0.5, 1.0);
    assertThat(whitened.overlap(half)).isBetween(0.2, 1.0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> whitened.overlap(all))
        .withMessage("the two look at different products, or at another number of nearest");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LooksEvaluation.of(five(1), 0))
        .withMessage("k is 0, expected 1 or more");
  }
}
