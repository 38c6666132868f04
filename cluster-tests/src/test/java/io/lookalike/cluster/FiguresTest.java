package io.lookalike.cluster;

import static io.lookalike.RecommendationRequest.like;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.PopularityReranker;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.index.opensearch.OpenSearchIndex;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The figures of docs/scale.md, which no build runs: {@code mvn -Popensearch -pl cluster-tests -am
 * verify -Dgroups=figures -Dfigures.products=20000 -Dfigures.dimension=1280
 * -Dfigures.out=$PWD/figures.jsonl}.
 */
@Tag("figures")
class FiguresTest {

  private static final int QUERIES = 200;
  private static final int K = 10;
  private static final int SHARDS = 3;

  private static final int PRODUCTS = Integer.getInteger("figures.products", 20_000);
  private static final int DIMENSION = Integer.getInteger("figures.dimension", 1280);
  private static final String OUT = System.getProperty("figures.out", "");

  private static TestCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.of(3, 1024);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  // ---- what is written

  /** A line of JSON: names and values in turn. */
  private static void tell(Object... values) throws IOException {
    var line = new StringBuilder("{\"jdk\":\"" + System.getProperty("java.version") + "\"");
    for (int i = 0; i < values.length; i += 2) {
      Object value = values[i + 1];
      String text =
          value instanceof Double d
              ? String.format(Locale.ROOT, "%.4f", d)
              : value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
      line.append(",\"").append(values[i]).append("\":").append(text);
    }
    line.append("}\n");
    System.out.print(line);
    if (!OUT.isEmpty()) {
      Files.writeString(Path.of(OUT), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  // ---- what is searched

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

  /** Products, queries, and the right answers. */
  private record Data(
      String name, List<IndexItem> items, List<Query> queries, List<Set<String>> truth) {

    static Data of(String name, Source source) {
      var random = new Random(2);
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < PRODUCTS; i++) {
        items.add(
            new IndexItem("p" + i, source.next(random), Attributes.none().with("part", i % 10)));
      }
      var queries = new ArrayList<Query>();
      var truth = new ArrayList<Set<String>>();
      for (int i = 0; i < QUERIES; i++) {
        Query query = Query.of(source.next(random), K);
        queries.add(query);
        truth.add(
            items.stream()
                .map(item -> new Neighbor(item.id(), item.vector().cosine(query.vector())))
                .sorted(Neighbor.CLOSEST_FIRST)
                .limit(K)
                .map(Neighbor::id)
                .collect(Collectors.toSet()));
      }
      return new Data(name, items, queries, truth);
    }

    double recall(NeighborIndex index) {
      int found = 0;
      for (int i = 0; i < QUERIES; i++) {
        for (Neighbor neighbor : index.search(queries.get(i))) {
          found += truth.get(i).contains(neighbor.id()) ? 1 : 0;
        }
      }
      return (double) found / (K * QUERIES);
    }
  }

  @Test
  void uniform() throws Exception {
    measure(Data.of("uniform", FiguresTest::uniform));
  }

  @Test
  void clustered() throws Exception {
    var random = new Random(1);
    var centers = new ArrayList<UnitVector>();
    for (int i = 0; i < 100; i++) {
      centers.add(uniform(random));
    }
    measure(Data.of("clustered", r -> clustered(r, centers)));
  }

  private void measure(Data data) throws Exception {
    for (boolean quantized : new boolean[] {false, true}) {
      OpenSearchIndex.Builder builder =
          cluster
              .builder()
              .index(data.name + (quantized ? "-bytes" : ""))
              .shards(SHARDS)
              .replicas(1);
      String kind = quantized ? "cluster, bytes" : "cluster";
      long start = System.nanoTime();
      try (NeighborIndex index =
          (quantized ? builder.quantized() : builder).factory().build(DIMENSION, data.items)) {
        cluster.await("wait_for_status=green");
        measure(kind, data, index, since(start));
        start = System.nanoTime();
        index.optimize();
        measure(kind + ", merged", data, index, since(start));
      }
    }
    long start = System.nanoTime();
    try (HnswIndex index = (HnswIndex) HnswIndex.factory().build(DIMENSION, data.items)) {
      double seconds = since(start);
      measure("in process", data, index, seconds);
      index.setEfSearch(200); // as the cluster's
      measure("in process, efSearch 200", data, index, seconds);
    }
  }

  private static void measure(String kind, Data data, NeighborIndex index, double seconds)
      throws Exception {
    tell(
        "index", kind,
        "data", data.name,
        "products", PRODUCTS,
        "dimension", DIMENSION,
        "buildSeconds", seconds,
        "efSearch", index instanceof OpenSearchIndex there ? there.efSearch() : 0,
        "recall", data.recall(index));
    List<Query> queries = data.queries;
    var asks = new LinkedHashMap<String, Ask>();
    asks.put(kind + ": search", i -> index.search(queries.get(i)));
    asks.put(kind + ": hits with vectors", i -> index.hits(queries.get(i), true));
    if (index instanceof OpenSearchIndex there) {
      var bodies = new ArrayList<String>();
      for (Query query : queries) {
        bodies.add(bare(query.vector(), K, there.efSearch(), "false"));
      }
      String path = "/" + there.name() + "/_search";
      asks.put(kind + ": bare query", i -> cluster.ask("POST", path, bodies.get(i)));
      String shard = path + "?preference=_shards:0";
      asks.put(kind + ": bare, a shard", i -> cluster.ask("POST", shard, bodies.get(i)));
    }
    time(data.name, asks);
  }

  /** What the engine is asked by hand. */
  private static String bare(UnitVector vector, int k, int efSearch, String source) {
    return "{\"size\":"
        + k
        + ",\"_source\":"
        + source
        + ",\"query\":{\"knn\":{\"vector\":{\"k\":"
        + k
        + ",\"method_parameters\":{\"ef_search\":"
        + efSearch
        + "},\"vector\":"
        + Arrays.toString(vector.toArray())
        + "}}}}";
  }

  private interface Ask {
    void ask(int i) throws Exception;
  }

  /** In turn, so that what else the machine does hits all alike; after a round that warms up. */
  private static void time(String data, Map<String, Ask> asks) throws Exception {
    Map<String, long[]> nanos = new LinkedHashMap<>();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < QUERIES; i++) {
        for (Map.Entry<String, Ask> each : asks.entrySet()) {
          long start = System.nanoTime();
          each.getValue().ask(i);
          nanos.computeIfAbsent(each.getKey(), key -> new long[QUERIES])[i] =
              System.nanoTime() - start;
        }
      }
    }
    for (Map.Entry<String, long[]> each : nanos.entrySet()) {
      long[] sorted = each.getValue();
      Arrays.sort(sorted);
      var twentieths = new ArrayList<Long>();
      for (int q = 0; q <= 20; q++) {
        twentieths.add(sorted[Math.min(QUERIES - 1, QUERIES * q / 20)] / 1_000);
      }
      tell(
          "time", each.getKey(),
          "data", data,
          "products", PRODUCTS,
          "dimension", DIMENSION,
          "p50Micros", sorted[QUERIES / 2] / 1_000,
          "p99Micros", sorted[QUERIES * 99 / 100] / 1_000,
          "twentiethsMicros", twentieths);
    }
  }

