package io.lookalike;

import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A question to a {@link Recommender}: what was consulted, and whatever this one call wants
 * otherwise than the shop's settings. Immutable; each setter returns a changed copy.
 *
 * <pre>{@code
 * shop.recommend(
 *     RecommendationRequest.like("0215303002")
 *         .k(12)
 *         .where(Filter.parse("stock > 0 and price < 40"))
 *         .excluding(basket))
 * }</pre>
 */
public final class RecommendationRequest {

  /** What was consulted. */
  sealed interface Consulted {}

  /** A product of the catalogue. */
  record ByProduct(String id) implements Consulted {}

  /** A picture, which the extractor turns into features. */
  record ByImage(ImageSource image) implements Consulted {}

  /** Features as the extractor makes them. */
  record ByFeatures(float[] features) implements Consulted {}

  /** How a page is long, unless the request says otherwise. */
  private static final int DEFAULT_K = 10;

  private final Settings settings;

  /** Changed only between its copying and its first use. */
  private static final class Settings implements Cloneable {
    final Consulted consulted;
    int k = DEFAULT_K;
    Filter filter = Filter.ALL;
    Set<String> excluded = Set.of();
    @Nullable Reranker reranker;
    @Nullable Depth depth;
    @Nullable Variants variants;
    @Nullable Diversity diversity;
    @Nullable Merchandising merchandising;

    Settings(Consulted consulted) {
      this.consulted = consulted;
    }

    Settings copy() {
      try {
        return (Settings) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private RecommendationRequest(Settings settings) {
    this.settings = settings;
  }

  /**
   * Asks for what looks like a product of the catalogue; the product itself is never shown.
   *
   * @param productId the consulted product
   * @return a request for 10 products
   */
  public static RecommendationRequest like(String productId) {
    return new RecommendationRequest(
        new Settings(new ByProduct(Objects.requireNonNull(productId, "productId"))));
  }

  /**
   * Asks for what looks like a picture.
   *
   * @param image any picture; it is not added
   * @return a request for 10 products
   */
  public static RecommendationRequest like(ImageSource image) {
    return new RecommendationRequest(
        new Settings(new ByImage(Objects.requireNonNull(image, "image"))));
  }

  /**
   * Asks for the products whose features point the same way as these.
   *
   * @param features as the extractor makes them, before any transform; copied
   * @return a request for 10 products
   */
  public static RecommendationRequest like(float[] features) {
    return new RecommendationRequest(new Settings(new ByFeatures(features.clone())));
  }

  /**
   * How many to show. So many are found unless the catalogue has fewer that may be shown, or {@link
   * #onlyNearest} ends the search.
   *
   * @param k at least 0
   * @return the changed request
   * @throws IllegalArgumentException if k is negative
   */
  public RecommendationRequest k(int k) {
    if (k < 0) {
      throw new IllegalArgumentException("k is " + k + ", expected 0 or more");
    }
    Settings changed = settings.copy();
    changed.k = k;
    return new RecommendationRequest(changed);
  }

  /**
   * Which products may be shown; the consulted one need not be among them.
   *
   * @param filter replaces this request's filter
   * @return the changed request
   */
  public RecommendationRequest where(Filter filter) {
    Settings changed = settings.copy();
    changed.filter = Objects.requireNonNull(filter, "filter");
    return new RecommendationRequest(changed);
  }

  /**
   * Products not to be shown: what the shopper has seen, has bought, or has in the basket.
   *
   * @param productIds replace this request's excluded ids; they need not be in the catalogue
   * @return the changed request
   */
  public RecommendationRequest excluding(Collection<String> productIds) {
    Settings changed = settings.copy();
    changed.excluded = Set.copyOf(productIds);
    return new RecommendationRequest(changed);
  }

  /**
   * Orders this page otherwise than the shop does.
   *
   * @param reranker such as {@link Reranker#bySimilarity()}
   * @return the changed request
   */
  public RecommendationRequest rankedBy(Reranker reranker) {
    Settings changed = settings.copy();
    changed.reranker = Objects.requireNonNull(reranker, "reranker");
    return new RecommendationRequest(changed);
  }

  /**
   * Treats products of one design otherwise than the shop does.
   *
   * @param variants what to do with them; all but {@link Variants#KEEP} need a shop that was built
   *     with {@link Recommender.Builder#variantsBy}
   * @return the changed request
   */
  public RecommendationRequest variants(Variants variants) {
    Settings changed = settings.copy();
    changed.variants = Objects.requireNonNull(variants, "variants");
    return new RecommendationRequest(changed);
  }

  /**
   * Pins, boosts and buries on this page, in place of the shop's.
   *
   * @param merchandising such as {@code Merchandising.none().pin("0376172001")}
   * @return the changed request
   */
  public RecommendationRequest merchandising(Merchandising merchandising) {
    Settings changed = settings.copy();
    changed.merchandising = Objects.requireNonNull(merchandising, "merchandising");
    return new RecommendationRequest(changed);
  }

  /**
   * Makes this page diverse otherwise than the shop does.
   *
   * @param diversity such as {@code Diversity.mmr(0.7).atMost("brand", 2)}
   * @return the changed request
   */
  public RecommendationRequest diversity(Diversity diversity) {
    Settings changed = settings.copy();
    changed.diversity = Objects.requireNonNull(diversity, "diversity");
    return new RecommendationRequest(changed);
  }

  /**
   * How many of the nearest products are ranked at first, as {@link Recommender.Builder#candidates}
   * says for the shop.
   *
   * @param candidates at least 1
   * @return the changed request
   * @throws IllegalArgumentException if it is less than 1
   */
  public RecommendationRequest candidates(int candidates) {
    Settings changed = settings.copy();
    changed.depth = Depth.atLeast(candidates);
    return new RecommendationRequest(changed);
  }

  /**
   * How many of the nearest products are looked at and no more, even if the page stays short, as
   * {@link Recommender.Builder#onlyNearest} says for the shop.
   *
   * @param candidates at least 1
   * @return the changed request
   * @throws IllegalArgumentException if it is less than 1
   */
  public RecommendationRequest onlyNearest(int candidates) {
    Settings changed = settings.copy();
    changed.depth = Depth.atMost(candidates);
    return new RecommendationRequest(changed);
  }

  Consulted consulted() {
    return settings.consulted;
  }

  int k() {
    return settings.k;
  }

  Filter filter() {
    return settings.filter;
  }

  Set<String> excluded() {
    return settings.excluded;
  }

  Reranker rerankerOr(Reranker shops) {
    return settings.reranker == null ? shops : settings.reranker;
  }

  Depth depthOr(Depth shops) {
    return settings.depth == null ? shops : settings.depth;
  }

  Variants variantsOr(Variants shops) {
    return settings.variants == null ? shops : settings.variants;
  }

  Diversity diversityOr(Diversity shops) {
    return settings.diversity == null ? shops : settings.diversity;
  }

  Merchandising merchandisingOr(Merchandising shops) {
    return settings.merchandising == null ? shops : settings.merchandising;
  }
}
