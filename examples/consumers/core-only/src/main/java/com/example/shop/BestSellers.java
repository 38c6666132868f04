package com.example.shop;

import io.lookalike.Candidate;
import io.lookalike.PopularityReranker;
import io.lookalike.Purchase;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommendation;
import io.lookalike.catalog.Product;
import io.lookalike.math.UnitVector;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Ranks a shop's own vectors by sales: all that core can do without an index or a network. */
public final class BestSellers {

  private final PurchaseLog purchases = new PurchaseLog();

  /** Creates a shop that has sold nothing yet. */
  public BestSellers() {}

  /**
   * Notes a sale.
   *
   * @param productId what was sold
   */
  public void sold(String productId) {
    purchases.record(Purchase.of(productId, Instant.EPOCH));
  }

  /**
   * Ranks products that were sold, most purchased first.
   *
   * @param query the consulted product's vector
   * @param shelf vectors by product id
   * @return the ranking
   */
  public List<Recommendation> rank(float[] query, Map<String, float[]> shelf) {
    UnitVector consulted = UnitVector.of(query);
    List<Candidate> candidates =
        shelf.entrySet().stream()
            .map(
                item ->
                    new Candidate(
                        Product.of(item.getKey()),
                        consulted.cosine(UnitVector.of(item.getValue())),
                        purchases.count(item.getKey())))
            .toList();
    return PopularityReranker.byPurchases().rerank(candidates, purchases);
  }
}
