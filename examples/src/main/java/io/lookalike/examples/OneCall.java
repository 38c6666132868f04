package io.lookalike.examples;

import io.lookalike.RecommendationPage;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Filter;
import java.util.Set;

/** A page that wants other things than the shop's other pages. */
public final class OneCall {

  private OneCall() {}

  /**
   * What goes beside a product in the shopper's basket.
   *
   * @param shop a shop that knows its variants
   * @param productId what the shopper looks at
   * @param basket what the shopper has chosen already
   * @return at most 12 designs in stock for less than 40
   */
  public static RecommendationPage beside(Recommender shop, String productId, Set<String> basket) {
    // snippet: one-call
    return shop.recommend(
        RecommendationRequest.like(productId)
            .k(12)
            .where(Filter.parse("stock > 0 and price < 40"))
            .excluding(basket)
            .variants(VariantPolicy.COLLAPSE));
    // end
  }
}
