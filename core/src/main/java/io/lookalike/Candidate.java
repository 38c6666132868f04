package io.lookalike;

/**
 * A product near the consulted one, before ranking has had its say.
 *
 * @param product the product with its attributes
 * @param similarity the cosine similarity to what was consulted, from -1 to 1
 * @param sales pieces sold so far
 */
public record Candidate(Product product, float similarity, long sales) {

  /**
   * This candidate as a recommendation.
   *
   * @param score what to order by, higher first
   * @return the recommendation
   */
  public Recommendation scored(double score) {
    return new Recommendation(product.id(), score, similarity, sales, 0);
  }
}
