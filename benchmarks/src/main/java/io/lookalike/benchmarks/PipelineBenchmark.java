package io.lookalike.benchmarks;

import io.lookalike.Customer;
import io.lookalike.Diversity;
import io.lookalike.Explanation;
import io.lookalike.PopularityReranker;
import io.lookalike.Purchase;
import io.lookalike.RecommendationPage;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.Sessions;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexProvider;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What stands between the index and the page: microseconds a call on 100,000 products of 128
 * features in 2,000 clusters, about three variants a design, 500,000 purchases in two years. Each
 * benchmark adds to the one before. {@code attributes} changes products beside searches.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx3g", "--add-modules=jdk.incubator.vector", "-Dlookalike.simd=require"})
@SuppressWarnings("NullAway.Init") // JMH calls fill first
public class PipelineBenchmark {
  private static final int PRODUCTS = 100_000;
  private static final int DIMENSION = 128;
  private static final int CLUSTERS = 2_000;
  private static final int K = 10;
  private static final Filter FILTER =
      Filter.and(Filter.greaterThan("stock", 0), Filter.lessThan("price", 80));

  /** The index. */
  @Param({"hnsw"})
  public String index = "hnsw";

  private static final Customer NOBODY = Customer.of("nobody");

  private final List<Product> products = new ArrayList<>();

  /** Shops that rank by purchases, by the number of products that have sold. */
  private final Map<Integer, Recommender> young = new HashMap<>();

  private Recommender shop;
  private int next;
  private int changed;

  /** For JMH. */
  public PipelineBenchmark() {}

  /** Fills the shop. */
  @Setup
  public void fill() {
    var random = new Random(1);
    shop =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(IndexProvider.named(index))
            .variantsBy("design", VariantPolicy.KEEP)
            .categoryBy("category")
            .sessions(Sessions.builder().build())
            .build();
    var items = new ArrayList<ProductFeatures>();
    var centres = new float[CLUSTERS][];
    for (int c = 0; c < CLUSTERS; c++) {
      centres[c] = gaussian(random, new float[DIMENSION], 1);
    }
    for (int i = 0; i < PRODUCTS; i++) {
      Product product =
          Product.of("p" + i)
              .with("category", "c" + i % 40)
              .with("design", "d" + i % 33_333)
              .with("brand", "b" + random.nextInt(200))
              .with("stock", random.nextInt(10))
              .with("price", random.nextInt(100))
              .with("label", "l" + i % 5)
              .with("number", i)
              .with("rare", i % 14_285 == 1);
      products.add(product);
      items.add(new ProductFeatures(product, gaussian(random, centres[i % CLUSTERS], .7f)));
    }
    shop.addAll(items);
    for (int sellers : List.of(0, 5, 1_000)) {
      Recommender each =
          Recommender.builder()
              .dimension(DIMENSION)
              .index(IndexProvider.named(index))
              .reranker(PopularityReranker.byPurchases())
              .sessions(Sessions.builder().build())
              .build();
      each.addAll(items);
      for (int i = 0; i < sellers; i++) {
        each.recordPurchase("p" + 97 * i, Instant.EPOCH);
      }
      young.put(sellers, each);
    }
    var sold = new ArrayList<Purchase>();
    for (int i = 0; i < 500_000; i++) {
      int product = (int) (PRODUCTS * Math.pow(random.nextDouble(), 3)); // a long tail
      sold.add(
          Purchase.of("p" + product, Instant.now().minusSeconds(random.nextInt(730) * 86_400L)));
    }
    shop.recordPurchases(sold);
  }

