package io.lookalike;

import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.Objective.WeightedVector;
import io.lookalike.ResolvedRequest.Photo;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexItem;
import io.lookalike.math.UnitVector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes one value of a request, the shop's settings, the session and what the index holds of the
 * products that they name.
 */
final class RequestResolver {

  private final LiveCatalogue catalogue;
  private final PurchaseLog purchases;
  private final PageSettings shop;
  private final @Nullable FeatureExtractor extractor;
  private final @Nullable Sessions sessions;
  private final @Nullable CoPurchases coPurchases;
  private final @Nullable Float variantsAbove;

  RequestResolver(
      LiveCatalogue catalogue,
      PurchaseLog purchases,
      PageSettings shop,
      @Nullable FeatureExtractor extractor,
      @Nullable Sessions sessions,
      @Nullable CoPurchases coPurchases,
      @Nullable Float variantsAbove) {
    this.catalogue = catalogue;
    this.purchases = purchases;
    this.shop = shop;
    this.extractor = extractor;
    this.sessions = sessions;
    this.coPurchases = coPurchases;
    this.variantsAbove = variantsAbove;
  }

  /** An example and its features; null for a product, whose vector the index has. */
  private record ExampleFeatures(Example example, float @Nullable [] features) {}

  /**
   * A request whose pictures have been looked at and whose session has been read, which happens
   * once, however often the index is replaced meanwhile.
   */
  static final class Prepared {
    private final RecommendationRequest request;
    private final List<ExampleFeatures> liked;
    private final List<ExampleFeatures> disliked;
    private final SessionProfile session;

    private Prepared(
        RecommendationRequest request,
        List<ExampleFeatures> liked,
        List<ExampleFeatures> disliked,
        SessionProfile session) {
      this.request = request;
      this.liked = liked;
      this.disliked = disliked;
      this.session = session;
    }

    RecommendationRequest request() {
      return request;
    }
  }

  Prepared prepare(RecommendationRequest request) {
    Customer customer = request.customer();
    return new Prepared(
        request,
        features(request.liked()),
        features(request.disliked()),
        customer == null ? SessionProfile.NONE : sessions().profile(customer));
  }

  private List<ExampleFeatures> features(List<Example> examples) {
    var all = new ArrayList<ExampleFeatures>(examples.size());
    for (Example example : examples) {
      float[] features = null;
      if (example.consulted() instanceof Example.ByImage by) {
        features = extractor().extract(by.image());
      } else if (example.consulted() instanceof Example.ByFeatures by) {
        catalogue.checkFeatures("the query", by.features());
        features = by.features();
      }
      all.add(new ExampleFeatures(example, features));
    }
    return all;
  }

