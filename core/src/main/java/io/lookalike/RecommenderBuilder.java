package io.lookalike;

import static io.lookalike.internal.Once.once;

import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.internal.Providers;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoreProvider;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sets up a {@link Recommender}. Setting anything twice is an error. Not safe for use by several
 * threads.
 */
public final class RecommenderBuilder {

  /** Number of candidates that the paper fetches before it ranks by sales. */
  private static final int PAPER_CANDIDATES = 10;

  /** A hundred years. */
  private static final int MOST_DAYS = 36_525;

  @Nullable FeatureExtractor extractor;
  private @Nullable Integer dimension;
  private FeatureTransform.@Nullable Rule transform;
  private @Nullable IndexFactory index;
  private @Nullable Reranker reranker;
  private @Nullable CandidatePool pool;
  @Nullable String variantsBy;
  private @Nullable VariantPolicy variants;
  @Nullable Float variantsAbove;
  @Nullable String categoryBy;
  private @Nullable Merchandising merchandising;
  private @Nullable Diversity diversity;
  private @Nullable PhotoPolicy photos;
  private @Nullable List<String> sameAs;
  private @Nullable PurchaseLog purchases;
  @Nullable Sessions sessions;
  boolean keepSessions;
  @Nullable CoPurchases coPurchases;
  @Nullable Duration coPurchasesKept;
  private @Nullable CatalogueStore store;
  private @Nullable Path storeFolder;
  private @Nullable Duration purchaseDelay;

  RecommenderBuilder() {}

  /**
   * Makes features of pictures. It is given away: the recommender closes it when it is closed
   * itself. One that serves others too, or outlives the recommender, is lent as {@link
   * FeatureExtractor#shared extractor.shared()}, and closed by whoever made it. Until {@link
   * #build} has returned, it is the caller's: if that throws, it is left open.
   *
   * @param extractor the network
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder extractor(FeatureExtractor extractor) {
    this.extractor = once("extractor", this.extractor, extractor);
    return this;
  }

  /**
   * The length of the features, for a recommender that is only ever given features. With an
   * extractor it follows from it and need not be set.
   *
   * @param dimension at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder dimension(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension is " + dimension + ", expected 1 or more");
    }
    this.dimension = once("dimension", this.dimension, dimension);
    return this;
  }

  /**
   * What {@link Recommender#refit} fits to the catalogue. Without this it is {@link
   * CatalogueTransform#byDesigns(String)} where {@link #variantsBy} is set; else features are
   * indexed as they are.
   *
   * @param rule such as {@code CatalogueTransform.byCatalogueSize()}, or {@link
   *     FeatureTransform.Rule#NONE}
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder transform(FeatureTransform.Rule rule) {
    this.transform = once("transform", this.transform, rule);
    return this;
  }

  /**
   * What searches. Required.
   *
   * @param index such as {@code HnswIndex.factory()}
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder index(IndexFactory index) {
    this.index = once("index", this.index, index);
    return this;
  }

  /**
   * How near a product is of which there are {@linkplain
   * Recommender#add(io.lookalike.catalog.Product, List) several photos}. Without this it is as near
   * as its nearest photo. With a store it may be another at each start: the store keeps the
   * features of each photo.
   *
   * @param photos the best or their mean
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder photos(PhotoPolicy photos) {
    this.photos = once("photos", this.photos, photos);
    return this;
  }

  /**
   * What orders the page. Without this, the order is by similarity.
   *
   * @param reranker such as {@link PopularityReranker#byPurchases()}
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder reranker(Reranker reranker) {
    this.reranker = once("reranker", this.reranker, reranker);
    return this;
  }

  /**
   * How many of the nearest products the reranker is given at first: more candidates give sales
   * more weight against looks. Never fewer than k are fetched, and more where the page would stay
   * short. Without this it is twice k: where products of many kinds sell, more would put best
   * sellers before look-alikes.
   *
   * @param candidates at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   * @throws IllegalStateException if this or {@link #onlyNearest} was already set
   */
  public RecommenderBuilder candidates(int candidates) {
    return pool(CandidatePool.atLeast(candidates));
  }

  /**
   * How many of the nearest products are looked at and no more: a page is shorter than k where the
   * reranker drops some of them.
   *
   * @param candidates at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   * @throws IllegalStateException if this or {@link #candidates} was already set
   */
  public RecommenderBuilder onlyNearest(int candidates) {
    return pool(CandidatePool.atMost(candidates));
  }

  private RecommenderBuilder pool(CandidatePool pool) {
    this.pool = once("candidates or onlyNearest", this.pool, pool);
    return this;
  }

