package io.lookalike.cluster;

import static io.lookalike.RecommendationRequest.like;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.PopularityReranker;
import io.lookalike.Recommender;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.opensearch.OpenSearchIndex;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The figures of docs/scale.md, which no build runs: {@code mvn -Popensearch -pl cluster-tests -am
 * verify -Dgroups=figures -Dfigures.products=20000 -Dfigures.dimension=1280}.
 */
@Tag("figures")
class FiguresTest {

  private static final int QUERIES = 200;
  private static final int K = 10;
  private static final int SHARDS = 3;

  private static final int PRODUCTS = Integer.getInteger("figures.products", 20_000);
  private static final int DIMENSION = Integer.getInteger("figures.dimension", 1280);

  private static TestCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.of(3);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static void tell(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  private static UnitVector uniform(Random random) {
    var values = new float[DIMENSION];
    for (int d = 0; d < DIMENSION; d++) {
      values[d] = (float) random.nextGaussian();
    }
    return UnitVector.of(values);
  }

  /** Near one of a hundred centers. */
  private static UnitVector clustered(Random random, List<UnitVector> centers) {
    float[] values = centers.get(random.nextInt(centers.size())).toArray();
    for (int d = 0; d < DIMENSION; d++) {
      values[d] += (float) (random.nextGaussian() * .7 / Math.sqrt(DIMENSION));
    }
    return UnitVector.of(values);
  }

  private interface Source {
    UnitVector next(Random random);
  }

  @Test
  void uniform() throws Exception {
    measure("uniform", FiguresTest::uniform);
  }

  @Test
  void clustered() throws Exception {
    var random = new Random(1);
    var centers = new ArrayList<UnitVector>();
    for (int i = 0; i < 100; i++) {
      centers.add(uniform(random));
    }
    measure("clustered", r -> clustered(r, centers));
  }

  private void measure(String what, Source source) throws Exception {
    var random = new Random(2);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < PRODUCTS; i++) {
      items.add(
          new IndexItem("p" + i, source.next(random), Attributes.none().with("part", i % 10)));
    }
    var queries = new ArrayList<Query>();
    for (int i = 0; i < QUERIES; i++) {
      queries.add(Query.of(source.next(random), K));
    }
    long start = System.nanoTime();
    NeighborIndex index =
        cluster.builder().index(what).shards(SHARDS).replicas(1).factory().build(DIMENSION, items);
    cluster.await("wait_for_status=green");
    tell(
        "%s %d x %d: built in %.1f s",
        what, PRODUCTS, DIMENSION, (System.nanoTime() - start) / 1e9);
    try (index) {
      recall(what, index, items, queries);
      latency(what, index, queries);
      start = System.nanoTime();
      index.optimize();
      tell("%s: merged in %.1f s", what, (System.nanoTime() - start) / 1e9);
      recall(what + ", merged", index, items, queries);
      latency(what + ", merged", index, queries);
    }
  }

  private static void recall(
      String what, NeighborIndex index, List<IndexItem> items, List<Query> queries) {
    int found = 0;
    for (Query query : queries) {
      var truth = new HashSet<String>();
      items.stream()
          .map(item -> new Neighbor(item.id(), item.vector().cosine(query.vector())))
          .sorted(Comparator.comparingDouble(n -> -n.similarity()))
          .limit(K)
          .forEach(n -> truth.add(n.id()));
      for (Neighbor neighbor : index.search(query)) {
        found += truth.contains(neighbor.id()) ? 1 : 0;
      }
    }
    tell("%s: recall@%d %.4f", what, K, (double) found / (K * queries.size()));
  }

  private interface Ask {
    void ask(int i) throws Exception;
  }

