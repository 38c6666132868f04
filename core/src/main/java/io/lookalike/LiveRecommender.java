package io.lookalike;

import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.RequestResolver.Prepared;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The recommender: hands each call to the part that does it. */
final class LiveRecommender implements Recommender {

  private static final Logger LOG = LoggerFactory.getLogger(LiveRecommender.class);

  private final @Nullable FeatureExtractor extractor;
  private final String extractorIdentity;
  private final @Nullable Sessions sessions;
  private final PurchaseLog purchases;
  private final boolean keepsSessions;
  private final LiveCatalogue catalogue;

  /** Where there is a store. */
  private final @Nullable DurableCatalogue durable;

  private final CatalogueWrites writes;
  private final RequestResolver resolver;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** A recommender without a store. */
  LiveRecommender(
      RecommenderBuilder settings, IndexFactory indexes, int dimension, PurchaseLog purchases) {
    this(
        settings,
        purchases,
        catalogue(
            settings,
            indexes,
            dimension,
            purchases,
            settings.rule().equals(FeatureTransform.Rule.NONE)
                ? FeatureShelf.NONE
                : new FeatureShelf.OnHeap()),
        null);
  }

  private LiveRecommender(
      RecommenderBuilder settings,
      PurchaseLog purchases,
      LiveCatalogue catalogue,
      @Nullable DurableCatalogue durable) {
    this.extractor = settings.extractor;
    this.extractorIdentity = settings.identity();
    this.sessions = settings.sessions;
    this.keepsSessions = durable != null && settings.keepSessions;
    this.purchases = purchases;
    this.catalogue = catalogue;
    this.durable = durable;
    this.writes = durable == null ? catalogue : durable;
    this.resolver =
        new RequestResolver(
            catalogue, purchases, settings.page(), extractor, sessions, settings.variantsAbove);
  }

  /**
   * Opens what a store holds, or begins with an empty one.
   *
   * @throws StoreException if it cannot be opened; it is left open
   */
  static LiveRecommender open(
      RecommenderBuilder settings,
      IndexFactory indexes,
      int dimension,
      PurchaseLog purchases,
      CatalogueStore store)
      throws StoreException {
    Manifest manifest = Manifest.checked(store, settings.identity(), dimension);
    FeatureTransform.Rule rule = settings.rule();
    LiveCatalogue catalogue =
        catalogue(
            settings,
            indexes,
            dimension,
            purchases,
            rule.equals(FeatureTransform.Rule.NONE)
                ? FeatureShelf.NONE
                : new StoreShelf(store, manifest.network(), dimension));
    try {
      PurchaseLog kept = settings.sharesPurchases() ? null : purchases;
      Sessions sessions = settings.keepSessions ? settings.sessions : null;
      CatalogueOpener.Opened opened =
          new CatalogueOpener(store, manifest, indexes, rule, catalogue).open(kept, sessions);
      var durable =
          new DurableCatalogue(
              store,
              manifest.network(),
              catalogue,
              opened,
              kept,
              sessions,
              settings.purchaseDelay());
      var recommender = new LiveRecommender(settings, purchases, catalogue, durable);
      if (opened.refit()) {
        recommender.refit();
      }
      return recommender;
    } catch (StoreException | RuntimeException | Error e) {
      catalogue.close();
      throw e;
    }
  }

  private static LiveCatalogue catalogue(
      RecommenderBuilder settings,
      IndexFactory indexes,
      int dimension,
      PurchaseLog purchases,
      FeatureShelf features) {
    return new LiveCatalogue(
        indexes,
        settings.rule(),
        dimension,
        features,
        settings.variantsBy == null ? null : new VariantGroups(settings.variantsBy),
        settings.categoryBy == null ? null : categories(purchases, settings.categoryBy));
  }