  /**
   * Tells which products are one design in several colours or patterns. Without this, each is a
   * design of its own.
   *
   * @param attribute what variants have in common, such as {@code product_code}
   * @param variants what pages do with them, unless a {@linkplain RecommendationRequest#variants
   *     request} wants otherwise
   * @return this builder
   * @throws IllegalArgumentException if the attribute's name is blank
   * @throws IllegalStateException if this or {@link #variantsAbove} was already set
   */
  public RecommenderBuilder variantsBy(String attribute, VariantPolicy variants) {
    if (Objects.requireNonNull(attribute, "attribute").isBlank()) {
      throw new IllegalArgumentException("variantsBy is blank, expected an attribute's name");
    }
    checkNoVariants();
    this.variantsBy = attribute;
    this.variants = Objects.requireNonNull(variants, "variants");
    return this;
  }

  /**
   * Tells variants by their looks, where no attribute tells them: products at least so similar to
   * each other. What is collapsed into a product of the page is a variant of it, and of none that
   * ranks higher and is shown itself; {@link Recommendation#variants} counts all that are so
   * similar to it.
   *
   * @param similarity the least cosine similarity of variants, above 0 and at most 1; what fits
   *     depends on extractor and transform
   * @param variants what pages do with them, unless a {@linkplain RecommendationRequest#variants
   *     request} wants otherwise
   * @return this builder
   * @throws IllegalArgumentException if the similarity is outside its range
   * @throws IllegalStateException if this or {@link #variantsBy} was already set
   */
  public RecommenderBuilder variantsAbove(float similarity, VariantPolicy variants) {
    if (!(similarity > 0 && similarity <= 1)) {
      throw new IllegalArgumentException(
          "variantsAbove is " + similarity + ", expected more than 0 and at most 1");
    }
    checkNoVariants();
    this.variantsAbove = similarity;
    this.variants = Objects.requireNonNull(variants, "variants");
    return this;
  }

  private void checkNoVariants() {
    if (variantsBy != null) {
      throw new IllegalStateException("variantsBy was already set to " + variantsBy);
    }
    if (variantsAbove != null) {
      throw new IllegalStateException("variantsAbove was already set to " + variantsAbove);
    }
  }

  /**
   * Tells which products are of a kind, such as dresses, towards whose mean a {@linkplain
   * Popularity.Weighted#smoothed smoothed popularity} draws each. Without this it is the mean of
   * the whole catalogue.
   *
   * @param attribute such as {@code category}
   * @return this builder
   * @throws IllegalArgumentException if the attribute's name is blank
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder categoryBy(String attribute) {
    if (Objects.requireNonNull(attribute, "attribute").isBlank()) {
      throw new IllegalArgumentException("categoryBy is blank, expected an attribute's name");
    }
    this.categoryBy = once("categoryBy", this.categoryBy, attribute);
    return this;
  }

  /**
   * What the shop's people want first, higher or last on every page. Without this, the ranking
   * decides alone.
   *
   * @param merchandising such as {@code Merchandising.none().bury(Filter.lessThan("stock", 5))}
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder merchandising(Merchandising merchandising) {
    this.merchandising = once("merchandising", this.merchandising, merchandising);
    return this;
  }

  /**
   * What keeps pages from repeating themselves. Without this, they show the ranking as it is.
   *
   * @param diversity such as {@code Diversity.mmr(0.7).atMost("brand", 2)}
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder diversity(Diversity diversity) {
    this.diversity = once("diversity", this.diversity, diversity);
    return this;
  }

  /**
   * Attributes of which no page mixes values, such as {@code gender} and {@code age_group}: all
   * that it shows has the same value as the consulted product, and what has none is not shown. Of
   * several consulted products each one's value may be shown, and of a value that is a set of texts
   * any member. Where a picture, features or a product without a value was consulted, the nearest
   * product that has a value decides; on a customer's own page the product that the session likes
   * most, or the best seller. {@link Explanation#whyNot} tells. Without this, pages show whatever
   * is near.
   *
   * @param attributes at least one
   * @return this builder
   * @throws IllegalArgumentException if there is none, or a name is blank
   * @throws IllegalStateException if it was already set
   * @see RecommendationRequest#sameAs
   */
  public RecommenderBuilder sameAs(String... attributes) {
    Objects.requireNonNull(attributes, "the attributes of sameAs are null, expected names");
    if (attributes.length == 0) {
      throw new IllegalArgumentException("sameAs names no attribute, expected at least one");
    }
    this.sameAs = once("sameAs", this.sameAs, RecommendationRequest.names(attributes));
    return this;
  }

