package io.lookalike;

import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.RequestResolver.Prepared;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The recommender: hands each call to the part that does it. */
final class LiveRecommender implements Recommender {

  private static final Logger LOG = LoggerFactory.getLogger(LiveRecommender.class);

  private final Engine.Shop shop;
  private final PurchaseLog purchases;
  private final boolean keepsSessions;

  /** Where there is a store. */
  private final @Nullable DurableCatalogue durable;

  /** What answers; replaced by a change of network. */
  private volatile Engine engine;

  private final AttributeSuggester suggester = new AttributeSuggester();

  private final AtomicBoolean closed = new AtomicBoolean();

  /** Audits take turns. */
  private final ReentrantLock auditing = new ReentrantLock();

  private LiveRecommender(
      Engine.Shop shop, Engine engine, @Nullable DurableCatalogue durable, boolean keepsSessions) {
    this.shop = shop;
    this.purchases = shop.purchases();
    this.keepsSessions = keepsSessions;
    this.durable = durable;
    this.engine = engine;
  }

  private static Engine.Shop shop(
      RecommenderBuilder settings, IndexFactory indexes, PurchaseLog purchases) {
    return new Engine.Shop(
        indexes,
        settings.rule(),
        settings.photos(),
        settings.page(),
        settings.variantsBy,
        settings.variantsAbove,
        settings.categoryBy,
        purchases,
        settings.sessions,
        settings.coPurchases);
  }

  /** A recommender without a store. */
  static LiveRecommender inMemory(
      RecommenderBuilder settings, IndexFactory indexes, int dimension, PurchaseLog purchases) {
    Engine.Shop shop = shop(settings, indexes, purchases);
    LiveCatalogue catalogue = shop.catalogue(dimension, new FeatureShelf.OnHeap());
    return new LiveRecommender(
        shop, shop.engine(0, settings.extractor, settings.identity(), catalogue), null, false);
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
    Engine.Shop shop = shop(settings, indexes, purchases);
    LiveCatalogue catalogue =
        shop.catalogue(dimension, new StoreShelf(store, manifest.network(), dimension));
    try {
      PurchaseLog kept = settings.sharesPurchases() ? null : purchases;
      Sessions sessions = settings.keepSessions ? settings.sessions : null;
      CoPurchases coPurchases = settings.coPurchasesKept == null ? null : settings.coPurchases;
      CatalogueOpener.Opened opened =
          new CatalogueOpener(store, manifest, indexes, shop.rule(), catalogue)
              .open(kept, sessions, coPurchases);
      var durable =
          new DurableCatalogue(
              store,
              manifest,
              catalogue,
              opened,
              kept,
              sessions,
              coPurchases,
              settings.coPurchasesKept,
              settings.purchaseDelay());
      var recommender =
          new LiveRecommender(
              shop,
              shop.engine(manifest.network(), settings.extractor, settings.identity(), catalogue),
              durable,
              settings.keepSessions);
      if (opened.refit()) {
        recommender.refit();
      } else if (!opened.indexSaved() && catalogue.size() > 0) {
        durable.saveQuietly(); // or the next start would build it again
      }
      return recommender;
    } catch (StoreException | RuntimeException | Error e) {
      catalogue.close();
      throw e;
    }
  }

  /** A change of network closes what it replaces; whoever was in it begins again. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private <T extends @Nullable Object> T with(Function<Engine, T> work) {
    while (true) {
      Engine now = engine;
      try {
        return work.apply(now);
      } catch (IllegalStateException e) {
        if (now == engine) {
          now.catalogue().checkOpen(); // else what was closed with it is told
          throw e;
        }
      }
    }
  }

  private CatalogueWrites writes() {
    return durable == null ? engine.catalogue() : durable;
  }

  // ---- reading

  /** A request, the state that it was answered in, and the answer. */
  private record Answer(
      Engine engine,
      Prepared prepared,
      Serving serving,
      Pipeline.Run run,
      List<Candidate> passedOver) {}

  @Override
  public RecommendationPage recommend(RecommendationRequest request) {
    return answer(request, pipeline -> List.of()).run.page();
  }

  @Override
  public Explanation explain(RecommendationRequest request) {
    Answer answer = answer(request, Pipeline::passedOver);
    return new Explanation(
        answer.run,
        purchases,
        answer.passedOver,
        new Explanation.Outside() {
          @Override
          public Explanation.Verdict verdict(String productId) {
            return LiveRecommender.this.verdict(answer, productId);
          }

          @Override
          public List<Float> photos(String productId) {
            return LiveRecommender.this.photos(answer, productId);
          }
        });
  }

