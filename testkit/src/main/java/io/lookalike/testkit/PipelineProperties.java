package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Blend;
import io.lookalike.Combination;
import io.lookalike.Customer;
import io.lookalike.Diversity;
import io.lookalike.Event;
import io.lookalike.Example;
import io.lookalike.Explanation;
import io.lookalike.Merchandising;
import io.lookalike.NeverSold;
import io.lookalike.Popularity;
import io.lookalike.PopularityReranker;
import io.lookalike.Purchase;
import io.lookalike.Recommendation;
import io.lookalike.RecommendationPage;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.Reranker;
import io.lookalike.Sessions;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.IndexFactory;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * What a page of a {@link Recommender} promises whatever the index, for random shops and requests
 * from a seed that every failure names. Extend it in your index's tests beside {@link
 * NeighborIndexConformance}; the index must be exact on a hundred products, as every sound index
 * is.
 */
@SuppressWarnings("NullAway") // a test fails at a null that should not be there
public abstract class PipelineProperties {

  private static final int DIMENSION = 12;
  private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");

  private static final PopularityReranker BALANCED =
      PopularityReranker.balanced().at(InstantSource.fixed(START.plusSeconds(80 * 86400L)));

  private static final List<Reranker> ORDERS =
      List.of(
          BALANCED,
          BALANCED.neverSold(NeverSold.keep()).blend(Blend.standardScores(.5)),
          BALANCED.neverSold(NeverSold.explore(.2, 3)).by(Popularity.window(14)),
          BALANCED.by(Popularity.trend(10)).blend(Blend.ranks(.7)));

  /** For subclasses. */
  protected PipelineProperties() {}

  /**
   * The index under test.
   *
   * @return makes a new, empty index at every call
   */
  protected abstract IndexFactory factory();

  /** A random catalogue and what was bought of it. */
  private record Shop(Recommender recommender, List<Product> products) implements AutoCloseable {
    @Override
    public void close() {
      recommender.close();
    }
  }

  private RecommenderBuilder builder() {
    return Recommender.builder().dimension(DIMENSION).index(factory());
  }

  private static Shop fill(Recommender shop, Random random) {
    var products = new ArrayList<Product>();
    int n = 1 + random.nextInt(120);
    for (int i = 0; i < n; i++) {
      Product product =
          Product.of("p" + i)
              .with("category", "c" + random.nextInt(4))
              .with("price", random.nextInt(100));
      if (random.nextInt(5) > 0) {
        product = product.with("design", "d" + random.nextInt(1 + n / 3));
      }
      products.add(product);
      shop.add(product, features(random));
      if (random.nextInt(3) == 0) {
        shop.recordPurchases(
            List.of(
                new Purchase(
                    product.id(),
                    START.plusSeconds(random.nextInt(90) * 86400L),
                    1 + random.nextInt(20))));
      }
    }
    for (int i = random.nextInt(n); i > 0; i -= 7) {
      Product gone = products.get(random.nextInt(products.size()));
      if (products.size() > 1) {
        shop.remove(gone.id());
        products.remove(gone);
      }
    }
    return new Shop(shop, products);
  }