  /** Asks the index for all products that are named, in one call. */
  ResolvedRequest resolve(Prepared prepared, Serving serving) {
    RecommendationRequest request = prepared.request;
    PageSettings settings = request.over(shop);
    var named = new LinkedHashSet<String>();
    var consulted = new LinkedHashSet<String>();
    prepared.liked.forEach(e -> addProduct(e.example, consulted));
    prepared.disliked.forEach(e -> addProduct(e.example, consulted));
    named.addAll(consulted);
    prepared.session.preferences().forEach(preference -> named.add(preference.productId()));
    named.addAll(settings.merchandising().pins());
    BoughtTogether together = together(prepared, settings);
    List<String> strongest =
        settings.pool().limited()
            ? List.of()
            : together.strongest(settings.pool().first(request.k()));
    named.addAll(strongest);
    Map<String, List<IndexItem>> known =
        named.isEmpty() ? Map.of() : serving.index().photosOf(named);

    List<WeightedVector> liked = vectors(prepared.liked, known, serving, request.combination());
    List<WeightedVector> disliked =
        vectors(prepared.disliked, known, serving, request.combination());
    if (!prepared.session.preferences().isEmpty()) {
      double largest = liked.stream().mapToDouble(WeightedVector::weight).max().orElse(1);
      liked.replaceAll(each -> each.dividedBy(largest));
      disliked.replaceAll(each -> each.dividedBy(largest));
    }
    double total = liked.stream().mapToDouble(WeightedVector::weight).sum();
    double scale = scale(total, prepared);
    for (SessionProfile.Preference preference : prepared.session.preferences()) {
      List<IndexItem> photos = known.get(preference.productId());
      double weight = Math.abs(preference.weight()) * scale;
      if (photos != null && weight > 0) {
        add(photos, weight, request.combination(), preference.weight() > 0 ? liked : disliked);
      }
      if (prepared.liked.isEmpty()) {
        consulted.add(preference.productId());
      }
    }
    PageSettings page = liked.isEmpty() ? ranking(settings) : settings;
    Objective objective =
        liked.isEmpty()
            ? new Objective.BestSellers(purchases, catalogue, now(page.reranker()))
            : Objective.of(request.combination(), liked, disliked);
    List<Product> consultedProducts = products(prepared.liked, known);
    VariantPolicy policy =
        page.variants() == VariantPolicy.EXCLUDE_OWN && !request.but().isEmpty()
            ? VariantPolicy.KEEP
            : page.variants();
    VariantStage variants = variants(consultedProducts, policy, known, objective);
    var excluded = new HashSet<>(request.excluded());
    excluded.addAll(consulted);
    excluded.addAll(prepared.session.hidden());
    var unguarded =
        new Eligibility(
            variants.restrict(request.filter()),
            excluded,
            // The nearest, whatever has sold, where no more than these are to be looked at.
            page.reranker().soldOnly() && !page.pool().limited() ? purchases.soldIds() : null);
    Guards guards =
        page.sameAs().isEmpty()
            ? new Guards(List.of())
            : Guards.of(
                page.sameAs(),
                consultedProducts,
                liked(prepared.session, known),
                page.merchandising().pins().stream()
                    .map(id -> product(id, known.get(id)))
                    .filter(Objects::nonNull)
                    .toList(),
                objective,
                serving.index(),
                unguarded);
    Eligibility eligible = guards.restrict(unguarded);
    List<ResolvedRequest.Pinned> first = new ArrayList<>();
    if (!request.but().isEmpty()) {
      first.addAll(ownVariants(request, consultedProducts, known, objective, serving, eligible));
    }
    first.addAll(pinned(page.merchandising(), known, objective, eligible, variants));
    return new ResolvedRequest(
        request,
        page,
        objective,
        eligible,
        guards,
        variants,
        first,
        together,
        joining(strongest, known, objective, eligible, variants),
        consulted,
        prepared.session.hidden());
  }

  /** What was bought together with the products that are liked, if the order goes by that. */
  private BoughtTogether together(Prepared prepared, PageSettings settings) {
    if (!(settings.reranker() instanceof PopularityReranker reranker)
        || reranker.boughtTogether() == 0) {
      return BoughtTogether.NOT_COUNTED;
    }
    if (coPurchases == null) {
      throw new IllegalStateException(
          "the page is to be ordered by what is bought together, too, and this recommender does not"
              + " know who bought what; call coPurchases(CoPurchases.builder().build()) when"
              + " building it");
    }
    var examples = new LinkedHashMap<String, Double>();
    double largest = prepared.liked.stream().mapToDouble(e -> e.example.weight()).max().orElse(1);
    double total = 0;
    for (ExampleFeatures each : prepared.liked) {
      double weight = WeightedVector.quotient(each.example.weight(), largest);
      total += weight;
      if (each.example.consulted() instanceof Example.ByProduct by) {
        examples.merge(by.id(), weight, Double::sum);
      }
    }
    double scale = scale(total, prepared);
    for (SessionProfile.Preference preference : prepared.session.preferences()) {
      double weight = preference.weight() * scale;
      if (weight > 0) {
        examples.merge(preference.productId(), weight, Double::sum);
      }
    }
    return BoughtTogether.with(examples, coPurchases, reranker.now(), purchases);
  }

  /** What a session's weights are multiplied with beside examples that weigh so much. */
  private double scale(double total, Prepared prepared) {
    return total == 0 || sessions == null ? 1 : sessions.scale(total, prepared.session);
  }

