package io.lookalike.examples;

import io.lookalike.RecommendationPage;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.catalog.Filter;

/** A product's page, which shows only what can be bought. */
public final class ProductPage {

  private ProductPage() {}

  /**
   * Takes a piece out of stock, and shows what is left beside a product.
   *
   * @param shop whose products have a {@code stock}
   * @param sold of which a piece was sold
   * @param productId whose page it is
   * @return at most 12 others in stock
   */
  public static RecommendationPage afterSale(Recommender shop, String sold, String productId) {
    // snippet: product page
    shop.update(sold, a -> a.with("stock", a.wholeNumber("stock").orElse(0) - 1)); // counts at once
    RecommendationPage page =
        shop.recommend(
            RecommendationRequest.like(productId).k(12).where(Filter.greaterThan("stock", 0)));
    // end
    return page;
  }
}