  /** The same documents, sent as curl would, and by the index; in turn, twice. */
  @Test
  void load() throws Exception {
    var random = new Random(3);
    int count = PRODUCTS;
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
      double raw = since(start);
      start = System.nanoTime();
      NeighborIndex index =
          cluster
              .builder()
              .index("load")
              .shards(SHARDS)
              .replicas(1)
              .factory()
              .build(DIMENSION, items);
      double ours = since(start);
      index.close();
      tell(
          "load", "uniform",
          "products", count,
          "dimension", DIMENSION,
          "bytes", bodies.stream().mapToLong(b -> b.getBytes(UTF_8).length).sum(),
          "bareSeconds", raw,
          "seconds", ours);
    }
    cluster.ask("DELETE", "/raw", "");
  }

  private RecommenderBuilder shop(String index) {
    return Recommender.builder()
        .dimension(DIMENSION)
        .index(cluster.builder().index(index).shards(SHARDS).replicas(1).factory())
        .reranker(PopularityReranker.balanced());
  }

  /**
   * Pages of a shop (the consulted product, then its 20 nearest, ranked), beside what the engine
   * takes for the two calls alone; and what the shop holds in this JVM.
   */
  @Test
  void pages() throws Exception {
    for (int count : new int[] {PRODUCTS / 20, PRODUCTS / 2}) {
      String name = "pages-" + count;
      var random = new Random(4);
      try (Recommender shop = shop(name).store(folder.resolve(name)).build()) {
        for (int begin = 0; begin < count; begin += 500) {
          var some = new ArrayList<ProductFeatures>();
          for (int i = begin; i < Math.min(count, begin + 500); i++) {
            Product product = Product.of("p" + i).with("part", i % 10);
            some.add(new ProductFeatures(product, uniform(random).toArray()));
          }
          shop.addAll(some);
        }
      }
      long before = usedHeap();
      try (Recommender shop = shop(name).store(folder.resolve(name)).build()) {
        int efSearch = efSearch(name);
        var bodies = new ArrayList<String>();
        for (int i = 0; i < QUERIES; i++) {
          bodies.add(bare(shop.searcher().vector("p" + i), 21, efSearch, "[\"attributes\"]"));
        }
        String alias = "/" + name;
        var asks = new LinkedHashMap<String, Ask>();
        asks.put("page of 10 of " + count, i -> shop.recommend(like("p" + i).k(10)));
        asks.put(
            "bare: a product, 21 nearest of " + count,
            i -> {
              cluster.ask("GET", alias + "/_doc/p" + i + "?_source_includes=packed", "");
              cluster.ask("POST", alias + "/_search", bodies.get(i));
            });
        time("uniform", asks);
        bodies.clear();
        tell(
            "heap",
            "a shop that is open, after 400 pages",
            "products",
            count,
            "dimension",
            DIMENSION,
            "bytes",
            usedHeap() - before);
      }
    }
  }

  /** How many nearest the searches of an index keep track of, as its metadata tell. */
  private static int efSearch(String alias) throws Exception {
    Matcher told =
        Pattern.compile("\"efSearch\":(\\d+)")
            .matcher(cluster.ask("GET", "/" + alias + "/_mapping", ""));
    assertThat(told.find()).isTrue();
    return Integer.parseInt(told.group(1));
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