  private static float[] features(Random random) {
    var features = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      features[i] = (float) random.nextGaussian();
    }
    return features;
  }

  private static Set<String> some(List<Product> products, Random random) {
    var ids = new HashSet<String>();
    for (int i = random.nextInt(6); i > 0; i--) {
      ids.add(products.get(random.nextInt(products.size())).id());
    }
    ids.add("not in the catalogue");
    return ids;
  }

  private static Filter filter(Random random) {
    Filter cheap = Filter.lessThan("price", 1 + random.nextInt(100));
    return switch (random.nextInt(3)) {
      case 0 -> Filter.ALL;
      case 1 -> cheap;
      default -> Filter.and(cheap, Filter.not(Filter.equal("category", "c0")));
    };
  }

  /** What a request's page may show, told without any index. */
  private static List<Product> allowed(
      Shop shop, String consulted, Filter filter, Set<String> excluded) {
    return shop.products.stream()
        .filter(p -> !p.id().equals(consulted) && !excluded.contains(p.id()))
        .filter(p -> filter.matches(p.attributes()))
        .toList();
  }

  @Test
  void aPageHoldsKOfWhatMayBeShownAndNothingElse() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      try (Shop shop = fill(builder().categoryBy("category").build(), random)) {
        String consulted = shop.products.get(random.nextInt(shop.products.size())).id();
        Filter filter = filter(random);
        Set<String> excluded = some(shop.products, random);
        int k = random.nextInt(30);
        RecommendationRequest request =
            RecommendationRequest.like(consulted).k(k).where(filter).excluding(excluded);
        List<Product> allowed = allowed(shop, consulted, filter, excluded);
        List<Product> sold =
            allowed.stream().filter(p -> shop.recommender.purchases().count(p.id()) > 0).toList();

        RecommendationPage byLooks = shop.recommender.recommend(request);
        check(seed, byLooks, allowed, Math.min(k, allowed.size()));
        RecommendationPage bySales =
            shop.recommender.recommend(request.rankedBy(PopularityReranker.byPurchases()));
        check(seed, bySales, sold, Math.min(k, sold.size()));
        assertThat(bySales.recommendations())
            .as("seed %s", seed)
            .isSortedAccordingTo(Recommendation.BEST_FIRST);
        for (Reranker order : ORDERS) {
          RecommendationPage page = shop.recommender.recommend(request.rankedBy(order));
          check(seed, page, allowed, Math.min(k, allowed.size()));
          assertThat(shop.recommender.recommend(request.rankedBy(order)))
              .as("seed %s, once more", seed)
              .isEqualTo(page);
        }
        assertThat(shop.recommender.recommend(request))
            .as("seed %s, once more", seed)
            .isEqualTo(byLooks);
      }
    }
  }

  @Test
  void aLimitedPageLooksNoFarther() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      try (Shop shop = fill(builder().build(), random)) {
        String consulted = shop.products.get(random.nextInt(shop.products.size())).id();
        int limit = 1 + random.nextInt(20);
        RecommendationRequest request = RecommendationRequest.like(consulted).onlyNearest(limit);
        List<String> nearest =
            shop.recommender.recommend(request.rankedBy(Reranker.bySimilarity()).k(limit)).ids();
        List<String> page =
            shop.recommender
                .recommend(request.rankedBy(PopularityReranker.byPurchases()).k(50))
                .ids();
        assertThat(page)
            .as("seed %s", seed)
            .containsExactlyInAnyOrderElementsOf(
                nearest.stream().filter(id -> shop.recommender.purchases().count(id) > 0).toList());
      }
    }
  }

  @Test
  void variantsAreTreatedAsAsked() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      try (Shop shop = fill(builder().variantsBy("design", VariantPolicy.KEEP).build(), random)) {
        shop.products.replaceAll(
            p -> {
              if (random.nextInt(4) > 0) {
                return p;
              }
              Product moved = p.with("design", "d" + random.nextInt(9));
              assertThat(shop.recommender.update(moved)).isTrue();
              return moved;
            });
        Product consulted = shop.products.get(random.nextInt(shop.products.size()));
        Object own = consulted.attributes().get("design");
        Filter filter = filter(random);
        Set<String> excluded = some(shop.products, random);
        int k = random.nextInt(30);
        Reranker order =
            random.nextBoolean()
                ? Reranker.bySimilarity()
                : (candidates, log) -> // dearest first
                candidates.stream()
                        .map(c -> c.scored((Double) c.product().attributes().get("price")))
                        .sorted(Recommendation.BEST_FIRST)
                        .toList();
        RecommendationRequest request =
            RecommendationRequest.like(consulted.id())
                .k(k)
                .where(filter)
                .excluding(excluded)
                .rankedBy(order);
        List<Product> allowed = allowed(shop, consulted.id(), filter, excluded);

        List<Product> ofOwn = allowed.stream().filter(p -> own != null && own(p, own)).toList();
        check(
            seed,
            shop.recommender.recommend(request.variants(VariantPolicy.ONLY)),
            ofOwn,
            Math.min(k, ofOwn.size()));
        List<Product> others = allowed.stream().filter(p -> own == null || !own(p, own)).toList();
        check(
            seed,
            shop.recommender.recommend(request.variants(VariantPolicy.EXCLUDE_OWN)),
            others,
            Math.min(k, others.size()));

        Map<Object, List<Product>> designs =
            allowed.stream().collect(Collectors.groupingBy(PipelineProperties::design));
        RecommendationPage page =
            shop.recommender.recommend(request.variants(VariantPolicy.COLLAPSE));
        check(seed, page, allowed, Math.min(k, designs.size()));
        Map<String, Product> byId = allowed.stream().collect(Collectors.toMap(Product::id, p -> p));
        assertThat(page.recommendations().stream().map(r -> design(byId.get(r.id()))))
            .as("seed %s: of a design one", seed)
            .doesNotHaveDuplicates();
        for (Recommendation r : page.recommendations()) {
          assertThat(r.variants())
              .as("seed %s: behind %s", seed, r.id())
              .isEqualTo(designs.get(design(byId.get(r.id()))).size() - 1);
        }
        assertThat(page.recommendations())
            .as("seed %s", seed)
            .isSortedAccordingTo(Recommendation.BEST_FIRST);
        // With everything ranked, the best of a design is what all of the order has first of it.
        RecommendationRequest whole = request.candidates(1000).k(1000);
        var seen = new HashSet<Object>();
        assertThat(shop.recommender.recommend(whole.variants(VariantPolicy.COLLAPSE)).ids())
            .as("seed %s", seed)
            .isEqualTo(
                shop.recommender.recommend(whole).ids().stream()
                    .filter(id -> seen.add(design(byId.get(id))))
                    .toList());
      }
    }
  }

  @Test
  void variantsByLooksAreTreatedAsAsked() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      float threshold = .1f + .3f * random.nextFloat();
      try (Shop shop =
          fill(builder().variantsAbove(threshold, VariantPolicy.KEEP).build(), random)) {
        String consulted = shop.products.get(random.nextInt(shop.products.size())).id();
        Filter filter = filter(random);
        Set<String> excluded = some(shop.products, random);
        int k = random.nextInt(30);
        RecommendationRequest request =
            RecommendationRequest.like(consulted)
                .k(k)
                .where(filter)
                .excluding(excluded)
                .rankedBy(random.nextBoolean() ? Reranker.bySimilarity() : BALANCED);
        List<Product> allowed = allowed(shop, consulted, filter, excluded);
        List<Product> own =
            allowed.stream().filter(p -> cosine(shop, consulted, p.id()) >= threshold).toList();
        var others = new ArrayList<>(allowed);
        others.removeAll(own);
        Explanation only = shop.recommender.explain(request.variants(VariantPolicy.ONLY));
        check(seed, only.page(), own, Math.min(k, own.size()));
        Explanation without = shop.recommender.explain(request.variants(VariantPolicy.EXCLUDE_OWN));
        check(seed, without.page(), others, Math.min(k, others.size()));
        for (Product product : allowed) {
          Explanation wrong = own.contains(product) ? without : only;
          assertThat(wrong.whyNot(product.id()).stage())
              .as("seed %s, %s", seed, product.id())
              .isEqualTo(Explanation.Stage.VARIANTS);
        }

        // With everything ranked, what each leader leaves over.
        RecommendationRequest whole = request.candidates(1000).k(1000);
        var leaders = new ArrayList<String>();
        for (String id : shop.recommender.recommend(whole).ids()) {
          if (leaders.stream().noneMatch(leader -> cosine(shop, leader, id) >= threshold)) {
            leaders.add(id);
          }
        }
        RecommendationPage all = shop.recommender.recommend(whole.variants(VariantPolicy.COLLAPSE));
        assertThat(all.ids()).as("seed %s", seed).isEqualTo(leaders);
        for (Recommendation r : all.recommendations()) {
          assertThat(r.variants())
              .as("seed %s: behind %s", seed, r.id())
              .isEqualTo(
                  (int)
                      allowed.stream()
                          .filter(p -> !p.id().equals(r.id()))
                          .filter(p -> cosine(shop, r.id(), p.id()) >= threshold)
                          .count());
        }
        RecommendationPage page =
            shop.recommender.recommend(request.variants(VariantPolicy.COLLAPSE));
        assertThat(page.ids()).as("seed %s", seed).doesNotHaveDuplicates();
        assertThat(allowed.stream().map(Product::id)).as("seed %s", seed).containsAll(page.ids());
        for (String id : page.ids()) {
          for (String other : page.ids()) {
            assertThat(id.equals(other) || cosine(shop, id, other) < threshold)
                .as("seed %s: %s and %s", seed, id, other)
                .isTrue();
          }
        }
        // A shorter page leaves nothing over that is no variant of what it shows.
        if (page.ids().size() < k) {
          for (Product product : allowed) {
            assertThat(page.ids())
                .as("seed %s: %s", seed, product.id())
                .anyMatch(id -> cosine(shop, id, product.id()) >= threshold);
          }
        }
      }
    }
  }

  @Test
  void limitsHoldAndFillThePage() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      int most = 1 + random.nextInt(4);
      Diversity limited =
          (random.nextBoolean() ? Diversity.mmr(random.nextDouble()) : Diversity.none())
              .atMost("category", most);
      try (Shop shop = fill(builder().diversity(limited).build(), random)) {
        String consulted = shop.products.get(random.nextInt(shop.products.size())).id();
        Filter filter = filter(random);
        int k = random.nextInt(20);
        List<Product> allowed = allowed(shop, consulted, filter, Set.of());
        Map<Object, Long> categories =
            allowed.stream()
                .collect(
                    Collectors.groupingBy(
                        p -> p.attributes().get("category"), Collectors.counting()));
        long possible = categories.values().stream().mapToLong(n -> Math.min(n, most)).sum();
        RecommendationRequest request =
            RecommendationRequest.like(consulted).k(k).where(filter).candidates(1);
        RecommendationPage page = shop.recommender.recommend(request);
        check(seed, page, allowed, (int) Math.min(k, possible));
        Map<Object, Long> shown =
            page.ids().stream()
                .map(id -> shop.recommender.product(id).orElseThrow().attributes().get("category"))
                .collect(Collectors.groupingBy(c -> c, Collectors.counting()));
        assertThat(shown.values()).as("seed %s", seed).allMatch(n -> n <= most);
        assertThat(shop.recommender.recommend(request)).as("seed %s", seed).isEqualTo(page);
      }
    }
  }

  /** Against the formula, written out over the whole catalogue. */
  @Test
  void maximalMarginalRelevance() {
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      double weight = random.nextInt(11) / 10.0;
      try (Shop shop = fill(builder().candidates(1000).build(), random)) {
        String consulted = shop.products.get(random.nextInt(shop.products.size())).id();
        RecommendationRequest request = RecommendationRequest.like(consulted).k(1000);
        List<String> ranked = shop.recommender.recommend(request).ids();
        int k = Math.min(ranked.size(), 1 + random.nextInt(10));
        RecommendationPage page =
            shop.recommender.recommend(request.k(k).diversity(Diversity.mmr(weight)));
        var expected = new ArrayList<String>();
        double similarities = 0;
        while (expected.size() < k) {
          String best = null;
          double most = Double.NEGATIVE_INFINITY;
          for (String id : ranked) {
            double relevance = 1 - (double) ranked.indexOf(id) / ranked.size();
            double closest =
                expected.stream().mapToDouble(e -> cosine(shop, id, e)).max().orElse(0);
            double value = weight * relevance - (1 - weight) * closest;
            if (!expected.contains(id) && value > most) {
              best = id;
              most = value;
            }
          }
          for (String e : expected) {
            similarities += cosine(shop, best, e);
          }
          expected.add(best);
        }
        assertThat(page.ids()).as("seed %s", seed).isEqualTo(expected);
        if (k > 1 && weight < 1) {
          assertThat(page.intraListSimilarity().orElseThrow())
              .as("seed %s", seed)
              .isCloseTo(similarities / (k * (k - 1) / 2.0), Offset.offset(1e-6));
        } else {
          assertThat(page.intraListSimilarity()).as("seed %s", seed).isEmpty();
        }
      }
    }
  }

  private static double cosine(Shop shop, String a, String b) {
    float cosine =
        shop.recommender.searcher().vector(a).cosine(shop.recommender.searcher().vector(b));
    return Math.max(-1, Math.min(1, cosine));
  }

  @Test
  void pinsComeFirstAndTheBuriedLast() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      try (Shop shop = fill(builder().build(), random)) {
        String consulted = shop.products.get(random.nextInt(shop.products.size())).id();
        Filter filter = filter(random);
        Set<String> excluded = some(shop.products, random);
        String[] pins = some(shop.products, random).stream().sorted().toArray(String[]::new);
        Filter buried = Filter.equal("category", "c1");
        Filter boosted = Filter.equal("category", "c2");
        int k = random.nextInt(40);
        RecommendationRequest request =
            RecommendationRequest.like(consulted)
                .k(k)
                .where(filter)
                .excluding(excluded)
                .candidates(1000)
                .merchandising(Merchandising.none().pin(pins).boost(boosted, 1e9).bury(buried));
        List<Product> allowed = allowed(shop, consulted, filter, excluded);
        RecommendationPage page = shop.recommender.recommend(request);
        check(seed, page, allowed, Math.min(k, allowed.size()));
        Map<String, Product> byId = allowed.stream().collect(Collectors.toMap(Product::id, p -> p));
        List<String> plain =
            shop.recommender.recommend(request.merchandising(Merchandising.none()).k(1000)).ids();
        var expected = new ArrayList<String>();
        for (String pin : pins) {
          if (byId.containsKey(pin)) {
            expected.add(pin);
          }
        }
        for (Predicate<Attributes> group :
            List.<Predicate<Attributes>>of(
                boosted::matches,
                a -> !boosted.matches(a) && !buried.matches(a),
                buried::matches)) {
          plain.stream()
              .filter(id -> !expected.contains(id) && group.test(byId.get(id).attributes()))
              .toList()
              .forEach(expected::add);
        }
        assertThat(page.ids())
            .as("seed %s", seed)
            .isEqualTo(expected.subList(0, Math.min(k, expected.size())));
        // Limits count what is pinned, and never stop it.
        RecommendationPage limited =
            shop.recommender.recommend(request.diversity(Diversity.mmr(.5).atMost("category", 1)));
        List<String> firstPins = Arrays.stream(pins).filter(byId::containsKey).limit(k).toList();
        assertThat(limited.ids().subList(0, firstPins.size()))
            .as("seed %s", seed)
            .isEqualTo(firstPins);
      }
    }
  }

  /** Against the formulas, written out over the whole catalogue. */
  @Test
  void severalExamplesMakeOneOrder() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      try (Shop shop = fill(builder().build(), random)) {
        Map<String, Double> liked = weighed(some(shop, random), random);
        Map<String, Double> disliked = weighed(some(shop, random), random);
        disliked.keySet().removeAll(liked.keySet());
        Combination combination = List.of(Combination.values()).get(random.nextInt(3));
        Filter filter = filter(random);
        int k = random.nextInt(30);
        RecommendationRequest request = null;
        for (Map.Entry<String, Double> like : liked.entrySet()) {
          Example example = Example.product(like.getKey()).weighing(like.getValue());
          request =
              request == null ? RecommendationRequest.like(example) : request.alsoLike(example);
        }
        for (Map.Entry<String, Double> dislike : disliked.entrySet()) {
          request = request.notLike(Example.product(dislike.getKey()).weighing(dislike.getValue()));
        }
        request = request.combining(combination).where(filter).k(k);
        List<Product> allowed =
            shop.products.stream()
                .filter(p -> !liked.containsKey(p.id()) && !disliked.containsKey(p.id()))
                .filter(p -> filter.matches(p.attributes()))
                .toList();
        RecommendationPage page = shop.recommender.recommend(request);
        check(seed, page, allowed, Math.min(k, allowed.size()));
        String as = "seed " + seed + ", " + combination;
        List<Double> best =
            allowed.stream()
                .map(p -> similarity(shop, combination, liked, disliked, p.id()))
                .sorted(Comparator.reverseOrder())
                .toList();
        for (int i = 0; i < page.ids().size(); i++) {
          Recommendation shown = page.recommendations().get(i);
          assertThat((double) shown.similarity())
              .as(as)
              .isCloseTo(
                  similarity(shop, combination, liked, disliked, shown.id()), Offset.offset(1e-4))
              .isCloseTo(best.get(i), Offset.offset(1e-4));
        }
        Explanation explanation = shop.recommender.explain(request);
        for (Product product : shop.products) {
          boolean consulted = liked.containsKey(product.id()) || disliked.containsKey(product.id());
          assertThat(explanation.whyNot(product.id()).stage() == Explanation.Stage.QUERY)
              .as(as)
              .isEqualTo(consulted);
        }
      }
    }
  }

  private static Set<String> some(Shop shop, Random random) {
    var ids = new LinkedHashSet<String>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      ids.add(shop.products.get(random.nextInt(shop.products.size())).id());
    }
    return ids;
  }

  private static Map<String, Double> weighed(Set<String> ids, Random random) {
    var weighed = new LinkedHashMap<String, Double>();
    ids.forEach(id -> weighed.put(id, .1 + random.nextInt(30) / 10.0));
    return weighed;
  }

  private static double similarity(
      Shop shop,
      Combination combination,
      Map<String, Double> liked,
      Map<String, Double> disliked,
      String id) {
    if (combination == Combination.BEST && liked.size() + disliked.size() > 1) {
      double like = closest(shop, liked, id);
      double dislike = disliked.isEmpty() ? -1 : closest(shop, disliked, id);
      return like >= dislike ? like : Math.min(like, -dislike * dislike);
    }
    boolean average = combination == Combination.AVERAGE;
    double likes = average ? liked.values().stream().mapToDouble(w -> w).sum() : 1;
    double dislikes = average ? 2 * disliked.values().stream().mapToDouble(w -> w).sum() : 1;
    var direction = new double[DIMENSION];
    add(shop, direction, liked, 1 / likes);
    add(shop, direction, disliked, -1 / dislikes);
    float[] vector = shop.recommender.searcher().vector(id).toArray();
    double product = 0;
    double squares = 0;
    for (int i = 0; i < DIMENSION; i++) {
      product += direction[i] * vector[i];
      squares += direction[i] * direction[i];
    }
    return product / Math.sqrt(squares);
  }

  private static double closest(Shop shop, Map<String, Double> examples, String id) {
    double largest = examples.values().stream().mapToDouble(w -> w).max().orElseThrow();
    return examples.entrySet().stream()
        .mapToDouble(e -> e.getValue() / largest * cosine(shop, e.getKey(), id))
        .max()
        .orElseThrow();
  }

  private static void add(
      Shop shop, double[] direction, Map<String, Double> examples, double factor) {
    examples.forEach(
        (id, weight) -> {
          float[] vector = shop.recommender.searcher().vector(id).toArray();
          for (int i = 0; i < DIMENSION; i++) {
            direction[i] += factor * weight * vector[i];
          }
        });
  }

  @Test
  void aSessionMakesThePageOfItsCustomerAlone() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      Instant now = START.plusSeconds(7200);
      Sessions sessions = Sessions.builder().clock(InstantSource.fixed(now)).build();
      Sessions again = Sessions.builder().clock(InstantSource.fixed(now)).build();
      try (Shop shop = fill(builder().sessions(sessions).build(), random);
          Shop replayed = fill(builder().sessions(again).build(), new Random(seed))) {
        var customer = new Customer("a", "1");
        var other = new Customer("b", "1");
        int k = random.nextInt(30);
        Filter filter = filter(random);
        RecommendationRequest own = RecommendationRequest.forCustomer(customer).k(k).where(filter);
        String product = shop.products.get(random.nextInt(shop.products.size())).id();
        RecommendationRequest mixed =
            RecommendationRequest.like(product).inSessionOf(customer).k(k).where(filter);
        RecommendationPage others =
            shop.recommender.recommend(RecommendationRequest.forCustomer(other).k(k));
        var events = new ArrayList<Event>();
        for (int i = random.nextInt(12); i >= 0; i--) {
          List<Product> products = shop.products;
          Event.Kind kind = List.of(Event.Kind.values()).get(random.nextInt(5));
          if (kind == Event.Kind.BOUGHT) { // which changes what sells
            kind = Event.Kind.ADDED;
          }
          String id = products.get(random.nextInt(products.size())).id();
          events.add(new Event(customer, kind, id, START.plusSeconds(random.nextInt(7000))));
        }
        events.forEach(shop.recommender::record);
        assertThat(shop.recommender.recommend(RecommendationRequest.forCustomer(other).k(k)))
            .as("seed %s: another tenant", seed)
            .isEqualTo(others);

        events.sort(Comparator.comparing(Event::time).thenComparing(Event::productId));
        Map<String, Event.Kind> last = new HashMap<>();
        events.forEach(e -> last.put(e.productId(), e.kind()));
        List<Product> fresh =
            shop.products.stream()
                .filter(p -> !last.containsKey(p.id()) && filter.matches(p.attributes()))
                .toList();
        RecommendationPage page = shop.recommender.recommend(own);
        check(seed, page, fresh, Math.min(k, fresh.size()));
        List<Product> mayBe =
            shop.products.stream()
                .filter(p -> !p.id().equals(product) && filter.matches(p.attributes()))
                .filter(p -> last.get(p.id()) != Event.Kind.DISMISSED)
                .toList();
        RecommendationPage about = shop.recommender.recommend(mixed);
        check(seed, about, mayBe, Math.min(k, mayBe.size()));

        Collections.shuffle(events, random);
        events.forEach(replayed.recommender::record);
        assertThat(replayed.recommender.recommend(own)).as("seed %s", seed).isEqualTo(page);
        assertThat(replayed.recommender.recommend(mixed)).as("seed %s", seed).isEqualTo(about);

        assertThat(sessions.forget(customer)).isTrue();
        assertThat(shop.recommender.recommend(own))
            .as("seed %s: forgotten", seed)
            .isEqualTo(
                shop.recommender.recommend(
                    RecommendationRequest.forCustomer(other).k(k).where(filter)));
        assertThat(shop.recommender.recommend(mixed))
            .as("seed %s: forgotten", seed)
            .isEqualTo(
                shop.recommender.recommend(RecommendationRequest.like(product).k(k).where(filter)));
      }
    }
  }

  /** Of every product the explanation says the truth, and exactly those on the page are shown. */
  @Test
  void everyProductIsAccountedFor() {
    for (long seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      try (Shop shop = fill(builder().variantsBy("design", VariantPolicy.KEEP).build(), random)) {
        Product consulted = shop.products.get(random.nextInt(shop.products.size()));
        Filter filter = filter(random);
        Set<String> excluded = some(shop.products, random);
        VariantPolicy variants = List.of(VariantPolicy.values()).get(random.nextInt(4));
        int limit = 1 + random.nextInt(4);
        boolean limited = random.nextBoolean();
        Diversity diversity =
            limited ? Diversity.none().atMost("category", limit) : Diversity.none();
        Reranker order =
            random.nextBoolean()
                ? BALANCED
                : PopularityReranker.byPurchases().at(InstantSource.system());
        int k = random.nextInt(15);
        RecommendationRequest request =
            RecommendationRequest.like(consulted.id())
                .k(k)
                .where(filter)
                .excluding(excluded)
                .variants(variants)
                .rankedBy(order)
                .diversity(diversity);
        Explanation explanation = shop.recommender.explain(request);
        RecommendationPage page = shop.recommender.recommend(request);
        assertThat(explanation.page()).as("seed %s", seed).isEqualTo(page);
        for (Product product : shop.products) {
          Explanation.Verdict verdict = explanation.whyNot(product.id());
          String as = "seed " + seed + ", " + product.id() + ": " + verdict;
          assertThat(verdict.stage() == Explanation.Stage.SHOWN)
              .as(as)
              .isEqualTo(page.ids().contains(product.id()));
          boolean same =
              consulted.attributes().get("design") != null
                  && own(product, consulted.attributes().get("design"));
          boolean mayBe = !product.id().equals(consulted.id()) && !excluded.contains(product.id());
          boolean matches = filter.matches(product.attributes());
          switch (verdict.stage()) {
            case QUERY -> assertThat(product.id()).as(as).isEqualTo(consulted.id());
            case EXCLUSION -> assertThat(excluded).as(as).contains(product.id());
            case FILTER -> assertThat(mayBe && !matches).as(as).isTrue();
            case VARIANTS -> {
              assertThat(mayBe && matches).as(as).isTrue();
              assertThat(
                      variants == VariantPolicy.COLLAPSE
                          || (variants == VariantPolicy.ONLY && !same)
                          || (variants == VariantPolicy.EXCLUDE_OWN && same))
                  .as(as)
                  .isTrue();
            }
            case RANKING ->
                assertThat(shop.recommender.purchases().count(product.id())).as(as).isZero();
            case DIVERSITY -> assertThat(limited).as(as).isTrue();
            case CANDIDATES, PAGE -> {
              assertThat(mayBe && matches).as(as).isTrue();
              assertThat(page.ids()).as(as).hasSize(k);
            }
            case SHOWN -> assertThat(mayBe && matches).as(as).isTrue();
            case CATALOGUE, GUARD -> assertThat(true).as(as).isFalse();
          }
        }
        assertThat(explanation.whyNot("unheard of").stage()).isEqualTo(Explanation.Stage.CATALOGUE);
        List<Explanation.Step> steps = explanation.candidates();
        for (int i = 0; i < steps.size(); i++) {
          assertThat(steps.get(i).visualRank()).as("seed %s", seed).isEqualTo(i + 1);
          if (i > 0) {
            assertThat(steps.get(i).similarity())
                .as("seed %s", seed)
                .isLessThanOrEqualTo(steps.get(i - 1).similarity());
          }
        }
      }
    }
  }

  private static boolean own(Product product, Object design) {
    return design.equals(product.attributes().get("design"));
  }

  private static Object design(Product product) {
    Object design = product.attributes().get("design");
    return design == null ? product : design;
  }

  private static void check(long seed, RecommendationPage page, List<Product> allowed, int size) {
    assertThat(page.ids()).as("seed %s", seed).doesNotHaveDuplicates().hasSize(size);
    assertThat(allowed.stream().map(Product::id)).as("seed %s", seed).containsAll(page.ids());
  }
}