  private List<ResolvedRequest.Joining> joining(
      List<String> ids,
      Map<String, List<IndexItem>> known,
      Objective objective,
      Eligibility eligible,
      VariantStage variants) {
    var joining = new ArrayList<ResolvedRequest.Joining>();
    for (String id : ids) {
      List<IndexItem> photos = known.get(id);
      ResolvedRequest.Photo photo = ResolvedRequest.Photo.nearest(photos, objective);
      Product product = product(id, photos == null ? null : photos.get(0));
      UnitVector vector = photo == null ? null : photo.vector();
      if (product != null && mayBeShown(product, vector, eligible, variants)) {
        joining.add(new ResolvedRequest.Joining(product, photo));
      }
    }
    return joining;
  }

  private @Nullable Product product(String id, @Nullable IndexItem item) {
    return item == null ? catalogue.withoutLooks(id) : new Product(id, item.attributes());
  }

  private static boolean mayBeShown(
      Product product, @Nullable UnitVector vector, Eligibility eligible, VariantStage variants) {
    String id = product.id();
    return eligible.filter().matches(product.attributes())
        && !eligible.excluded().contains(id)
        && (eligible.among() == null || eligible.among().contains(id))
        && variants.mayBeShown(product, vector);
  }

  private static void addProduct(Example example, Set<String> ids) {
    if (example.consulted() instanceof Example.ByProduct by) {
      ids.add(by.id());
    }
  }

  /** The examples' vectors; a product of whose looks nothing is known has none. */
  private List<WeightedVector> vectors(
      List<ExampleFeatures> examples,
      Map<String, List<IndexItem>> known,
      Serving serving,
      Combination combination) {
    var vectors = new ArrayList<WeightedVector>();
    for (ExampleFeatures each : examples) {
      double weight = each.example.weight();
      if (each.example.consulted() instanceof Example.ByProduct by) {
        List<IndexItem> photos = known.get(by.id());
        if (photos != null) {
          add(photos, weight, combination, vectors);
        } else if (catalogue.withoutLooks(by.id()) == null) {
          throw new UnknownProductException(by.id(), catalogue);
        }
      } else {
        float[] features = Objects.requireNonNull(each.features);
        vectors.add(new WeightedVector(serving.vector(features), weight));
      }
    }
    return vectors;
  }

  /** Adds a product's photos: together they weigh as much as the product, but where one decides. */
  private static void add(
      List<IndexItem> photos, double weight, Combination combination, List<WeightedVector> to) {
    double each =
        combination == Combination.BEST
            ? weight
            : Math.max(Double.MIN_VALUE, weight / photos.size());
    photos.forEach(photo -> to.add(new WeightedVector(photo.vector(), each)));
  }

  /** What sells best is not to be shuffled by looks, of which nothing is known. */
  private static PageSettings ranking(PageSettings settings) {
    return !(settings.reranker() instanceof PopularityReranker)
        ? new PageSettings(
            settings.pool(),
            settings.variants(),
            PopularityReranker.byPurchases().neverSold(NeverSold.keep()),
            settings.merchandising(),
            settings.diversity(),
            settings.sameAs())
        : settings;
  }

  private static Instant now(Reranker reranker) {
    return reranker instanceof PopularityReranker popularity ? popularity.now() : Instant.MAX;
  }

  /** The consulted products. */
  private List<Product> products(List<ExampleFeatures> liked, Map<String, List<IndexItem>> known) {
    var products = new ArrayList<Product>();
    for (ExampleFeatures each : liked) {
      if (each.example.consulted() instanceof Example.ByProduct by) {
        Product product = product(by.id(), known.get(by.id()));
        if (product != null) {
          products.add(product);
        }
      }
    }
    return products;
  }

  /** A product by its photos, or one of whose looks nothing is known; null if there is none. */
  private @Nullable Product product(String id, @Nullable List<IndexItem> photos) {
    return photos == null
        ? catalogue.withoutLooks(id)
        : new Product(id, photos.get(0).attributes());
  }

  /** The products that a customer likes, the most liked first. */
  private List<Product> liked(SessionProfile session, Map<String, List<IndexItem>> known) {
    var products = new ArrayList<Product>();
    session.preferences().stream()
        .filter(preference -> preference.weight() > 0)
        .sorted(Comparator.comparingDouble(preference -> -preference.weight()))
        .forEach(
            preference -> {
              String id = preference.productId();
              Product product = product(id, known.get(id));
              if (product != null) {
                products.add(product);
              }
            });
    return products;
  }