  /**
   * Where {@link Recommender#record(Event) events} are noted. Without this, there are no pages of a
   * customer's own.
   *
   * @param sessions such as {@code Sessions.builder().build()}; several recommenders may share one
   *     if their customers name different {@linkplain Customer#tenant tenants}
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder sessions(Sessions sessions) {
    this.sessions = once("sessions", this.sessions, sessions);
    return this;
  }

  /**
   * Where it is counted who bought what, for an order that goes by what is {@linkplain
   * PopularityReranker#boughtTogether bought together}: each {@link Event.Kind#BOUGHT} that is
   * {@linkplain Recommender#record(Event) recorded} goes there. Without this, the log of purchases
   * counts what was bought and not by whom.
   *
   * @param coPurchases such as {@code CoPurchases.builder().build()}, possibly with a history
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder coPurchases(CoPurchases coPurchases) {
    this.coPurchases = once("coPurchases", this.coPurchases, coPurchases);
    return this;
  }

  /**
   * Has the {@linkplain #store(CatalogueStore) store} keep who bought what, too, so that {@link
   * #coPurchases} are there again after a restart, as far as they were recorded with this set: the
   * purchases that the store counts name no customer. Without this, they are in memory only. {@link
   * #build} reads them all.
   *
   * <p>A purchase that is older than that already is not noted. Recommenders of the same store that
   * do not set this erase none that is to be kept by what another one has set.
   *
   * @param time how long after a purchase the store keeps who made it, from a day to 100 years
   * @return this builder
   * @throws IllegalArgumentException if it is outside its range
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder keepCoPurchases(Duration time) {
    if (time.toDays() < 1 || time.toDays() > MOST_DAYS) {
      throw new IllegalArgumentException(
          "keepCoPurchases is " + time + ", expected a day to 100 years");
    }
    this.coPurchasesKept = once("keepCoPurchases", coPurchasesKept, time);
    return this;
  }

  /**
   * The method of Boukrouh, Tayalati and Azmani to the letter: no transform, the 10 nearest
   * products, ranked by purchases with the never-sold dropped. Sets {@link #transform}, {@link
   * #onlyNearest} and {@link #reranker}.
   *
   * @return this builder
   * @throws IllegalStateException if one of the three was already set
   */
  public RecommenderBuilder paper() {
    return transform(FeatureTransform.Rule.NONE)
        .onlyNearest(PAPER_CANDIDATES)
        .reranker(PopularityReranker.byPurchases());
  }

  /**
   * Where sales are counted. Without this, the recommender has a log of its own, which its
   * {@linkplain #store(CatalogueStore) store} keeps. A log that is given here is the caller's to
   * save.
   *
   * @param purchases may be shared by several recommenders
   * @return this builder
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder purchases(PurchaseLog purchases) {
    this.purchases = once("purchases", this.purchases, purchases);
    return this;
  }

  /**
   * Where the catalogue is durable: products, features, purchases and, if {@linkplain #keepSessions
   * wanted}, sessions. {@link #build} opens what is there. It is given away: the recommender closes
   * it when it is closed itself. Until {@link #build} has returned, it is the caller's: if that
   * throws, it is left open.
   *
   * @param store such as {@code JdbcStore.of(dataSource)} of lookalike-store-jdbc; without one, all
   *     is in memory and gone when the process ends
   * @return this builder
   * @throws IllegalStateException if a store was already set
   */
  public RecommenderBuilder store(CatalogueStore store) {
    once("store", storeFolder == null ? this.store : storeFolder, (Object) store);
    this.store = store;
    return this;
  }

  /**
   * A folder in which the catalogue is durable, for this process alone: an SQLite database, by
   * lookalike-store-jdbc, which has to be on the class path. {@link #build} opens what is there, or
   * begins an empty one.
   *
   * @param folder made if it is not there
   * @return this builder
   * @throws IllegalStateException if a store was already set
   */
  public RecommenderBuilder store(Path folder) {
    once("store", store == null ? storeFolder : store, (Object) folder);
    this.storeFolder = folder;
    return this;
  }

  /**
   * Has the {@linkplain #store(CatalogueStore) store} keep the sessions too, so that customers find
   * theirs after a restart. Without this, they are in memory only.
   *
   * @return this builder
   */
  public RecommenderBuilder keepSessions() {
    keepSessions = true;
    return this;
  }

  /**
   * Within which time a recorded purchase is durable. Without this, whoever records waits until it
   * is. With it, recording returns at once, and a crash may lose the purchases of this time.
   *
   * <p>Where several processes write into the store, each checks what it records by what it knows
   * by then. A purchase whose id another one has written first is left out when it would be
   * written, and so, with a warning in the log, is a return of more pieces than are sold then.
   *
   * @param delay from 1 ms to 1 minute
   * @return this builder
   * @throws IllegalArgumentException if it is outside its range
   * @throws IllegalStateException if it was already set
   */
  public RecommenderBuilder purchasesDurableWithin(Duration delay) {
    if (delay.compareTo(Duration.ofMillis(1)) < 0 || delay.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException(
          "purchasesDurableWithin is " + delay + ", expected 1 ms to 1 minute");
    }
    this.purchaseDelay = once("purchasesDurableWithin", purchaseDelay, delay);
    return this;
  }