  private static float[] gaussian(Random random, float[] centre, float spread) {
    var vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = centre[i] + spread * (float) random.nextGaussian();
    }
    return vector;
  }

  /** Frees the shop. */
  @TearDown
  public void close() {
    shop.close();
    young.values().forEach(Recommender::close);
  }

  private String consulted() {
    next = (next + 7919) % PRODUCTS;
    return "p" + next;
  }

  private static RecommendationRequest page(String id) {
    return RecommendationRequest.like(id).k(K);
  }

  /** The index alone, asked for as many as the pipeline asks it for. */
  @Benchmark
  public List<Neighbor> a0BareSearch() {
    String id = consulted();
    return shop.searcher()
        .search(
            Query.of(Objects.requireNonNull(shop.searcher().vector(id)), 2 * K)
                .excluding(Set.of(id)));
  }

  /** By similarity. */
  @Benchmark
  public RecommendationPage a1Page() {
    return shop.recommend(page(consulted()));
  }

  /** By similarity and sales. */
  @Benchmark
  public RecommendationPage a2Balanced() {
    return shop.recommend(page(consulted()).rankedBy(PopularityReranker.balanced()));
  }

  /** The index alone with the filter of the next. */
  @Benchmark
  public List<Neighbor> b0BareFilteredSearch() {
    String id = consulted();
    return shop.searcher()
        .search(
            Query.of(Objects.requireNonNull(shop.searcher().vector(id)), 2 * K)
                .where(FILTER)
                .excluding(Set.of(id)));
  }

  private RecommendationRequest everything() {
    return page(consulted())
        .where(FILTER)
        .variants(VariantPolicy.COLLAPSE)
        .rankedBy(PopularityReranker.balanced())
        .diversity(Diversity.mmr(.7).atMost("brand", 3));
  }

  /** Filter, variants, blend and diversity. */
  @Benchmark
  public RecommendationPage b1Everything() {
    return shop.recommend(everything());
  }

  /** The same with its explanation. */
  @Benchmark
  public Explanation b2Explained() {
    return shop.explain(everything());
  }

  // ---- pages that cannot be filled, or not easily

  private RecommendationRequest twelve() {
    return RecommendationRequest.like(consulted()).k(12);
  }

  private RecommendationPage youngShop(int sold) {
    return Objects.requireNonNull(young.get(sold)).recommend(twelve());
  }

  /** The ordinary page that the next ones are compared with. */
  @Benchmark
  public RecommendationPage c0Ordinary() {
    return shop.recommend(twelve());
  }

  /** The order by purchases where nothing has sold. */
  @Benchmark
  public RecommendationPage c1NothingSold() {
    return youngShop(0);
  }

  /** The order by purchases where five products have sold. */
  @Benchmark
  public RecommendationPage c2FiveSold() {
    return youngShop(5);
  }

  /** The order by purchases where 1,000 products have sold. */
  @Benchmark
  public RecommendationPage c3ThousandSold() {
    return youngShop(1_000);
  }

  /** At most two of a brand on a page of one brand, of which there are 20,000. */
  @Benchmark
  public RecommendationPage c4LimitOnOneBrand() {
    return shop.recommend(
        twelve().where(Filter.equal("label", "l3")).diversity(Diversity.none().atMost("label", 2)));
  }

  /** The same, balanced. */
  @Benchmark
  public RecommendationPage c5LimitOnOneBrandBalanced() {
    return shop.recommend(
        twelve()
            .where(Filter.equal("label", "l3"))
            .rankedBy(PopularityReranker.balanced())
            .diversity(Diversity.none().atMost("label", 2)));
  }

  /** At most two of a brand in a shop of five brands. */
  @Benchmark
  public RecommendationPage c6FiveBrandsInAll() {
    return shop.recommend(
        twelve()
            .rankedBy(PopularityReranker.balanced())
            .diversity(Diversity.none().atMost("label", 2)));
  }

  /** Balanced, where a filter has seven matches. */
  @Benchmark
  public RecommendationPage c7SevenMatches() {
    return shop.recommend(
        twelve().where(Filter.equal("rare", true)).rankedBy(PopularityReranker.balanced()));
  }

  /** Balanced, where a filter by numbers has seven matches. */
  @Benchmark
  public RecommendationPage c8SevenMatchesOfNumbers() {
    return shop.recommend(
        twelve().where(Filter.lessThan("number", 7)).rankedBy(PopularityReranker.balanced()));
  }

  /** A customer of whom nothing is known, by purchases. */
  @Benchmark
  public RecommendationPage c9UnknownCustomer() {
    return shop.recommend(
        RecommendationRequest.forCustomer(NOBODY).k(12).rankedBy(PopularityReranker.byPurchases()));
  }

  /** The same in a shop where five products have sold. */
  @Benchmark
  public RecommendationPage d0UnknownCustomerFiveSold() {
    return Objects.requireNonNull(young.get(5))
        .recommend(RecommendationRequest.forCustomer(NOBODY).k(12));
  }

  /** Changes of stock, beside {@link #searchBesideChanges}. */
  @Benchmark
  @Group("attributes")
  public boolean change() {
    changed = (changed + 7919) % PRODUCTS;
    return shop.update(products.get(changed).with("stock", changed % 10));
  }

  /** Searches beside {@link #change}. */
  @Benchmark
  @Group("attributes")
  public RecommendationPage searchBesideChanges() {
    return shop.recommend(everything());
  }
}
