package io.lookalike;

import io.lookalike.catalog.Product;
import io.lookalike.math.UnitVector;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A product near the consulted one, before ranking has had its say. Immutable. */
public final class Candidate {

  /** As {@link io.lookalike.index.Neighbor#CLOSEST_FIRST}. */
  static final Comparator<Candidate> CLOSEST_FIRST =
      Comparator.comparingDouble((Candidate c) -> -c.similarity).thenComparing(c -> c.product.id());

  private final Product product;
  private final float similarity;
  private final long sales;
  private final BoughtTogether.Times together;
  private final Function<String, @Nullable UnitVector> vectors;
  private final int photo;

  /** Looked up when first needed, as most rankings never do. */
  private @Nullable UnitVector vector;

  /**
   * A candidate without features, for one's own tests of a reranker.
   *
   * @param product the product with its attributes
   * @param similarity the cosine similarity to what was consulted, from -1 to 1
   * @param sales pieces sold so far
   */
  public Candidate(Product product, float similarity, long sales) {
    this(product, similarity, sales, BoughtTogether.Times.NEVER, id -> null, 1);
  }

  Candidate(
      Product product,
      float similarity,
      long sales,
      Function<String, @Nullable UnitVector> vectors) {
    this(product, similarity, sales, BoughtTogether.Times.NEVER, vectors, 1);
  }

  Candidate(
      Product product,
      float similarity,
      long sales,
      BoughtTogether.Times together,
      Function<String, @Nullable UnitVector> vectors,
      int photo) {
    this.product = Objects.requireNonNull(product, "product");
    this.similarity = similarity;
    this.sales = sales;
    this.together = together;
    this.vectors = vectors;
    this.photo = photo;
  }

  /**
   * The product with its attributes.
   *
   * @return the product
   */
  public Product product() {
    return product;
  }

  /**
   * The cosine similarity to what was consulted.
   *
   * @return from -1 to 1
   */
  public float similarity() {
    return similarity;
  }

  /**
   * Which of the product's photos is the nearest to what was consulted.
   *
   * @return from 1, in the order in which they were added
   */
  public int photo() {
    return photo;
  }

  /**
   * Pieces sold so far: all that the log counts when the candidates are found, also where a
   * replay's {@linkplain PopularityReranker#at clock} stands at an earlier day.
   *
   * @return at least 0
   */
  public long sales() {
    return sales;
  }

  /**
   * How often one customer bought it together with what was consulted, as {@link CoPurchases} count
   * it.
   *
   * @return at least 0; 0 also where the page's order does not go by that
   */
  public int boughtTogether() {
    return together.times();
  }

  /** The same as a strength; 0 if it was not often enough. */
  double strengthTogether() {
    return together.strength();
  }

  /**
   * The cosine similarity of two candidates, for rules that compare them with each other.
   *
   * @param other the other candidate
   * @return from -1 to 1; 0 where one has no features, as in tests, or has just been removed
   */
  public float similarityTo(Candidate other) {
    UnitVector mine = vector();
    UnitVector others = other.vector();
    return mine == null || others == null ? 0 : Math.max(-1, Math.min(1, mine.cosine(others)));
  }

  /**
   * This candidate as a recommendation.
   *
   * @param score what to order by, higher first
   * @return the recommendation
   */
  public Recommendation scored(double score) {
    return new Recommendation(product, score, similarity, sales, 0, photo);
  }

  /** The same candidate with other sales. */
  Candidate withSales(long pieces) {
    return pieces == sales
        ? this
        : new Candidate(product, similarity, pieces, together, vectors, photo);
  }

  /** Its vector; null if nothing is known of its looks, or if it has just been removed. */
  @Nullable UnitVector vector() {
    UnitVector known = vector;
    if (known == null) {
      known = vectors.apply(product.id());
      vector = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Candidate that
        && product.equals(that.product)
        && Float.compare(similarity, that.similarity) == 0
        && sales == that.sales
        && photo == that.photo
        && together.equals(that.together);
  }

  @Override
  public int hashCode() {
    return Objects.hash(product, similarity, sales, photo, together);
  }

  /** Returns product, similarity and sales. */
  @Override
  public String toString() {
    return "Candidate[" + product + ", similarity=" + similarity + ", sales=" + sales + "]";
  }
}
