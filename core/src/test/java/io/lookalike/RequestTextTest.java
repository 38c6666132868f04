package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Filter;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a request says of itself, and of a null. */
class RequestTextTest {

  @Test
  void aRequestIsReadable() {
    RecommendationRequest request =
        RecommendationRequest.like(Example.features(new float[] {1, 2, 3}))
            .diversity(Diversity.mmr(.5).atMost("brand", 2))
            .merchandising(Merchandising.none().pin("a").boost(Filter.equal("new", true), 1.5));

    assertThat(request.toString())
        .contains("3 features")
        .contains("diversity=Diversity[relevance=0.5, atMost={brand=2}]")
        .contains("merchandising=Merchandising[pins=[a], new = true x 1.5]")
        .doesNotContain("@");
  }

  @Test
  void aNullIsNamed() {
    RecommendationRequest request = RecommendationRequest.like("a");
    says("an excluded product's id is null", () -> request.excluding(Arrays.asList("x", null)));
    says("a pinned product's id is null", () -> Merchandising.none().pin("a", null));
    says("a pinned product's id is null", () -> Merchandising.none().pin((String) null));
    says("an attribute of sameAs is null", () -> request.sameAs((String) null));
    says("the attribute of but is null", () -> request.but(null, "x"));
    says("the attribute to limit is null", () -> Diversity.none().atMost(null, 3));
  }

  private static void says(String what, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(NullPointerException.class)
        .hasMessageStartingWith(what + ", expected a ");
  }
}
