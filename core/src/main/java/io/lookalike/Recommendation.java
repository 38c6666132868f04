package io.lookalike;

import io.lookalike.catalog.Product;
import java.util.Comparator;
import java.util.Objects;

/**
 * A product to show. Immutable.
 *
 * @param product the product as it was when the page was made
 * @param score what the page is ordered by, higher first; its unit is the reranker's
 * @param similarity the cosine similarity to what was consulted, from -1 to 1
 * @param sales pieces sold so far
 * @param variants how many more variants of its design could be shown in its place; 0 unless the
 *     page {@linkplain VariantPolicy#COLLAPSE collapses} them
 * @param photo which of the product's photos is the nearest to what was consulted, from 1
 */
public record Recommendation(
    Product product, double score, float similarity, long sales, int variants, int photo) {

  /** Highest score first; equal scores by similarity, then by ascending id: a total order. */
  public static final Comparator<Recommendation> BEST_FIRST =
      Comparator.comparingDouble((Recommendation r) -> -r.score)
          .thenComparingDouble(r -> -r.similarity)
          .thenComparing(Recommendation::id);

  /**
   * A product of one photo, for one's own tests.
   *
   * @param product the product
   * @param score what the page is ordered by
   * @param similarity the cosine similarity, from -1 to 1
   * @param sales pieces sold so far
   * @param variants how many more variants could be shown
   */
  public Recommendation(Product product, double score, float similarity, long sales, int variants) {
    this(product, score, similarity, sales, variants, 1);
  }

  /** Checks that the product is there. */
  public Recommendation {
    Objects.requireNonNull(product, "product");
    photo = Math.max(1, photo); // what was written as JSON before has none
  }

  /**
   * The product's id.
   *
   * @return that of {@link #product}
   */
  public String id() {
    return product.id();
  }

  Recommendation withScore(double other) {
    return new Recommendation(product, other, similarity, sales, variants, photo);
  }

  Recommendation withVariants(int others) {
    return new Recommendation(product, score, similarity, sales, others, photo);
  }

  /** Returns the product's id and the numbers. */
  @Override
  public String toString() {
    return "Recommendation[id="
        + id()
        + ", score="
        + score
        + ", similarity="
        + similarity
        + ", sales="
        + sales
        + ", variants="
        + variants
        + "]";
  }
}