  private static void latency(String what, NeighborIndex index, List<Query> queries)
      throws Exception {
    var bodies = new ArrayList<String>();
    for (Query query : queries) {
      bodies.add(
          "{\"size\":10,\"_source\":false,\"query\":{\"knn\":{\"vector\":{\"k\":10,\"method_parameters\":"
              + "{\"ef_search\":200},\"vector\":"
              + Arrays.toString(query.vector().toArray())
              + "}}}}");
    }
    String path = "/" + ((OpenSearchIndex) index).name() + "/_search";
    for (int round = 0; round < 2; round++) { // the second counts
      boolean counts = round == 1;
      time(counts, what + ", bare query", i -> cluster.ask("POST", path, bodies.get(i)));
      time(counts, what + ", search", i -> index.search(queries.get(i)));
      time(counts, what + ", hits with vectors", i -> index.hits(queries.get(i), true));
    }
  }

  private static void time(boolean counts, String what, Ask ask) throws Exception {
    var nanos = new long[QUERIES];
    for (int i = 0; i < QUERIES; i++) {
      long start = System.nanoTime();
      ask.ask(i);
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    if (counts) {
      tell(
          "%s: p50 %.2f ms, p99 %.2f ms",
          what, nanos[QUERIES / 2] / 1e6, nanos[QUERIES * 99 / 100] / 1e6);
    }
  }

  /** The same documents, sent as curl would, and by the index. */
  @Test
  void load() throws Exception {
    var random = new Random(3);
    int count = PRODUCTS / 4;
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < count; i++) {
      items.add(new IndexItem("p" + i, uniform(random), Attributes.none()));
    }
    for (int round = 0; round < 2; round++) {
      cluster.ask("DELETE", "/raw", "");
      cluster.ask(
          "PUT",
          "/raw",
          "{\"settings\":{\"index\":{\"knn\":true,\"number_of_shards\":3,\"number_of_replicas\":1,"
              + "\"refresh_interval\":\"-1\"}},\"mappings\":{\"_source\":{\"excludes\":[\"vector\"]},"
              + "\"properties\":{\"vector\":{\"type\":\"knn_vector\",\"dimension\":"
              + DIMENSION
              + ",\"method\":{\"name\":\"hnsw\",\"engine\":\"lucene\",\"space_type\":\"cosinesimil\","
              + "\"parameters\":{\"m\":16,\"ef_construction\":128}}}}}}");
      var bodies = new ArrayList<String>();
      var body = new StringBuilder();
      for (IndexItem item : items) {
        body.append("{\"index\":{\"_id\":\"" + item.id() + "\"}}\n{\"vector\":");
        body.append(Arrays.toString(item.vector().toArray())).append("}\n");
        if (body.length() > 6_000_000) {
          bodies.add(body.toString());
          body.setLength(0);
        }
      }
      bodies.add(body.toString());
      long start = System.nanoTime();
      for (String each : bodies) {
        assertThat(cluster.ask("POST", "/raw/_bulk", each)).contains("\"errors\":false");
      }
      cluster.ask("POST", "/raw/_refresh", "");
      double raw = (System.nanoTime() - start) / 1e9;
      start = System.nanoTime();
      NeighborIndex index =
          cluster
              .builder()
              .index("load")
              .shards(SHARDS)
              .replicas(1)
              .factory()
              .build(DIMENSION, items);
      double ours = (System.nanoTime() - start) / 1e9;
      index.close();
      tell(
          "load of %d: bare %.1f s (%d bytes), ours %.1f s",
          count, raw, bodies.stream().mapToInt(b -> b.getBytes(UTF_8).length).sum(), ours);
    }
  }

  /** A page of a shop: the consulted product and its neighbors, ranked. */
  @Test
  void pages() throws Exception {
    var random = new Random(4);
    var products = new ArrayList<ProductFeatures>();
    for (int i = 0; i < PRODUCTS / 4; i++) {
      products.add(
          new ProductFeatures(Product.of("p" + i).with("part", i % 10), uniform(random).toArray()));
    }
    try (Recommender shop =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(cluster.builder().index("pages").shards(SHARDS).replicas(1).factory())
            .reranker(PopularityReranker.balanced())
            .build()) {
      shop.addAll(products);
      for (int round = 0; round < 2; round++) {
        time(round == 1, "a page of 10", i -> shop.recommend(like("p" + i).k(10)));
      }
    }
  }
}
