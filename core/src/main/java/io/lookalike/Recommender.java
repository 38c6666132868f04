package io.lookalike;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureSet;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the products that look like a given one, and ranks them for the page.
 *
 * <pre>{@code
 * try (Recommender shop = Recommender.builder()
 *     .extractor(EfficientNetLite.builtIn())
 *     .index(HnswIndex.factory())
 *     .reranker(PopularityReranker.byPurchases())
 *     .build()) {
 *   shop.add(Product.of("0215303002"), ImageSource.of(path));
 *   shop.recordPurchase("0215303001", Instant.now());
 *   List<Recommendation> page = shop.similarTo("0215303002", 10);
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads. Reading never waits for writing: {@code similarTo} runs while
 * products are added, removed and refitted and purchases are recorded. Writers take turns.
 *
 * <p>With a {@linkplain Builder#transform transform}, the extractor's features are kept beside the
 * index so that the transform can be refitted: 4 bytes a dimension and product.
 */
public final class Recommender implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Recommender.class);

  /** So many pictures are extracted before they are indexed together. */
  private static final int BATCH = 256;

  private final @Nullable FeatureExtractor extractor;
  private final IndexFactory indexes;
  private final FeatureTransform.Rule rule;
  private final Reranker reranker;
  private final CandidatePool depth;
  private final VariantPolicy variants;
  private final @Nullable VariantGroups designs;
  private final @Nullable Float variantsAbove;
  private final @Nullable String categoryBy;
  private final Merchandising merchandising;
  private final Diversity diversity;
  private final @Nullable Sessions sessions;
  private final int dimension;

  private final PurchaseLog purchases;
  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();
  private final ReentrantLock writing = new ReentrantLock();
  private volatile Fitted fitted;
  private volatile boolean closed;

  /** A product and, where a transform can be refitted, the extractor's features. */
  private record Entry(Product product, float @Nullable [] features) {}

  /** A product on its way in. */
  private record Arrival(Product product, float[] features) {}

  /** A transform and the index of the vectors that it made; replaced as one. */
  private record Fitted(FeatureTransform transform, NeighborIndex index) {
    UnitVector vector(float[] features) {
      return UnitVector.of(transform.apply(features));
    }
  }

  private Recommender(Builder builder, IndexFactory indexes, int dimension, PurchaseLog purchases) {
    this.extractor = builder.extractor;
    this.indexes = indexes;
    this.rule = builder.transform == null ? FeatureTransform.Rule.NONE : builder.transform;
    this.reranker = builder.reranker == null ? Reranker.bySimilarity() : builder.reranker;
    this.depth = builder.depth == null ? CandidatePool.TWICE_K : builder.depth;
    this.variants = builder.variants == null ? VariantPolicy.KEEP : builder.variants;
    this.designs = builder.variantsBy == null ? null : new VariantGroups(builder.variantsBy);
    this.variantsAbove = builder.variantsAbove;
    this.categoryBy = builder.categoryBy;
    this.merchandising =
        builder.merchandising == null ? Merchandising.none() : builder.merchandising;
    this.diversity = builder.diversity == null ? Diversity.none() : builder.diversity;
    this.sessions = builder.sessions;
    this.dimension = dimension;
    this.purchases = purchases;
    this.fitted = new Fitted(FeatureTransform.identity(dimension), indexes.create(dimension));
  }

  /**
   * Begins a recommender. An index is required, and either an extractor or a dimension.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  // ---- reading

  /**
   * The products that look like a product of the catalogue; never the product itself. The short
   * form of {@link #recommend}.
   *
   * @param productId the consulted product
   * @param k how many to show, at least 0
   * @return k recommendations, best first; fewer only as for {@link #recommend}
   * @throws UnknownProductException if the id is not in the catalogue
   * @throws IllegalArgumentException if k is negative
   */
  public List<Recommendation> similarTo(String productId, int k) {
    return recommend(RecommendationRequest.like(productId).k(k)).recommendations();
  }

  /**
   * The products that look like a picture. The short form of {@link #recommend}.
   *
   * @param image any picture; it is not added
   * @param k how many to show, at least 0
   * @return k recommendations, best first; fewer only as for {@link #recommend}
   * @throws UnreadableImageException if there is no readable picture
   * @throws IllegalArgumentException if k is negative
   * @throws IllegalStateException if this recommender has no extractor
   */
  public List<Recommendation> similarTo(ImageSource image, int k) {
    return recommend(RecommendationRequest.like(image).k(k)).recommendations();
  }

  /**
   * The products whose features point the same way as these. The short form of {@link #recommend}.
   *
   * @param features as the extractor makes them, before any transform
   * @param k how many to show, at least 0
   * @return k recommendations, best first; fewer only as for {@link #recommend}
   * @throws IllegalArgumentException if the features have another length, are all zero or not
   *     finite, or if k is negative
   */
  public List<Recommendation> similarTo(float[] features, int k) {
    return recommend(RecommendationRequest.like(features).k(k)).recommendations();
  }

  /**
   * Finds the products that look like what was consulted, and ranks them for the page.
   *
   * <p>The page holds as many as were asked for: where too few of the nearest products may be
   * shown, more are looked at, in the end the whole catalogue. It is shorter only where the
   * catalogue has no more that the request and the reranker let pass, or where {@link
   * Builder#onlyNearest} ends the search.
   *
   * @param request what was consulted, and what this page wants otherwise than the shop
   * @return the page
   * @throws UnknownProductException if the consulted product is not in the catalogue
   * @throws UnreadableImageException if there is no readable picture
   * @throws IllegalArgumentException if the features have another length, are all zero or not
   *     finite, or if nothing but the variants of a picture is wanted
   * @throws IllegalStateException if a picture was consulted and this recommender has no extractor,
   *     or if variants are not to be kept and the shop does not know them
   */
  public RecommendationPage recommend(RecommendationRequest request) {
    return answer(request, (pipeline, run, asked) -> run.page());
  }

  /**
   * Answers as {@link #recommend} does, and tells how the page came about: what each stage made of
   * every candidate, and why any other product is not shown. {@code recommend} itself keeps no such
   * record.
   *
   * @param request as for {@link #recommend}, which says also what is thrown
   * @return the page and its explanation
   */
  public Explanation explain(RecommendationRequest request) {
    return answer(
        request, (pipeline, run, asked) -> new Explanation(pipeline, run, request, asked));
  }

  private interface Answer<T> {
    T of(Pipeline pipeline, Pipeline.Run run, ResolvedRequest asked);
  }

  private <T> T answer(RecommendationRequest request, Answer<T> answer) {
    checkOpen();
    List<Sought> liked = sought(request.liked());
    List<Sought> disliked = sought(request.disliked());
    SessionProfile profile =
        request.customer() == null ? SessionProfile.NONE : sessions().profile(request.customer());
    return read(
        fit -> {
          ResolvedRequest asked = asked(fit, request, liked, disliked, profile);
          var pipeline =
              new Pipeline(
                  fit.index,
                  this::known,
                  purchases,
                  request.depthOr(depth),
                  variants(fit, request, asked.target()),
                  ranking(request, asked),
                  request.merchandisingOr(merchandising),
                  request.diversityOr(diversity));
          var excluded = new HashSet<>(request.excluded());
          excluded.addAll(asked.consulted());
          excluded.addAll(asked.hidden());
          return answer.of(
              pipeline,
              pipeline.run(asked.target(), request.filter(), excluded, request.k()),
              asked);
        });
  }

  /** An example and what the extractor makes of it: null for a product, whose vector is there. */
  private record Sought(Example example, float @Nullable [] features) {}

  private List<Sought> sought(List<Example> examples) {
    var sought = new ArrayList<Sought>(examples.size());
    for (Example example : examples) {
      float[] features = null;
      if (example.consulted() instanceof Example.ByImage by) {
        features = extractor().extract(by.image());
      } else if (example.consulted() instanceof Example.ByFeatures by) {
        checkFeatures("the query", by.features());
        features = by.features();
      }
      sought.add(new Sought(example, features));
    }
    return sought;
  }

  private ResolvedRequest asked(
      Fitted fit,
      RecommendationRequest request,
      List<Sought> liked,
      List<Sought> disliked,
      SessionProfile profile) {
    var consulted = new HashSet<String>();
    List<Objective.WeightedVector> towards = pulls(fit, liked, consulted);
    List<Objective.WeightedVector> away = pulls(fit, disliked, consulted);
    double total = towards.stream().mapToDouble(Objective.WeightedVector::weight).sum();
    double scale = towards.isEmpty() || sessions == null ? 1 : sessions.scale(total, profile);
    for (SessionProfile.Preference preference : profile.preferences()) {
      UnitVector vector = fit.index.vector(preference.productId());
      double weight = Math.abs(preference.weight()) * scale;
      if (vector != null && weight > 0) {
        (preference.weight() > 0 ? towards : away)
            .add(new Objective.WeightedVector(vector, weight));
      }
      if (liked.isEmpty()) {
        consulted.add(preference.productId());
      }
    }
    Objective target =
        towards.isEmpty()
            ? new Objective.BestSellers(
                () -> entries.values().stream().map(Entry::product), purchases)
            : Objective.of(request.combination(), towards, away);
    return new ResolvedRequest(target, consulted, profile.hidden());
  }

  private List<Objective.WeightedVector> pulls(
      Fitted fit, List<Sought> examples, Set<String> products) {
    var pulls = new ArrayList<Objective.WeightedVector>();
    for (Sought sought : examples) {
      UnitVector vector;
      if (sought.example.consulted() instanceof Example.ByProduct by) {
        vector = fit.index.vector(by.id());
        if (vector == null) {
          throw new UnknownProductException(by.id(), size());
        }
        products.add(by.id());
      } else {
        vector = fit.vector(Objects.requireNonNull(sought.features));
      }
      pulls.add(new Objective.WeightedVector(vector, sought.example.weight()));
    }
    return pulls;
  }

  private VariantStage variants(Fitted fit, RecommendationRequest request, Objective target) {
    var own = new ArrayList<Product>();
    for (Example example : request.liked()) {
      Product product = example.consulted() instanceof Example.ByProduct by ? known(by.id()) : null;
      if (product != null) {
        own.add(product);
      }
    }
    VariantPolicy policy = request.variantsOr(variants);
    if (variantsAbove == null || policy == VariantPolicy.KEEP) {
      return new VariantGroupStage(policy, designs, own, this::known);
    }
    var vectors = new ArrayList<UnitVector>();
    for (Product product : own) {
      UnitVector vector = fit.index.vector(product.id());
      if (vector != null) {
        vectors.add(vector);
      }
    }
    return new NearDuplicateStage(policy, variantsAbove, vectors, target, fit.index);
  }

  /** What sells best is not to be shuffled by looks, of which nothing is known. */
  private Reranker ranking(RecommendationRequest request, ResolvedRequest asked) {
    Reranker wanted = request.rerankerOr(reranker);
    return asked.target() instanceof Objective.BestSellers
            && !(wanted instanceof PopularityReranker)
        ? PopularityReranker.byPurchases().neverSold(NeverSold.keep())
        : wanted;
  }

  private @Nullable Product known(String productId) {
    Entry entry = entries.get(productId);
    return entry == null ? null : entry.product;
  }

  private interface Reading<T> {
    T in(Fitted fit);
  }

  /** A refit closes the index that it replaces; a read that was in it begins again. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private <T> T read(Reading<T> reading) {
    while (true) {
      checkOpen();
      Fitted now = fitted;
      try {
        return reading.in(now);
      } catch (IllegalStateException e) {
        if (now == fitted) {
          throw e;
        }
      }
    }
  }

  /**
   * How many products are in the catalogue.
   *
   * @return at least 0
   */
  public int size() {
    return entries.size();
  }

  /**
   * A product of the catalogue.
   *
   * @param productId its id
   * @return the product with its attributes, or nothing if the id is not in the catalogue
   */
  public Optional<Product> product(String productId) {
    Objects.requireNonNull(productId, "productId");
    return Optional.ofNullable(entries.get(productId)).map(Entry::product);
  }

  /**
   * What has been bought.
   *
   * @return the live log
   */
  public PurchaseLog purchases() {
    return purchases;
  }

  /**
   * The transform in use: the identity until {@link #refit} has fitted one.
   *
   * @return the transform
   */
  public FeatureTransform transform() {
    return fitted.transform;
  }

  /**
   * The index, for searches without ranking. A {@link #refit} replaces it, after which this one
   * answers no more.
   *
   * @return the read side of the index
   */
  public NeighborSearcher searcher() {
    checkOpen();
    return fitted.index;
  }

  /**
   * What customers have done of late.
   *
   * @return the live sessions
   * @throws IllegalStateException if this recommender keeps none
   */
  public Sessions sessions() {
    if (sessions == null) {
      throw new IllegalStateException(
          "this recommender keeps no sessions; call sessions(Sessions.builder().build()) when"
              + " building it");
    }
    return sessions;
  }

  // ---- writing

  /**
   * Adds a product by its picture, or replaces the product with the same id.
   *
   * @param product the product
   * @param image its picture
   * @throws UnreadableImageException if there is no readable picture; nothing has been changed
   * @throws IllegalStateException if this recommender has no extractor
   */
  public void add(Product product, ImageSource image) {
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(image, "image");
    checkOpen();
    add(product, extractor().extract(image));
  }

  /**
   * Adds a product by features made elsewhere, or replaces the product with the same id.
   *
   * @param product the product
   * @param features as the extractor would make them, before any transform; copied
   * @throws IllegalArgumentException if the features have another length than the extractor's, are
   *     all zero or not finite; nothing has been changed
   */
  public void add(Product product, float[] features) {
    checkFeatures("the product " + product.id(), features);
    put(List.of(new Arrival(product, features.clone())));
  }

  /**
   * Adds many products by their pictures. Good ones go in even if others are bad; what is in when
   * an unexpected exception or an interrupt ends the call stays in.
   *
   * @param items the products and their pictures, taken as they are needed; if an id occurs twice,
   *     the last one counts
   * @param progress told after each picture; the total is -1 unless {@code items} is a collection
   * @return how many went in, and which did not and why
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted
   * @throws IllegalStateException if this recommender has no extractor
   */
  public AddReport addAll(Iterable<ProductImage> items, ProgressListener progress) {
    Objects.requireNonNull(progress, "progress");
    checkOpen();
    long total = items instanceof Collection<?> known ? known.size() : -1;
    var batch = new ArrayList<ProductImage>(BATCH);
    var tally = new Tally(total, progress);
    for (ProductImage item : items) {
      batch.add(item);
      if (batch.size() == BATCH) {
        addBatch(batch, tally);
        batch.clear();
      }
    }
    addBatch(batch, tally);
    return new AddReport(tally.added, tally.rejected);
  }

  /** Counts through the batches of one {@link #addAll}. */
  private static final class Tally {
    final long total;
    final ProgressListener progress;
    final List<AddReport.Rejected> rejected = new ArrayList<>();
    int added;
    long done;

    Tally(long total, ProgressListener progress) {
      this.total = total;
      this.progress = progress;
    }
  }

  private void addBatch(List<ProductImage> batch, Tally tally) {
    var features = new float @Nullable [batch.size()][];
    var reasons = new @Nullable String[batch.size()];
    extractor()
        .extractAll(
            batch.stream().map(ProductImage::image).toList(),
            new FeatureExtractor.Sink() {
              @Override
              public void extracted(int index, float[] extracted) {
                features[index] = extracted;
                tally.progress.progress(++tally.done, tally.total);
              }

              @Override
              public void unreadable(int index, UnreadableImageException reason) {
                reasons[index] = reason.getMessage();
                tally.progress.progress(++tally.done, tally.total);
              }
            });
    var good = new ArrayList<Arrival>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      Product product = batch.get(i).product();
      float[] extracted = features[i];
      String reason = reasons[i];
      if (extracted != null) {
        try {
          checkFeatures("the product " + product.id(), extracted);
          good.add(new Arrival(product, extracted));
        } catch (IllegalArgumentException e) {
          // The extractor's fault, but that of this one picture: the others go in.
          tally.rejected.add(
              new AddReport.Rejected(product.id(), batch.get(i).image() + ": " + e.getMessage()));
        }
      } else {
        tally.rejected.add(
            new AddReport.Rejected(product.id(), Objects.requireNonNullElse(reason, "no outcome")));
      }
    }
    put(good);
    tally.added += good.size();
  }

  private void put(List<Arrival> batch) {
    var last = new LinkedHashMap<String, Arrival>();
    batch.forEach(a -> last.put(a.product.id(), a));
    writing.lock();
    try {
      checkOpen();
      Fitted fit = fitted;
      var items = new ArrayList<IndexItem>(last.size());
      for (Arrival a : last.values()) {
        items.add(new IndexItem(a.product.id(), fit.vector(a.features), a.product.attributes()));
      }
      // The entries come first: a search that finds a product must find its entry.
      Map<String, @Nullable Entry> before = new LinkedHashMap<>();
      last.forEach((id, a) -> before.put(id, entries.put(id, entry(a.product, a.features))));
      try {
        fit.index.upsertAll(items);
      } catch (RuntimeException | Error e) { // an index may well run out of memory
        before.forEach(this::restore);
        throw e;
      }
      last.forEach((id, a) -> changed(before.get(id), a.product));
    } finally {
      writing.unlock();
    }
  }

  private Entry entry(Product product, float[] features) {
    return new Entry(product, rule.equals(FeatureTransform.Rule.NONE) ? null : features);
  }

  private void changed(@Nullable Entry before, @Nullable Product now) {
    if (designs != null) {
      designs.changed(before == null ? null : before.product, now);
    }
    if (categoryBy != null && now != null) {
      Object category = now.attributes().get(categoryBy);
      if (before == null
          || !Objects.equals(category, before.product.attributes().get(categoryBy))) {
        purchases.categorise(now.id(), category);
      }
    }
  }

  private void restore(String id, @Nullable Entry before) {
    if (before == null) {
      entries.remove(id);
    } else {
      entries.put(id, before);
    }
  }

  /**
   * Replaces a product's attributes and leaves its features alone: a change of price or stock.
   *
   * @param product the id and the new attributes
   * @return false if the id is not in the catalogue
   */
  public boolean update(Product product) {
    writing.lock();
    try {
      checkOpen();
      Entry old = entries.get(product.id());
      if (old == null) {
        return false;
      }
      fitted.index.setAttributes(product.id(), product.attributes());
      entries.put(product.id(), new Entry(product, old.features));
      changed(old, product);
      return true;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Takes a product out of the catalogue; its purchases stay counted. Once this returns, no call
   * that begins afterwards recommends it.
   *
   * @param productId the product
   * @return false if the id was not in the catalogue
   */
  public boolean remove(String productId) {
    Objects.requireNonNull(productId, "productId");
    writing.lock();
    try {
      checkOpen();
      Entry old = entries.get(productId);
      if (old == null) {
        return false;
      }
      fitted.index.remove(productId);
      entries.remove(productId);
      changed(old, null);
      return true;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Counts the sale of one piece.
   *
   * @param productId what was bought; it need not be in the catalogue yet
   * @param time when
   * @throws IllegalArgumentException if the id is blank, or as {@link PurchaseLog#record(Purchase)}
   */
  public void recordPurchase(String productId, Instant time) {
    checkOpen();
    purchases.record(Purchase.of(productId, time));
  }

  /**
   * Takes note of what a customer has done: pages for him change at once, and a purchase is counted
   * as by {@link #recordPurchase}.
   *
   * @param event what was done; its product need not be in the catalogue
   * @throws IllegalArgumentException for a purchase as {@link PurchaseLog#record(Purchase)};
   *     nothing has been noted
   * @throws IllegalStateException if this recommender keeps no {@linkplain Builder#sessions
   *     sessions}
   */
  public void record(Event event) {
    checkOpen();
    Sessions kept = sessions();
    if (event.kind() == Event.Kind.BOUGHT) {
      purchases.record(new Purchase(event.productId(), event.time(), 1, event.id()));
    }
    kept.record(event);
  }

  /**
   * Counts sales: all of them, or, if one cannot be counted, none. Searches that run meanwhile may
   * see a part of them.
   *
   * @param sold what was bought; read to the end before anything is counted
   * @throws IllegalArgumentException as {@link PurchaseLog#record(Purchase)}; nothing has been
   *     counted
   * @throws ArithmeticException as {@link PurchaseLog#record(Purchase)}; nothing has been counted
   */
  public void recordPurchases(Iterable<Purchase> sold) {
    checkOpen();
    purchases.recordAll(sold);
  }

  /**
   * Fits the transform to the catalogue as it is now and indexes every product again. Searches go
   * on in the old index until the new one is complete; writers wait. Without a {@linkplain
   * Builder#transform transform}, or with an empty catalogue, nothing happens.
   *
   * @return the transform now in use
   */
  public FeatureTransform refit() {
    writing.lock();
    try {
      checkOpen();
      List<Entry> all = List.copyOf(entries.values());
      if (rule.equals(FeatureTransform.Rule.NONE) || all.isEmpty()) {
        return fitted.transform;
      }
      // In the order of the ids, so that the same catalogue always gives the same transform.
      List<Entry> sorted =
          all.stream().sorted(Comparator.comparing((Entry e) -> e.product.id())).toList();
      install(rule.fit(new Rows(sorted, dimension)), sorted);
      LOG.info("Refitted the transform: {}", fitted.transform.description());
      return fitted.transform;
    } finally {
      writing.unlock();
    }
  }

  /** Replaces transform and index; on an exception the old ones stay. */
  private void install(FeatureTransform transform, List<Entry> all) {
    NeighborIndex index = indexes.create(transform.outputDimension());
    var next = new Fitted(transform, index);
    try {
      var batch = new ArrayList<IndexItem>(BATCH);
      for (Entry e : all) {
        float[] features = Objects.requireNonNull(e.features);
        batch.add(new IndexItem(e.product.id(), next.vector(features), e.product.attributes()));
        if (batch.size() == BATCH) {
          index.upsertAll(batch);
          batch.clear();
        }
      }
      index.upsertAll(batch);
    } catch (RuntimeException | Error e) {
      index.close();
      throw e;
    }
    Fitted old = fitted;
    fitted = next;
    old.index.close();
  }

  private record Rows(List<Entry> entries, int dimension) implements FeatureSet {
    @Override
    public int size() {
      return entries.size();
    }

    @Override
    public void copyRow(int row, float[] target, int offset) {
      float[] features = Objects.requireNonNull(entries.get(row).features);
      System.arraycopy(features, 0, target, offset, dimension);
    }
  }

  /**
   * Saves products, features, transform and purchases. The new state is written beside the old and
   * takes its place in one rename: whenever the process or the machine stops, the folder holds one
   * or the other. Searches go on meanwhile; writers wait.
   *
   * @param folder the store; created if missing, and only written to if it is empty or a store
   * @throws StoreException if the folder is in use by another writer, or holds something else
   * @throws IOException if writing fails; what was saved before is untouched
   */
  public void save(Path folder) throws IOException {
    writing.lock();
    try {
      checkOpen();
      Fitted fit = fitted;
      var saved = new ArrayList<StoreFolder.Item>(entries.size());
      entries.values().stream()
          .sorted(Comparator.comparing((Entry e) -> e.product.id()))
          .forEach(e -> saved.add(new StoreFolder.Item(e.product, savedFeatures(fit, e))));
      new StoreFolder(identity(extractor), dimension, rule.name(), fit.transform, saved, purchases)
          .write(folder);
    } finally {
      writing.unlock();
    }
  }

  private static float[] savedFeatures(Fitted fit, Entry entry) {
    if (entry.features != null) {
      return entry.features;
    }
    UnitVector vector = fit.index.vector(entry.product.id());
    if (vector == null) {
      throw new IllegalStateException("the index has lost the product " + entry.product.id());
    }
    return vector.toArray();
  }

  /**
   * Frees the index and closes the extractor, the latter also if the former throws. Closing twice
   * has no effect.
   */
  @Override
  public void close() {
    writing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      try (extractor) {
        fitted.index.close();
      }
    } finally {
      writing.unlock();
    }
  }

  /** Fills a recommender that nobody else has seen yet. */
  private void fill(StoreFolder saved) {
    try {
      List<Entry> all =
          saved.items().stream().map(i -> new Entry(i.product(), i.features())).toList();
      install(saved.transform(), all);
      all.forEach(
          e -> {
            entries.put(e.product.id(), entry(e.product, Objects.requireNonNull(e.features)));
            changed(null, e.product);
          });
    } catch (RuntimeException | Error e) {
      fitted.index.close();
      throw e;
    }
  }

  // ---- checks

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this recommender has been closed");
    }
  }

  private FeatureExtractor extractor() {
    if (extractor == null) {
      throw new IllegalStateException(
          "this recommender has no extractor for pictures; give the builder one, or call with"
              + " features");
    }
    return extractor;
  }

  private void checkFeatures(String whose, float[] features) {
    if (features.length != dimension) {
      throw new IllegalArgumentException(
          whose + " has " + features.length + " features, expected " + dimension);
    }
    try {
      UnitVector.of(features);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the features of " + whose + ": " + e.getMessage(), e);
    }
  }

  private static String identity(@Nullable FeatureExtractor extractor) {
    return extractor == null ? "" : extractor.identity();
  }

  /**
   * Sets up a {@link Recommender}. Setting anything twice is an error. Not safe for use by several
   * threads.
   */
  public static final class Builder {

    /** So many candidates the paper fetches before it ranks by sales. */
    private static final int PAPER_CANDIDATES = 10;

    private @Nullable FeatureExtractor extractor;
    private @Nullable Integer dimension;
    private FeatureTransform.@Nullable Rule transform;
    private @Nullable IndexFactory index;
    private @Nullable Reranker reranker;
    private @Nullable CandidatePool depth;
    private @Nullable String variantsBy;
    private @Nullable VariantPolicy variants;
    private @Nullable Float variantsAbove;
    private @Nullable String categoryBy;
    private @Nullable Merchandising merchandising;
    private @Nullable Diversity diversity;
    private @Nullable Sessions sessions;

    private Builder() {}

    /**
     * Makes features of pictures. The recommender closes it when it is closed itself. Until {@link
     * #build} or {@link #open} has returned one, it is the caller's: if they throw, it is left
     * open, so that one may, say, build where there was nothing to open.
     *
     * @param extractor the network
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder extractor(FeatureExtractor extractor) {
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
    public Builder dimension(int dimension) {
      if (dimension < 1) {
        throw new IllegalArgumentException("dimension is " + dimension + ", expected 1 or more");
      }
      this.dimension = once("dimension", this.dimension, dimension);
      return this;
    }

    /**
     * What {@link Recommender#refit} fits to the catalogue. Without this, features are indexed as
     * they are.
     *
     * @param rule such as {@code CatalogueTransform.byCatalogueSize()}
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder transform(FeatureTransform.Rule rule) {
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
    public Builder index(IndexFactory index) {
      this.index = once("index", this.index, index);
      return this;
    }

    /**
     * What orders the page. Without this, the order is by similarity.
     *
     * @param reranker such as {@link PopularityReranker#byPurchases()}
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder reranker(Reranker reranker) {
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
    public Builder candidates(int candidates) {
      return depth(CandidatePool.atLeast(candidates));
    }

    /**
     * How many of the nearest products are looked at and no more: a page is shorter than k where
     * the reranker drops some of them.
     *
     * @param candidates at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if this or {@link #candidates} was already set
     */
    public Builder onlyNearest(int candidates) {
      return depth(CandidatePool.atMost(candidates));
    }

    private Builder depth(CandidatePool depth) {
      if (this.depth != null) {
        throw new IllegalStateException("candidates was already set to " + this.depth.candidates());
      }
      this.depth = depth;
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
    public Builder variantsBy(String attribute, VariantPolicy variants) {
      if (attribute.isBlank()) {
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
    public Builder variantsAbove(float similarity, VariantPolicy variants) {
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
    public Builder categoryBy(String attribute) {
      if (attribute.isBlank()) {
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
    public Builder merchandising(Merchandising merchandising) {
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
    public Builder diversity(Diversity diversity) {
      this.diversity = once("diversity", this.diversity, diversity);
      return this;
    }

    /**
     * Where {@link Recommender#record(Event) events} are noted. Without this, there are no pages of
     * a customer's own.
     *
     * @param sessions such as {@code Sessions.builder().build()}; several recommenders may share
     *     one if their customers name different {@linkplain Customer#tenant tenants}
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder sessions(Sessions sessions) {
      this.sessions = once("sessions", this.sessions, sessions);
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
    public Builder paper() {
      return transform(FeatureTransform.Rule.NONE)
          .onlyNearest(PAPER_CANDIDATES)
          .reranker(PopularityReranker.byPurchases());
    }

    /**
     * Makes an empty recommender. If this throws, the {@linkplain #extractor extractor} is left
     * open.
     *
     * @return the recommender, to be closed by the caller
     * @throws IllegalStateException if the index is missing, if neither extractor nor dimension is
     *     set, or if they contradict each other
     */
    public Recommender build() {
      int length = checkedDimension();
      return new Recommender(this, checkedIndex(), length, new PurchaseLog());
    }

    /**
     * Opens a saved catalogue with these settings; the index is built anew from its vectors. If
     * this throws, the index has been closed and the {@linkplain #extractor extractor} is left
     * open.
     *
     * @param folder what {@link Recommender#save} wrote
     * @return the recommender, to be closed by the caller
     * @throws StoreException if the folder is no store, is damaged, or was made with another
     *     extractor, dimension or kind of transform
     * @throws IOException if reading fails
     * @throws IllegalStateException as for {@link #build}
     */
    public Recommender open(Path folder) throws IOException {
      int length = checkedDimension();
      FeatureTransform.Rule rule = transform == null ? FeatureTransform.Rule.NONE : transform;
      StoreFolder saved = StoreFolder.read(folder, identity(extractor), length, rule);
      var opened = new Recommender(this, checkedIndex(), length, saved.purchases());
      opened.fill(saved);
      return opened;
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

    private static <T> T once(String name, @Nullable T before, T value) {
      Objects.requireNonNull(value, name);
      if (before != null) {
        throw new IllegalStateException(name + " was already set to " + before);
      }
      return value;
    }
  }
}
