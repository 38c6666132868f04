package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.ImageSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

  /** The length of a page, unless the request says otherwise. */
  private static final int DEFAULT_K = 10;

  private final Settings settings;

  /** Changed only between its copying and its first use. */
  private static final class Settings implements Cloneable {
    List<Example> liked;
    List<Example> disliked = List.of();
    Combination combination = Combination.AVERAGE;
    @Nullable Customer customer;
    int k = DEFAULT_K;
    Filter filter = Filter.ALL;
    Set<String> excluded = Set.of();
    @Nullable Reranker reranker;
    @Nullable CandidatePool pool;
    @Nullable VariantPolicy variants;
    @Nullable Diversity diversity;
    @Nullable Merchandising merchandising;
    @Nullable List<String> sameAs;
    List<Filter> but = List.of();

    Settings(List<Example> liked) {
      this.liked = liked;
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
    return like(Example.product(productId));
  }

  /**
   * Asks for what looks like a picture.
   *
   * @param image any picture; it is not added
   * @return a request for 10 products
   */
  public static RecommendationRequest like(ImageSource image) {
    return like(Example.image(image));
  }

  /**
   * Asks for the products whose features point the same way as these.
   *
   * @param features as the extractor makes them, before any transform; copied
   * @return a request for 10 products
   */
  public static RecommendationRequest like(float[] features) {
    return like(Example.features(features));
  }

  /**
   * Asks for what looks like an example; if it is a product, this is never shown.
   *
   * @param example a product, a picture or features
   * @return a request for 10 products
   */
  public static RecommendationRequest like(Example example) {
    return new RecommendationRequest(new Settings(List.of(example)));
  }

  /**
   * Asks for a customer's own page: what looks like that which occupied them of late. None of these
   * products is shown. As long as nothing is known of them, the page shows what sells best, ordered
   * by the reranker if that is a {@link PopularityReranker}, else by purchases.
   *
   * @param customer who
   * @return a request for 10 products
   */
  public static RecommendationRequest forCustomer(Customer customer) {
    return new RecommendationRequest(new Settings(List.of())).inSessionOf(customer);
  }

  /**
   * Asks for what looks like another product too.
   *
   * @param productId of the catalogue; never shown
   * @return the changed request
   */
  public RecommendationRequest alsoLike(String productId) {
    return alsoLike(Example.product(productId));
  }

  /**
   * Asks for what looks like another example too.
   *
   * @param example a product, a picture or features, all of which {@link #combining} combines
   * @return the changed request
   */
  public RecommendationRequest alsoLike(Example example) {
    Settings changed = settings.copy();
    changed.liked = with(settings.liked, example);
    return new RecommendationRequest(changed);
  }

  /**
   * Asks for what looks less like a product: "not like this".
   *
   * @param productId of the catalogue; never shown
   * @return the changed request
   */
  public RecommendationRequest notLike(String productId) {
    return notLike(Example.product(productId));
  }

  /**
   * Asks for what looks less like an example: "not like this".
   *
   * @param example a product, a picture or features, all of which {@link #combining} combines
   * @return the changed request
   */
  public RecommendationRequest notLike(Example example) {
    Settings changed = settings.copy();
    changed.disliked = with(settings.disliked, example);
    return new RecommendationRequest(changed);
  }

  private static List<Example> with(List<Example> before, Example more) {
    var all = new ArrayList<>(before);
    all.add(Objects.requireNonNull(more, "example"));
    return List.copyOf(all);
  }

  /**
   * How several examples make one order.
   *
   * @param combination the default is {@link Combination#AVERAGE}
   * @return the changed request
   */
  public RecommendationRequest combining(Combination combination) {
    Settings changed = settings.copy();
    changed.combination = Objects.requireNonNull(combination, "combination");
    return new RecommendationRequest(changed);
  }

  /**
   * Lets what a customer has done of late have its say on this page, as {@link
   * Sessions.Builder#share} describes. What they have dismissed or bought is not shown.
   *
   * @param customer who; the shop must keep {@linkplain RecommenderBuilder#sessions sessions}
   * @return the changed request
   */
  public RecommendationRequest inSessionOf(Customer customer) {
    Settings changed = settings.copy();
    changed.customer = Objects.requireNonNull(customer, "customer");
    return new RecommendationRequest(changed);
  }

  /**
   * How many to show. As many are found unless the catalogue has fewer that may be shown, or the
   * search ends before: see {@link Recommender#recommend}.
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
   * The same, but with another value: the consulted product's own variants that have it come first,
   * the nearest before the others, then whatever looks alike and has it. With several calls,
   * products must have all values. What is shown still matches the {@linkplain #where filter}.
   * Variants are those that {@link RecommenderBuilder#variantsBy} or {@link
   * RecommenderBuilder#variantsAbove} tells; where the shop knows none, or a picture was consulted,
   * only look-alikes are left. {@link VariantPolicy#EXCLUDE_OWN} does not hold on such a page.
   *
   * <pre>{@code
   * RecommendationRequest.like("0215303002").but("color", "red")
   * }</pre>
   *
   * @param attribute such as {@code color}
   * @param value a {@link String}, {@link Number}, {@link Boolean} or {@link java.time.Instant}
   * @return the changed request
   * @throws IllegalArgumentException if the name is blank or the value is of another type
   */
  public RecommendationRequest but(String attribute, Object value) {
    Objects.requireNonNull(attribute, "the attribute of but is null, expected a name");
    if (attribute.isBlank()) {
      throw new IllegalArgumentException("but names a blank attribute, expected a name");
    }
    Settings changed = settings.copy();
    var all = new ArrayList<>(settings.but);
    all.add(Filter.equal(attribute, value));
    changed.but = List.copyOf(all);
    return new RecommendationRequest(changed);
  }

  /**
   * Attributes of which this page mixes no values, in place of the shop's {@link
   * RecommenderBuilder#sameAs}, which says more.
   *
   * @param attributes none lets the page show whatever is near
   * @return the changed request
   * @throws IllegalArgumentException if a name is blank
   */
  public RecommendationRequest sameAs(String... attributes) {
    Settings changed = settings.copy();
    changed.sameAs = names(attributes);
    return new RecommendationRequest(changed);
  }

  static List<String> names(String... attributes) {
    Objects.requireNonNull(attributes, "the attributes of sameAs are null, expected names");
    for (String attribute : attributes) {
      Objects.requireNonNull(attribute, "an attribute of sameAs is null, expected a name");
      if (attribute.isBlank()) {
        throw new IllegalArgumentException("sameAs names a blank attribute, expected a name");
      }
    }
    return List.of(attributes);
  }

  /**
   * Products not to be shown: what the shopper has seen, has bought, or has in the basket.
   *
   * @param productIds replace this request's excluded ids; they need not be in the catalogue
   * @return the changed request
   */
  public RecommendationRequest excluding(Collection<String> productIds) {
    Settings changed = settings.copy();
    productIds.forEach(
        id -> Objects.requireNonNull(id, "an excluded product's id is null, expected a text"));
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
   * @param variants what to do with them; all but {@link VariantPolicy#KEEP} need a shop that was
   *     built with {@link RecommenderBuilder#variantsBy} or {@link
   *     RecommenderBuilder#variantsAbove}
   * @return the changed request
   */
  public RecommendationRequest variants(VariantPolicy variants) {
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
   * How many of the nearest products are ranked at first, as {@link RecommenderBuilder#candidates}
   * says for the shop.
   *
   * @param candidates at least 1
   * @return the changed request
   * @throws IllegalArgumentException if it is less than 1
   */
  public RecommendationRequest candidates(int candidates) {
    Settings changed = settings.copy();
    changed.pool = CandidatePool.atLeast(candidates);
    return new RecommendationRequest(changed);
  }

  /**
   * How many of the nearest products are looked at and no more, even if the page stays short, as
   * {@link RecommenderBuilder#onlyNearest} says for the shop.
   *
   * @param candidates at least 1
   * @return the changed request
   * @throws IllegalArgumentException if it is less than 1
   */
  public RecommendationRequest onlyNearest(int candidates) {
    Settings changed = settings.copy();
    changed.pool = CandidatePool.atMost(candidates);
    return new RecommendationRequest(changed);
  }

  List<Example> liked() {
    return settings.liked;
  }

  List<Example> disliked() {
    return settings.disliked;
  }

  Combination combination() {
    return settings.combination;
  }

  @Nullable Customer customer() {
    return settings.customer;
  }

  int k() {
    return settings.k;
  }

  /** What products must match: the filter, and what they shall have instead. */
  Filter filter() {
    if (settings.but.isEmpty()) {
      return settings.filter;
    }
    var all = new ArrayList<>(settings.but);
    if (!settings.filter.equals(Filter.ALL)) {
      all.add(0, settings.filter);
    }
    return all.size() == 1 ? all.get(0) : new Filter.And(all);
  }

  /** What products shall have instead of what was consulted has. */
  List<Filter> but() {
    return settings.but;
  }

  Set<String> excluded() {
    return settings.excluded;
  }

  /** The shop's settings, but for what this request wants otherwise. */
  PageSettings over(PageSettings shop) {
    return new PageSettings(
        Objects.requireNonNullElse(settings.pool, shop.pool()),
        Objects.requireNonNullElse(settings.variants, shop.variants()),
        Objects.requireNonNullElse(settings.reranker, shop.reranker()),
        Objects.requireNonNullElse(settings.merchandising, shop.merchandising()),
        Objects.requireNonNullElse(settings.diversity, shop.diversity()),
        Objects.requireNonNullElse(settings.sameAs, shop.sameAs()));
  }

  /** Returns what was asked and whatever is set otherwise than the shop's settings. */
  @Override
  public String toString() {
    var text = new StringBuilder("RecommendationRequest[like=").append(settings.liked);
    append(text, "notLike", settings.disliked.isEmpty() ? null : settings.disliked);
    append(text, "combining", settings.liked.size() > 1 ? settings.combination : null);
    append(text, "customer", settings.customer);
    append(text, "k", settings.k);
    append(text, "where", settings.filter.equals(Filter.ALL) ? null : settings.filter);
    append(text, "but", settings.but.isEmpty() ? null : settings.but);
    append(text, "sameAs", settings.sameAs);
    append(text, "excluding", settings.excluded.isEmpty() ? null : settings.excluded);
    append(text, "rankedBy", settings.reranker);
    append(text, "candidates", settings.pool);
    append(text, "variants", settings.variants);
    append(text, "diversity", settings.diversity);
    append(text, "merchandising", settings.merchandising);
    return text.append(']').toString();
  }

  private static void append(StringBuilder text, String name, @Nullable Object value) {
    if (value != null) {
      text.append(", ").append(name).append('=').append(value);
    }
  }
}
