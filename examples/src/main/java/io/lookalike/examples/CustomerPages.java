package io.lookalike.examples;

import io.lookalike.Combination;
import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.Example;
import io.lookalike.RecommendationPage;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.ImageSource;
import java.time.Instant;
import java.util.List;

/** Pages that heed what a customer likes and does not like. */
public final class CustomerPages {

  private CustomerPages() {}

  /**
   * What looks like a product and a photo, but not like another product.
   *
   * @param shop any shop with an extractor
   * @param liked a product
   * @param photo a picture that counts twice as much
   * @param disliked a product
   * @return the page
   */
  public static RecommendationPage between(
      Recommender shop, String liked, ImageSource photo, String disliked) {
    // snippet: examples
    return shop.recommend(
        RecommendationRequest.like(liked)
            .alsoLike(Example.image(photo).weighing(2))
            .notLike(disliked)
            .combining(Combination.BEST));
    // end
  }

  /**
   * A customer opens a product's page.
   *
   * @param shop a shop built with {@code sessions}
   * @param account whose session it is
   * @param productId what they look at
   * @return what the page shows beside the product, and what the start page would show him
   */
  public static List<RecommendationPage> opened(
      Recommender shop, String account, String productId) {
    // snippet: session
    Customer customer = Customer.of(account);
    shop.record(new Event(customer, Event.Kind.VIEWED, productId, Instant.now()));
    RecommendationPage beside =
        shop.recommend(RecommendationRequest.like(productId).inSessionOf(customer));
    RecommendationPage start = shop.recommend(RecommendationRequest.forCustomer(customer));
    // end
    return List.of(beside, start);
  }

  /**
   * One filter, three times.
   *
   * @return the same filter from values, text and JSON
   */
  public static List<Filter> filters() {
    // snippet: filters
    Filter built = Filter.and(Filter.equal("category", "dress"), Filter.lessThan("price", 40));
    Filter read = Filter.parse("category = dress and price < 40");
    Filter received = Filter.parseJson(Filter.toJson(built));
    // end
    return List.of(built, read, received);
  }
}