  private static LiveCatalogue.ChangeListener categories(PurchaseLog purchases, String attribute) {
    return (id, before, now) -> {
      if (now == null) {
        if (purchases.count(id) == 0) {
          purchases.categorise(id, null); // nothing is known of it any more
        }
      } else {
        Object category = now.get(attribute);
        if (before == null || !Objects.equals(category, before.get(attribute))) {
          purchases.categorise(id, category);
        }
      }
    };
  }

  // ---- reading

  /** A request, the state that it was answered in, and the answer. */
  private record Answer(
      Prepared prepared, Serving serving, Pipeline.Run run, List<Candidate> passedOver) {}

  @Override
  public RecommendationPage recommend(RecommendationRequest request) {
    return answer(request, pipeline -> List.of()).run.page();
  }

  @Override
  public Explanation explain(RecommendationRequest request) {
    Answer answer = answer(request, Pipeline::passedOver);
    return new Explanation(answer.run, purchases, answer.passedOver, id -> verdict(answer, id));
  }

  private Answer answer(
      RecommendationRequest request, Function<Pipeline, List<Candidate>> passedOver) {
    Objects.requireNonNull(request, "request");
    catalogue.checkOpen();
    Prepared prepared = resolver.prepare(request);
    return catalogue.read(
        serving -> {
          ResolvedRequest resolved = resolver.resolve(prepared, serving);
          var pipeline = new Pipeline(resolved, serving.index(), purchases);
          Pipeline.Run run = pipeline.run();
          return new Answer(prepared, serving, run, passedOver.apply(pipeline));
        });
  }

