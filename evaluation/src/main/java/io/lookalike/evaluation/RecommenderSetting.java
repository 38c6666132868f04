package io.lookalike.evaluation;

import io.lookalike.AddReport;
import io.lookalike.Customer;
import io.lookalike.Example;
import io.lookalike.PopularityReranker;
import io.lookalike.RecommendationPage;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.Sessions;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Recommender} as a setting: at each cut a shop is built of what was known then, its
 * transform fitted, its purchases counted up to there, its clock stopped. Immutable; each setter
 * returns a changed copy.
 *
 * <pre>{@code
 * RecommenderSetting.named("ours", HnswIndex.factory())
 *     .rankedBy(PopularityReranker.balanced().blend(Blend.ranks(0.3)))
 *     .transform(CatalogueTransform.byCatalogueSize())
 *     .shop("40 candidates", shop -> shop.candidates(40))
 * }</pre>
 *
 * <p>A customer's page is that of the last purchases as examples, of which each counts half as much
 * for every 30 days that it is older than the latest. What was bought is not shown again.
 */
public final class RecommenderSetting implements Setting {

  /** Marks what never sold, in the shops that are built here. */
  private static final String NEVER_SOLD = "lookalike.neverSold";

  private static final Duration HALF_LIFE = Duration.ofDays(30);
  private static final double LEAST_WEIGHT = 0.001;

  private final String name;
  private final String description;
  private final IndexFactory index;
  private final @Nullable PopularityReranker reranker;
  private final FeatureTransform.@Nullable Rule transform;
  private final @Nullable Map<String, float[]> features;
  private final UnaryOperator<RecommenderBuilder> shop;

  private RecommenderSetting(
      String name,
      String description,
      IndexFactory index,
      @Nullable PopularityReranker reranker,
      FeatureTransform.@Nullable Rule transform,
      @Nullable Map<String, float[]> features,
      UnaryOperator<RecommenderBuilder> shop) {
    this.name = name;
    this.description = description;
    this.index = index;
    this.reranker = reranker;
    this.transform = transform;
    this.features = features;
    this.shop = shop;
  }

  /**
   * A shop that ranks by similarity alone.
   *
   * @param name what tables call it
   * @param index what searches
   * @return the setting
   */
  public static RecommenderSetting named(String name, IndexFactory index) {
    return new RecommenderSetting(
        Objects.requireNonNull(name, "name"),
        // Such as HnswIndex: factories are lambdas and inner classes, whose own names say less.
        index.getClass().getName().replaceFirst(".*\\.", "").replaceFirst("\\$.*", ""),
        index,
        null,
        null,
        null,
        builder -> builder);
  }

  /**
   * Ranks by popularity, as of the cut whatever the reranker's clock says.
   *
   * @param reranker the order
   * @return the changed setting
   */
  public RecommenderSetting rankedBy(PopularityReranker reranker) {
    return new RecommenderSetting(
        name, description + "; " + reranker, index, reranker, transform, features, shop);
  }

  /**
   * Fits a transform at each cut to the products that had been launched.
   *
   * @param rule what to fit
   * @return the changed setting
   */
  public RecommenderSetting transform(FeatureTransform.Rule rule) {
    return new RecommenderSetting(
        name, description + "; transform " + rule.name(), index, reranker, rule, features, shop);
  }

  /**
   * Goes by other features than the catalogue's, such as those of another network.
   *
   * @param what in words, for {@link #description}, which tells what is in them by a number
   * @param features by product id, not copied; products that are not there have no looks
   * @return the changed setting
   * @throws IllegalArgumentException if there are none, or their lengths differ
   */
  public RecommenderSetting features(String what, Map<String, float[]> features) {
    if (features.values().stream().mapToInt(f -> f.length).distinct().count() != 1) {
      throw new IllegalArgumentException(
          features.isEmpty()
              ? "there are no features, expected those of 1 product or more"
              : "the features have different lengths, expected one");
    }
    String described =
        String.format(
            Locale.ROOT,
            "%s; features %s, %,d rows %016x",
            description,
            what,
            features.size(),
            fingerprint(features));
    return new RecommenderSetting(name, described, index, reranker, transform, features, shop);
  }