  /**
   * Makes a recommender: an empty one, or, where there is a {@linkplain #store(CatalogueStore)
   * store}, one of what that holds. The index saved beside a store is opened by mapping its file
   * and brought up to the store; where it is missing, damaged or not the store's, a line of the log
   * says why, and it is built anew. If this throws, the {@linkplain #extractor extractor} is left
   * open.
   *
   * @return the recommender, to be closed by the caller
   * @throws IllegalStateException if the index is missing, if neither extractor nor dimension is
   *     set, or if they contradict each other; if something is to be kept without a store, or the
   *     reranker goes by co-purchases and there are none; if a folder is set and nothing on the
   *     class path can keep a store there
   * @throws java.io.UncheckedIOException around a {@link StoreException} if the store cannot be
   *     opened, or its features were made otherwise
   */
  public Recommender build() {
    int length = checkedDimension();
    IndexFactory indexes = checkedIndex();
    PurchaseLog log = purchases == null ? new PurchaseLog() : purchases;
    checkCoPurchases();
    if (keepSessions && (sessions == null || (store == null && storeFolder == null))) {
      throw new IllegalStateException(
          "keepSessions was called, but "
              + (sessions == null ? "sessions" : "store")
              + " was not set");
    }
    try {
      if (store != null) {
        return LiveRecommender.open(this, indexes, length, log, store);
      }
      if (storeFolder != null) {
        CatalogueStore opened = provider().open(storeFolder);
        boolean done = false;
        try {
          Recommender recommender = LiveRecommender.open(this, indexes, length, log, opened);
          done = true;
          return recommender;
        } finally {
          if (!done) {
            opened.close();
          }
        }
      }
      return LiveRecommender.inMemory(this, indexes, length, log);
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkCoPurchases() {
    if (coPurchasesKept != null
        && (coPurchases == null || (store == null && storeFolder == null))) {
      throw new IllegalStateException(
          "keepCoPurchases was called, but "
              + (coPurchases == null ? "coPurchases" : "store")
              + " was not set");
    }
    if (coPurchases == null
        && reranker instanceof PopularityReranker popularity
        && popularity.boughtTogether() > 0) {
      throw new IllegalStateException(
          "the reranker goes by what is bought together, and coPurchases was not set; call"
              + " coPurchases(CoPurchases.builder().build())");
    }
  }

  private static StoreProvider provider() {
    List<StoreProvider> providers = Providers.all(StoreProvider.class);
    if (providers.isEmpty()) {
      throw new IllegalStateException(
          "a folder was set as store, but nothing on the class path keeps one there; add"
              + " lookalike-store-jdbc");
    }
    return providers.get(0);
  }

  Duration purchaseDelay() {
    return purchaseDelay == null ? Duration.ZERO : purchaseDelay;
  }

  /** The extractor's identity; empty if there is none. */
  String identity() {
    return extractor == null ? "" : extractor.identity();
  }

  /** Whether sales are counted in a log of the caller's. */
  boolean sharesPurchases() {
    return purchases != null;
  }

  FeatureTransform.Rule rule() {
    if (transform != null) {
      return transform;
    }
    return variantsBy == null
        ? FeatureTransform.Rule.NONE
        : CatalogueTransform.byDesigns(variantsBy);
  }

  PhotoPolicy photos() {
    return photos == null ? PhotoPolicy.BEST : photos;
  }

  PageSettings page() {
    return new PageSettings(
        pool == null ? CandidatePool.TWICE_K : pool,
        variants == null ? VariantPolicy.KEEP : variants,
        reranker == null ? Reranker.bySimilarity() : reranker,
        merchandising == null ? Merchandising.none() : merchandising,
        diversity == null ? Diversity.none() : diversity,
        sameAs == null ? List.of() : sameAs);
  }

  private IndexFactory checkedIndex() {
    if (index == null) {
      throw new IllegalStateException(
          "index was not set; call index(BruteForceIndex.factory()) of"
              + " lookalike-index-bruteforce or index(HnswIndex.factory()) of"
              + " lookalike-index-hnsw");
    }
    return index;
  }

  private int checkedDimension() {
    if (extractor == null && dimension == null) {
      throw new IllegalStateException(
          "neither extractor nor dimension was set; call extractor(...) for pictures, or"
              + " dimension(...) for features made elsewhere");
    }
    if (extractor == null) {
      return Objects.requireNonNull(dimension);
    }
    if (dimension != null && dimension != extractor.dimension()) {
      throw new IllegalStateException(
          "dimension is "
              + dimension
              + ", but the extractor makes "
              + extractor.dimension()
              + " features; leave dimension out");
    }
    return extractor.dimension();
  }
}