  private Answer answer(
      RecommendationRequest request, Function<Pipeline, List<Candidate>> passedOver) {
    Objects.requireNonNull(request, "request");
    return with(
        now -> {
          now.catalogue().checkOpen();
          Prepared prepared = now.resolver().prepare(request);
          return now.catalogue()
              .read(
                  serving -> {
                    ResolvedRequest resolved = now.resolver().resolve(prepared, serving);
                    var pipeline = new Pipeline(resolved, serving.index(), purchases);
                    Pipeline.Run run = pipeline.run();
                    return new Answer(now, prepared, serving, run, passedOver.apply(pipeline));
                  });
        });
  }

  /** What is to be said of a product that was no candidate, by the catalogue as it is by now. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private Explanation.Verdict verdict(Answer answer, String id) {
    LiveCatalogue catalogue = answer.engine.catalogue();
    if (answer.engine != engine) {
      return new Explanation.Verdict(
          Explanation.Stage.CANDIDATES, "the network has changed since; explain the page again");
    }
    return catalogue.read(
        now -> {
          List<IndexItem> photos = now.index().photosOf(List.of(id)).get(id);
          Product product =
              photos == null
                  ? catalogue.withoutLooks(id)
                  : new Product(id, photos.get(0).attributes());
          if (product == null) {
            return new Explanation.Verdict(
                Explanation.Stage.CATALOGUE, "it is not in the catalogue");
          }
          ResolvedRequest request;
          try {
            request = resolved(answer, now);
          } catch (UnknownProductException e) {
            return new Explanation.Verdict(Explanation.Stage.QUERY, String.valueOf(e.getMessage()));
          }
          ResolvedRequest.Photo photo = ResolvedRequest.Photo.nearest(photos, request.objective());
          Explanation.Verdict verdict =
              request.whyIneligible(product, photo == null ? null : photo.vector(), purchases);
          if (verdict == null && answer.run.page().ids().size() < request.request().k()) {
            verdict = answer.run.whyFull(product);
          }
          return verdict != null
              ? verdict
              : new Explanation.Verdict(
                  Explanation.Stage.CANDIDATES,
                  tooFar(answer.run, request, photo) + request.together().remark(id));
        });
  }

  /** How near each of a product's photos is, by the catalogue as it is by now. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private List<Float> photos(Answer answer, String id) {
    if (answer.engine != engine) {
      return List.of();
    }
    return answer
        .engine
        .catalogue()
        .read(
            now -> {
              try {
                Objective objective = resolved(answer, now).objective();
                return now.index().photosOf(List.of(id)).getOrDefault(id, List.of()).stream()
                    .map(photo -> objective.similarity(photo.vector()))
                    .toList();
              } catch (UnknownProductException e) {
                return List.<Float>of();
              }
            });
  }

  /** The request of an answer, as it is by now. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private static ResolvedRequest resolved(Answer answer, Serving now) {
    return now == answer.serving // else its vectors may be of another space
        ? answer.run.request()
        : answer.engine.resolver().resolve(answer.prepared, now);
  }

  @Override
  public Optional<Suggestion> suggest(String productId, String attribute) {
    Objects.requireNonNull(productId, "productId");
    Objects.requireNonNull(attribute, "attribute");
    return with(
        now ->
            now.catalogue()
                .read(
                    serving -> {
                      List<IndexItem> photos =
                          serving.index().photosOf(Set.of(productId)).get(productId);
                      if (photos != null) {
                        return suggester.suggest(
                            serving.index(),
                            AttributeSuggester.vector(photos),
                            Set.of(productId),
                            attribute);
                      }
                      if (now.catalogue().withoutLooks(productId) == null) {
                        throw new UnknownProductException(productId, now.catalogue());
                      }
                      return Optional.empty();
                    }));
  }

  @Override
  public Optional<Suggestion> suggest(ImageSource image, String attribute) {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(attribute, "attribute");
    return with(
        now -> {
          now.catalogue().checkOpen();
          float[] features = now.resolver().extractor().extract(image);
          return now.catalogue()
              .read(
                  serving ->
                      suggester.suggest(
                          serving.index(), serving.vector(features), Set.of(), attribute));
        });
  }

  @Override
  public List<SharedPicture> sharedPictures(int least) {
    if (least < 2) {
      throw new IllegalArgumentException("least is " + least + ", expected 2 or more");
    }
    return with(now -> now.catalogue().read(serving -> SharedPictures.of(serving.index(), least)));
  }

  private static String tooFar(
      Pipeline.Run run, ResolvedRequest request, ResolvedRequest.@Nullable Photo photo) {
    if (photo == null) {
      return "nothing is known of its looks";
    }
    List<Candidate> candidates =
        run.round().candidates().stream().filter(c -> c.strengthTogether() == 0).toList();
    if (candidates.isEmpty()) {
      return "nothing was looked at";
    }
    return String.format(
        Locale.ROOT,
        "its similarity is %.3f, and the last of the %d candidates has %.3f",
        request.objective().similarity(photo.vector()),
        candidates.size(),
        candidates.get(candidates.size() - 1).similarity());
  }

  @Override
  public int size() {
    return with(now -> now.catalogue().size());
  }

  @Override
  public Optional<Product> product(String productId) {
    Objects.requireNonNull(productId, "productId");
    return with(now -> Optional.ofNullable(now.catalogue().product(productId)));
  }

  @Override
  public Iterable<Product> products() {
    return engine.catalogue().products();
  }

  @Override
  public PurchaseLog purchases() {
    return purchases;
  }

  @Override
  public FeatureTransform transform() {
    return with(now -> now.catalogue().serving().transform());
  }

  @Override
  public NeighborSearcher searcher() {
    return with(now -> now.catalogue().serving().index());
  }

  @Override
  public Sessions sessions() {
    return engine.resolver().sessions();
  }

  // ---- writing

  @Override
  public void add(Product product, List<ImageSource> images) {
    var item = new ProductImage(product, images);
    with(
        now -> {
          now.catalogue().checkOpen();
          writes().put(List.of(arrival(now, item)));
          return product;
        });
  }

  private Arrival arrival(Engine now, ProductImage item) {
    EmbeddedPictures.Memory memory = writes().pictures(now.network());
    String picture = null;
    float[] features = null;
    if (memory != null) {
      picture = PictureHash.of(item.images());
      features = picture == null ? null : remembered(memory, picture);
    }
    Product product = item.product();
    if (features == null) {
      FeatureExtractor extractor = now.resolver().extractor();
      features = EmbeddedPictures.joined(item.images().stream().map(extractor::extract).toList());
    }
    now.catalogue().checkPhotos("the product " + product.id(), features);
    return new Arrival(product, features, picture, now.network());
  }

  private static float @Nullable [] remembered(EmbeddedPictures.Memory memory, String picture) {
    try {
      return memory.pictures(Set.of(picture)).get(picture);
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void add(Product product, float[] features) {
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(features, "features");
    Engine now = engine;
    now.catalogue().checkFeatures("the product " + product.id(), features);
    writes().put(List.of(new Arrival(product, features.clone(), null, now.network())));
  }

  @Override
  public void add(Product product) {
    Objects.requireNonNull(product, "product");
    writes().put(List.of(new Arrival(product, null)));
  }

  @Override
  public <T extends CatalogueItem> AddReport addAll(Iterable<T> items, ProgressListener progress) {
    Objects.requireNonNull(items, "items");
    Objects.requireNonNull(progress, "progress");
    checkLongWork();
    engine.catalogue().checkOpen();
    AddReport report = new CatalogueLoader(() -> engine, writes(), items, progress).run();
    if (durable != null && durable.muchChanged()) {
      durable.saveQuietly();
    }
    return report;
  }

  @Override
  public boolean update(Product product) {
    return writes().update(Objects.requireNonNull(product, "product"));
  }

  @Override
  public boolean update(String productId, UnaryOperator<Attributes> change) {
    Objects.requireNonNull(productId, "productId");
    return writes().update(productId, Objects.requireNonNull(change, "change"));
  }

  @Override
  public boolean remove(String productId) {
    return writes().remove(Objects.requireNonNull(productId, "productId"));
  }

  @Override
  public void recordPurchase(String productId, Instant time) {
    engine.catalogue().checkOpen();
    purchases.record(Purchase.of(productId, time));
  }

  @Override
  public void recordPurchases(Iterable<Purchase> sold) {
    Objects.requireNonNull(sold, "sold");
    engine.catalogue().checkOpen();
    purchases.recordAll(sold);
  }

  @Override
  public void record(Event event) {
    Objects.requireNonNull(event, "event");
    engine.catalogue().checkOpen();
    Sessions inSession = noted(engine.resolver());
    boolean bought = event.kind() == Event.Kind.BOUGHT;
    if (bought) {
      purchases.record(new Purchase(event.productId(), event.time(), 1, event.id()));
    }
    DurableCatalogue store = keepsSessions ? durable : null;
    if (store != null) {
      store.record(event);
    } else if (inSession != null) {
      inSession.record(event);
    }
    CoPurchases counts = shop.coPurchases();
    boolean counted = store != null && store.keepsCoPurchases();
    if (bought && counts != null && !counted) {
      counts.record(event);
    }
  }

  /** Where events are noted, besides the co-purchases. */
  private @Nullable Sessions noted(RequestResolver resolver) {
    return shop.coPurchases() != null && shop.sessions() == null ? null : resolver.sessions();
  }