  /** A number that tells features from others, in whatever order a map gives them. */
  private static long fingerprint(Map<String, float[]> features) {
    long sum = 0;
    for (Map.Entry<String, float[]> each : features.entrySet()) {
      long hash = each.getKey().hashCode();
      for (float value : each.getValue()) {
        hash = (hash ^ Float.floatToIntBits(value)) * 0x9E37_79B9_7F4A_7C15L;
        hash ^= hash >>> 32;
      }
      sum += hash;
    }
    return sum;
  }

  /**
   * Sets whatever else a shop can be given: candidates, variants, diversity, merchandising.
   *
   * @param what in words, for {@link #description}
   * @param change calls the builder's setters, but for index, transform, dimension, purchases,
   *     sessions and co-purchases, and for a {@link PopularityReranker}, which belongs into {@link
   *     #rankedBy}
   * @return the changed setting
   */
  public RecommenderSetting shop(String what, UnaryOperator<RecommenderBuilder> change) {
    return new RecommenderSetting(
        name,
        description + "; " + what,
        index,
        reranker,
        transform,
        features,
        builder -> change.apply(shop.apply(builder)));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Answers open(Past past) {
    int dimension =
        features == null
            ? past.catalogue().dimension()
            : features.values().iterator().next().length;
    if (dimension == 0) {
      throw new IllegalArgumentException(
          "the setting " + name + " goes by looks, and no product of the catalogue has features");
    }
    RecommenderBuilder builder =
        Recommender.builder()
            .dimension(dimension)
            .index(index)
            .purchases(past.log())
            .sessions(Sessions.builder().clock(past.clock()).build());
    if (reranker != null) {
      builder.reranker(reranker.at(past.clock()));
      if (reranker.boughtTogether() > 0) {
        builder.coPurchases(past.coPurchases());
      }
    }
    if (transform != null) {
      builder.transform(transform);
    }
    Recommender recommender = shop.apply(builder).build();
    try {
      var items = new ArrayList<CatalogueItem>();
      for (Product product : past.products()) {
        Product marked = product.with(NEVER_SOLD, past.sold(product.id()) == 0);
        float[] looks = features == null ? past.features(product.id()) : features.get(product.id());
        if (looks == null) {
          recommender.add(marked);
        } else {
          items.add(new ProductFeatures(marked, looks));
        }
      }
      List<AddReport.Rejected> rejected = recommender.addAll(items).rejected();
      if (!rejected.isEmpty()) {
        throw new IllegalArgumentException(
            "the setting "
                + name
                + ": the product "
                + rejected.get(0).id()
                + " cannot be shown: "
                + rejected.get(0).reason());
      }
      if (transform != null) {
        recommender.refit();
      }
      return new Shop(recommender);
    } catch (RuntimeException e) {
      recommender.close();
      throw e;
    }
  }

  /** The shop of a cut. */
  private static final class Shop implements Answers {
    private final Recommender shop;

    Shop(Recommender shop) {
      this.shop = shop;
    }

    @Override
    public List<String> answer(Question question) {
      RecommendationRequest request = request(question).k(question.k());
      if (question.newOnly()) {
        request = request.where(Filter.equal(NEVER_SOLD, true));
      }
      RecommendationPage page = shop.recommend(request);
      return page.ids();
    }

    private static RecommendationRequest request(Question question) {
      if (question.consulted() != null) {
        return RecommendationRequest.like(question.consulted());
      }
      RecommendationRequest request = null;
      for (Question.Bought bought : question.history()) {
        Duration age = Duration.between(bought.time(), question.history().get(0).time());
        double halves = age.toSeconds() / (double) HALF_LIFE.toSeconds();
        Example example =
            Example.product(bought.productId())
                .weighing(Math.max(LEAST_WEIGHT, Math.pow(0.5, halves)));
        request = request == null ? RecommendationRequest.like(example) : request.alsoLike(example);
      }
      // Of somebody who has bought nothing, nothing is known: the page is that of the best sellers.
      return request == null ? RecommendationRequest.forCustomer(Customer.of("nobody")) : request;
    }

    @Override
    public void close() {
      shop.close();
    }
  }

  /** Returns the name and what the setting is made of. */
  @Override
  public String toString() {
    return name + " (" + description + ")";
  }
}
