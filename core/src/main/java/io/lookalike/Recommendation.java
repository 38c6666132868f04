package io.lookalike;

import java.util.Comparator;

/**
 * A product to show.
 *
 * @param id the product's id
 * @param score what the page is ordered by, higher first; its unit is the reranker's
 * @param similarity the cosine similarity to what was consulted, from -1 to 1
 * @param sales pieces sold so far
 * @param variants how many more variants of its design could be shown in its place; 0 unless the
 *     page {@linkplain VariantPolicy#COLLAPSE collapses} them
 */
public record Recommendation(String id, double score, float similarity, long sales, int variants) {

  /** Highest score first; equal scores by similarity, then by ascending id: a total order. */
  public static final Comparator<Recommendation> BEST_FIRST =
      Comparator.comparingDouble((Recommendation r) -> -r.score)
          .thenComparingDouble(r -> -r.similarity)
          .thenComparing(Recommendation::id);

  Recommendation withVariants(int others) {
    return new Recommendation(id, score, similarity, sales, others);
  }
}