  @Override
  public boolean forget(Customer customer) {
    Objects.requireNonNull(customer, "customer");
    engine.catalogue().checkOpen();
    Sessions inSession = noted(engine.resolver());
    CoPurchases counts = shop.coPurchases();
    if (durable != null && (keepsSessions || durable.keepsCoPurchases())) {
      durable.forget(customer);
    }
    boolean bought = counts != null && counts.forget(customer);
    return (inSession != null && inSession.forget(customer)) || bought;
  }

  // ---- long work

  /** What decides on a change keeps the store's thread, for which long work may have to wait. */
  private void checkLongWork() {
    if (durable != null) {
      durable.checkCaller();
    }
  }

  @Override
  public FeatureTransform refit() {
    checkLongWork();
    FeatureTransform transform =
        engine
            .catalogue()
            .refit(null, durable == null ? LiveCatalogue.Refitting.UNNOTED : durable::refitted);
    if (durable != null) {
      durable.saveQuietly();
    }
    LOG.info("Refitted: {}", transform.description());
    return transform;
  }

  @Override
  public void reindex(ProgressListener progress) {
    Objects.requireNonNull(progress, "progress");
    checkLongWork();
    try {
      if (durable == null) {
        engine.catalogue().reindex(progress);
      } else {
        durable.reindex(shop.indexes(), progress);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean optimize() {
    checkLongWork();
    return engine.catalogue().optimize();
  }

  @Override
  public Reembedding reembed(
      FeatureExtractor extractor,
      Function<Product, List<ImageSource>> pictures,
      ProgressListener progress) {
    Objects.requireNonNull(extractor, "extractor");
    Objects.requireNonNull(pictures, "pictures");
    Objects.requireNonNull(progress, "progress");
    checkLongWork();
    engine.catalogue().checkOpen();
    if (durable == null) {
      throw new IllegalStateException(
          "this recommender has no store, in which another network's features could be kept; call"
              + " store(...) when building it");
    }
    try {
      var change =
          new NetworkChange(engine, shop, durable, extractor, pictures, next -> engine = next);
      boolean done = false;
      try {
        Reembedding prepared = change.prepare(progress);
        done = true;
        return prepared;
      } finally {
        if (!done) {
          change.close();
        }
      }
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public double audited() {
    return with(now -> now.catalogue().audited());
  }

  @Override
  public AuditReport audit(int products, int pages) {
    return inTurn(catalogue -> new Audit(catalogue, durable, products, pages).run());
  }

  @Override
  public AuditReport auditChanges() {
    return inTurn(Audit::ofChanges);
  }

  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private AuditReport inTurn(Function<LiveCatalogue, AuditReport> audit) {
    checkLongWork();
    try {
      auditing.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for another audit");
    }
    try {
      while (true) {
        LiveCatalogue catalogue = engine.catalogue();
        try {
          double before = catalogue.audited();
          AuditReport report = audit.apply(catalogue);
          if (durable != null && report.hasChangedIndex(before)) {
            durable.saveQuietly(); // or the next start would have lost it
          }
          return report;
        } catch (IllegalStateException e) {
          if (catalogue == engine.catalogue()) {
            throw e;
          } // else another network serves by now, whose catalogue is to be audited
        }
      }
    } finally {
      auditing.unlock();
    }
  }

  @Override
  public boolean save() throws IOException {
    checkLongWork();
    return durable != null && durable.saveIndex();
  }

  @SuppressWarnings("try") // it is only to be closed, whatever happens
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try (FeatureExtractor extractor = engine.extractor()) {
        if (durable != null) {
          durable.close();
        }
        engine.catalogue().close();
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
            + (engine.identity().isEmpty() ? "features from elsewhere" : engine.identity())
            + ", "
            + transform().description()
            + "]";
  }
}