  private VariantStage variants(
      List<Product> own,
      VariantPolicy policy,
      Map<String, List<IndexItem>> known,
      Objective objective) {
    VariantStage stage =
        variantsAbove == null || policy == VariantPolicy.KEEP
            ? new VariantGroupStage(policy, catalogue.groups(), own)
            : new NearDuplicateStage(policy, variantsAbove, vectors(own, known), objective);
    if (policy == VariantPolicy.ONLY && own.isEmpty()) {
      throw new IllegalArgumentException(
          "variants are ONLY, but no product was consulted; ask with a product's id");
    }
    return stage;
  }

  private static List<UnitVector> vectors(List<Product> own, Map<String, List<IndexItem>> known) {
    return own.stream()
        .flatMap(product -> known.getOrDefault(product.id(), List.of()).stream())
        .map(IndexItem::vector)
        .toList();
  }

  /** The consulted products' variants that may be shown: the nearest first, as many as a page. */
  private List<ResolvedRequest.Pinned> ownVariants(
      RecommendationRequest request,
      List<Product> consulted,
      Map<String, List<IndexItem>> known,
      Objective objective,
      Serving serving,
      Eligibility eligible) {
    Map<String, ResolvedRequest.Pinned> own = new LinkedHashMap<>();
    String why =
        "a variant of what was consulted, with " + Filter.and(request.but().toArray(Filter[]::new));
    if (variantsAbove != null) {
      // They stand first whether they have sold or not.
      var all = new Eligibility(eligible.filter(), eligible.excluded(), null);
      for (UnitVector vector : vectors(consulted, known)) {
        for (Hit hit : serving.index().hits(all.query(vector, request.k()), true)) {
          if (hit.similarity() >= variantsAbove) {
            Product product = new Product(hit.id(), hit.attributes());
            var photo = new Photo(Objects.requireNonNull(hit.vector()), hit.photo());
            own.put(hit.id(), new ResolvedRequest.Pinned(product, photo, why));
          }
        }
      }
    }
    VariantGroups groups = catalogue.groups();
    if (groups != null) {
      var ids = new LinkedHashSet<String>();
      consulted.forEach(product -> ids.addAll(groups.others(product)));
      ids.removeAll(eligible.excluded());
      Map<String, List<IndexItem>> photos =
          ids.isEmpty() ? Map.of() : serving.index().photosOf(ids);
      for (String id : ids) {
        Product product = product(id, photos.get(id));
        if (product != null && eligible.filter().matches(product.attributes())) {
          Photo photo = Photo.nearest(photos.get(id), objective);
          own.put(id, new ResolvedRequest.Pinned(product, photo, why));
        }
      }
    }
    return own.values().stream()
        .sorted(
            Comparator.comparingDouble(
                    (ResolvedRequest.Pinned p) ->
                        p.photo() == null ? 1 : -objective.similarity(p.photo().vector()))
                .thenComparing(p -> p.product().id()))
        .limit(request.k())
        .toList();
  }

  private List<ResolvedRequest.Pinned> pinned(
      Merchandising merchandising,
      Map<String, List<IndexItem>> known,
      Objective objective,
      Eligibility eligible,
      VariantStage variants) {
    var pinned = new ArrayList<ResolvedRequest.Pinned>();
    for (String id : merchandising.pins()) {
      Photo photo = Photo.nearest(known.get(id), objective);
      Product product = product(id, known.get(id));
      if (product != null
          && eligible.filter().matches(product.attributes())
          && !eligible.excluded().contains(id)
          && variants.mayBeShown(product, photo == null ? null : photo.vector())) {
        pinned.add(new ResolvedRequest.Pinned(product, photo, "pinned"));
      }
    }
    return pinned;
  }

  FeatureExtractor extractor() {
    if (extractor == null) {
      throw new IllegalStateException(
          "this recommender has no extractor for pictures; give the builder one, or call with"
              + " features");
    }
    return extractor;
  }

  Sessions sessions() {
    if (sessions == null) {
      throw new IllegalStateException(
          "this recommender keeps no sessions; call sessions(Sessions.builder().build()) when"
              + " building it");
    }
    return sessions;
  }
}