  /** What is to be said of a product that was no candidate, by the catalogue as it is by now. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private Explanation.Verdict verdict(Answer answer, String id) {
    return catalogue.read(
        now -> {
          IndexItem item = now.index().item(id);
          Product product =
              item == null ? catalogue.withoutLooks(id) : new Product(item.id(), item.attributes());
          if (product == null) {
            return new Explanation.Verdict(
                Explanation.Stage.CATALOGUE, "it is not in the catalogue");
          }
          ResolvedRequest request = answer.run.request();
          if (now != answer.serving) { // whose vectors may be of another space
            try {
              request = resolver.resolve(answer.prepared, now);
            } catch (UnknownProductException e) {
              return new Explanation.Verdict(
                  Explanation.Stage.QUERY, String.valueOf(e.getMessage()));
            }
          }
          Explanation.Verdict verdict =
              request.whyIneligible(product, item == null ? null : item.vector(), purchases);
          if (verdict == null && answer.run.page().ids().size() < request.request().k()) {
            verdict = answer.run.whyFull(product);
          }
          return verdict != null
              ? verdict
              : new Explanation.Verdict(
                  Explanation.Stage.CANDIDATES, tooFar(answer.run, request, item));
        });
  }

  private static String tooFar(
      Pipeline.Run run, ResolvedRequest request, @Nullable IndexItem item) {
    if (item == null) {
      return "nothing is known of its looks";
    }
    List<Candidate> candidates = run.round().candidates();
    if (candidates.isEmpty()) {
      return "nothing was looked at";
    }
    return String.format(
        Locale.ROOT,
        "its similarity is %.3f, and the last of the %d candidates has %.3f",
        request.objective().similarity(item.vector()),
        candidates.size(),
        candidates.get(candidates.size() - 1).similarity());
  }

  @Override
  public int size() {
    return catalogue.size();
  }

  @Override
  public Optional<Product> product(String productId) {
    return Optional.ofNullable(catalogue.product(Objects.requireNonNull(productId, "productId")));
  }

  @Override
  public Iterable<Product> products() {
    return catalogue.products();
  }

  @Override
  public PurchaseLog purchases() {
    return purchases;
  }

  @Override
  public FeatureTransform transform() {
    return catalogue.serving().transform();
  }

  @Override
  public NeighborSearcher searcher() {
    return catalogue.serving().index();
  }

  @Override
  public Sessions sessions() {
    return resolver.sessions();
  }

  // ---- writing

  @Override
  public void add(Product product, ImageSource image) {
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(image, "image");
    catalogue.checkOpen();
    String picture = writes.remembersPictures() ? PictureHash.of(image) : null;
    float[] features = picture == null ? null : writes.pictures(List.of(picture)).get(picture);
    if (features == null) {
      features = resolver.extractor().extract(image);
    }
    catalogue.checkFeatures("the product " + product.id(), features);
    writes.put(List.of(new Arrival(product, features, picture)));
  }

  @Override
  public void add(Product product, float[] features) {
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(features, "features");
    catalogue.checkFeatures("the product " + product.id(), features);
    writes.put(List.of(new Arrival(product, features.clone())));
  }

  @Override
  public void add(Product product) {
    Objects.requireNonNull(product, "product");
    writes.put(List.of(new Arrival(product, null)));
  }

  @Override
  public AddReport addAll(Iterable<? extends CatalogueItem> items, ProgressListener progress) {
    Objects.requireNonNull(items, "items");
    Objects.requireNonNull(progress, "progress");
    catalogue.checkOpen();
    AddReport report =
        new CatalogueLoader(catalogue, writes, resolver::extractor, items, progress).run();
    saveIfMuchChanged();
    return report;
  }

  @Override
  public boolean update(Product product) {
    return writes.update(Objects.requireNonNull(product, "product"));
  }

  @Override
  public boolean update(String productId, UnaryOperator<Attributes> change) {
    Objects.requireNonNull(productId, "productId");
    return writes.update(productId, Objects.requireNonNull(change, "change"));
  }

  @Override
  public boolean remove(String productId) {
    return writes.remove(Objects.requireNonNull(productId, "productId"));
  }

  @Override
  public void recordPurchase(String productId, Instant time) {
    catalogue.checkOpen();
    purchases.record(Purchase.of(productId, time));
  }

  @Override
  public void recordPurchases(Iterable<Purchase> sold) {
    Objects.requireNonNull(sold, "sold");
    catalogue.checkOpen();
    purchases.recordAll(sold);
  }

  @Override
  public void record(Event event) {
    Objects.requireNonNull(event, "event");
    catalogue.checkOpen();
    Sessions kept = sessions();
    if (event.kind() == Event.Kind.BOUGHT) {
      purchases.record(new Purchase(event.productId(), event.time(), 1, event.id()));
    }
    if (durable != null && keepsSessions) {
      durable.record(event);
    } else {
      kept.record(event);
    }
  }

  @Override
  public boolean forget(Customer customer) {
    Objects.requireNonNull(customer, "customer");
    catalogue.checkOpen();
    Sessions kept = sessions();
    if (durable != null && keepsSessions) {
      durable.forget(customer);
    }
    return kept.forget(customer);
  }

  // ---- long work

  @Override
  public FeatureTransform refit() {
    FeatureTransform transform = catalogue.refit();
    if (durable != null) {
      durable.refitted(transform);
      saveQuietly();
    }
    LOG.info("Refitted: {}", transform.description());
    return transform;
  }

  @Override
  public boolean optimize() {
    return catalogue.optimize();
  }

  @Override
  public boolean save() throws IOException {
    return durable != null && durable.saveIndex();
  }

  private void saveIfMuchChanged() {
    if (durable != null && durable.muchChanged()) {
      saveQuietly();
    }
  }

  /** The index is derived: where it cannot be saved, the next start takes longer. */
  private void saveQuietly() {
    try {
      save();
    } catch (IOException e) {
      LOG.warn("The index could not be saved, so the next start builds it: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try (extractor) {
        if (durable != null) {
          durable.close();
        }
        catalogue.close();
      }
    }
  }

  /** Returns what it holds and what it is made of. */
  @Override
  public String toString() {
    return closed.get()
        ? "Recommender[closed]"
        : "Recommender["
            + size()
            + " products, "
            + purchases.total()
            + " pieces sold, "
            + (extractorIdentity.isEmpty() ? "features from elsewhere" : extractorIdentity)
            + ", "
            + transform().description()
            + "]";
  }
}
