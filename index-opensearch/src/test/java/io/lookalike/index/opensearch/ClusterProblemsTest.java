package io.lookalike.index.opensearch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.index.IndexItem;
import io.lookalike.index.IndexProvider;
import io.lookalike.index.LastingIndex.Origin;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.opensearch.StubNode.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong between here and a cluster, on nodes that answer as told. */
@Timeout(60)
class ClusterProblemsTest {

  private static final Query QUERY = Query.of(new float[] {1, 2, 3}, 5);
  private static final String PASSWORD = "Tr0ub4dor&3";

  private StubNode node;

  @BeforeEach
  void start() throws IOException {
    node = new StubNode();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static OpenSearchIndex.Builder builder(String... urls) {
    return OpenSearchIndex.builder()
        .url(urls)
        .searchLimit(Duration.ofMillis(2_400))
        .writeLimit(Duration.ofMillis(2_400));
  }

  private static IndexItem product(String id) {
    return IndexItem.of(id, new float[] {1, 2, 3});
  }

  /** An index that something has been written into. */
  private static NeighborIndex filled(OpenSearchIndex.Builder builder) {
    NeighborIndex index = builder.factory().create(3);
    index.upsertAll(List.of(product("a"), product("b")));
    return index;
  }

  private static OpenSearchException problem(ThrowingCallable call) {
    var thrown = new Throwable[1];
    assertThatThrownBy(call)
        .isInstanceOf(UncheckedIOException.class)
        .satisfies(e -> thrown[0] = e.getCause());
    assertThat(thrown[0]).isInstanceOf(OpenSearchException.class);
    return (OpenSearchException) thrown[0];
  }

  private static int deadPort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  // ---- nodes

  @Test
  void aNodeThatIsDownIsPassedOver() throws IOException {
    NeighborIndex index = filled(builder("http://127.0.0.1:" + deadPort(), node.url()));
    for (int i = 0; i < 20; i++) {
      assertThat(index.search(QUERY)).isEmpty();
    }
  }

  @Test
  void aNodeThatHangsIsPassedOver() throws IOException {
    try (var other = new StubNode()) {
      NeighborIndex index = filled(builder(node.url(), other.url()));
      node.on("_msearch", ask -> late());
      for (int i = 0; i < 20; i++) {
        assertThat(index.search(QUERY)).isEmpty();
      }
      assertThat(node.asked("_msearch")).hasSizeLessThan(10);
    }
  }

  /** Long before the attempt at the first is given up, which would be after the test's end. */
  @ParameterizedTest
  @ValueSource(strings = {"_msearch", "_mget", "_count"})
  void whatTakesLongerThanUsualIsAskedOfAnotherNodeToo(String what) throws IOException {
    String answer =
        switch (what) {
          case "_mget" -> "{\"docs\":[{\"_id\":\"a\",\"found\":false}]}";
          case "_count" -> "{\"count\":2,\"_shards\":{\"failed\":0}}";
          default -> StubNode.NOTHING_FOUND;
        };
    var first = new AtomicBoolean(true);
    try (var other = new StubNode()) {
      for (StubNode each : List.of(node, other)) {
        each.on(what, ask -> first.getAndSet(false) ? late() : Answer.ok(answer));
      }
      NeighborIndex index =
          filled(
              OpenSearchIndex.builder()
                  .url(node.url(), other.url())
                  .searchLimit(Duration.ofMinutes(10)));
      switch (what) {
        case "_mget" -> assertThat(index.vector("a")).isNull();
        case "_count" -> assertThat(index.size()).isEqualTo(2);
        default -> assertThat(index.search(QUERY)).isEmpty();
      }
      assertThat(first).isFalse();
    }
  }

  /** Two that are on their way together would be two versions of the same. */
  @Test
  void aWriteThatTakesLongIsNotAskedOfAnotherNodeToo() throws IOException {
    try (var other = new StubNode()) {
      for (StubNode each : List.of(node, other)) {
        each.on(
            "_bulk",
            ask -> {
              try {
                Thread.sleep(500);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return Answer.ok(StubNode.TAKEN);
            });
      }
      filled(OpenSearchIndex.builder().url(node.url(), other.url()));
      assertThat(node.asked("_bulk").size() + other.asked("_bulk").size()).isEqualTo(1);
    }
  }

  private static Answer late() {
    try {
      Thread.sleep(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Answer.ok(StubNode.NOTHING_FOUND);
  }

  @Test
  void aClusterThatHangsIsTold() {
    NeighborIndex index = filled(builder(node.url()));
    node.on("_msearch", ask -> late());
    OpenSearchException problem = problem(() -> index.search(QUERY));
    assertThat(problem)
        .hasMessageContaining("a search was not answered within 2.4 seconds")
        .hasMessageContaining(node.url())
        .hasMessageContaining("did not answer within ");
    assertThat(problem.isUnavailable()).isTrue();
  }

  @Test
  void aClusterThatIsDownIsNotWaitedForAtEveryCallAndIsFoundWhenItIsBack() throws IOException {
    int port = node.port();
    NeighborIndex index = filled(builder(node.url()));
    node.close();
    for (int i = 0; i < 3; i++) {
      assertThat(problem(() -> index.search(QUERY)))
          .hasMessageContaining("cannot be connected to")
          .hasMessageNotContaining("was not tried");
    }
    OpenSearchException refused = problem(() -> index.search(QUERY));
    // On a machine that stands still for so long it is tried once more between the two.
    for (int i = 0; i < 100 && !refused.getMessage().contains("not tried"); i++) {
      refused = problem(() -> index.search(QUERY));
    }
    assertThat(refused).hasMessageContaining("a search was not tried: no node of");
    assertThat(refused.isUnavailable()).isTrue();
    node = new StubNode(port);
    while (true) {
      try {
        assertThat(index.search(QUERY)).isEmpty();
        break;
      } catch (UncheckedIOException e) {
        assertThat(e).hasMessageContaining("not tried");
      }
    }
    assertThat(index.search(QUERY)).isEmpty();
  }

  @Test
  void aCallThatIsInterruptedEnds() {
    NeighborIndex index = filled(builder(node.url()));
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> index.search(QUERY))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  // ---- answers

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504})
  void whatPassesIsAskedAgain(int status) {
    NeighborIndex index = filled(builder(node.url()));
    var left = new AtomicInteger(2);
    node.on(
        "_msearch",
        ask ->
            left.getAndDecrement() > 0
                ? new Answer(status, "{\"error\":{\"type\":\"busy\",\"reason\":\"queue is full\"}}")
                : Answer.ok(StubNode.NOTHING_FOUND));
    assertThat(index.search(QUERY)).isEmpty();
    left.set(1_000_000);
    assertThat(problem(() -> index.search(QUERY)))
        .hasMessageContaining("answered " + status + ", busy: queue is full");
  }

  /** As a node of 2.19.1 answers that was killed and is up again. */
  @ParameterizedTest
  @ValueSource(strings = {"%s", "{\"responses\":[%s]}"})
  void aNodeThatHasNotJoinedYetIsAskedAgain(String answer) {
    NeighborIndex index = filled(builder(node.url()));
    String refused =
        "{\"error\":{\"root_cause\":[],\"type\":\"parsing_exception\",\"reason\":"
            + "\"[knn] unknown method parameter found [ef_search]\"},\"status\":400}";
    boolean whole = answer.equals("%s");
    var left = new AtomicInteger(2);
    node.on(
        "_msearch",
        ask ->
            left.getAndDecrement() > 0
                ? new Answer(whole ? 400 : 200, answer.formatted(refused))
                : Answer.ok(StubNode.NOTHING_FOUND));
    assertThat(index.search(QUERY)).isEmpty();
    left.set(1_000_000);
    assertThat(problem(() -> index.search(QUERY)))
        .hasMessageContaining("parsing_exception: [knn] unknown method parameter");
  }

  /** Never a page of some shards alone. */
  @Test
  void anAnswerThatLacksAShardIsNone() {
    NeighborIndex index = filled(builder(node.url()));
    String lacking = StubNode.NOTHING_FOUND.replace("\"failed\":0", "\"failed\":1");
    String failed =
        "{\"responses\":[{\"status\":503,\"error\":{\"type\":\"search_phase_execution_exception\","
            + "\"reason\":\"all shards failed\"}}]}";
    var left = new AtomicInteger(4);
    node.on(
        "_msearch",
        ask ->
            Answer.ok(
                switch (left.getAndDecrement()) {
                  case 4 -> lacking;
                  case 3 -> failed;
                  default -> StubNode.NOTHING_FOUND;
                }));
    assertThat(index.search(QUERY)).isEmpty();
    node.on("_msearch", ask -> Answer.ok(failed));
    assertThat(problem(() -> index.search(QUERY))).hasMessageContaining("all shards failed");
  }

  @Test
  void onlyWhatWasRejectedIsSentAgain() {
    NeighborIndex index = builder(node.url()).factory().create(3);
    var first = new AtomicInteger(1);
    node.on(
        "_bulk",
        ask ->
            Answer.ok(
                first.getAndDecrement() > 0
                    ? "{\"errors\":true,\"items\":[{\"index\":{\"status\":200}},{\"index\":{"
                        + "\"status\":429,\"error\":{\"type\":\"rejected\",\"reason\":\"full\"}}}]}"
                    : StubNode.TAKEN));
    index.upsertAll(List.of(product("a"), product("b")));
    List<StubNode.Asked> writes = node.asked("_bulk");
    assertThat(writes).hasSize(2);
    assertThat(writes.get(1).body()).contains("\"_id\":\"b\"").doesNotContain("\"_id\":\"a\"");
  }

  @Test
  void aClusterThatTakesNothingIsTold() {
    NeighborIndex index = builder(node.url()).factory().create(3);
    node.on(
        "_bulk",
        ask ->
            Answer.ok(
                "{\"errors\":true,\"items\":[{\"index\":{\"status\":429,\"error\":{"
                    + "\"type\":\"rejected\",\"reason\":\"full\"}}}]}"));
    assertThat(problem(() -> index.upsert(product("a"))))
        .hasMessageContaining("of 1 products 1 were not taken")
        .hasMessageContaining("the first a (rejected: full)");
  }

  @Test
  void aRefusedProductIsNamed() {
    NeighborIndex index = builder(node.url()).factory().create(3);
    node.on(
        "_bulk",
        ask ->
            Answer.ok(
                "{\"errors\":true,\"items\":[{\"index\":{\"status\":200}},{\"index\":{"
                    + "\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\","
                    + "\"reason\":\"failed to parse\",\"caused_by\":{\"type\":\"strict\","
                    + "\"reason\":\"no such field\"}}}}]}"));
    assertThat(problem(() -> index.upsertAll(List.of(product("a"), product("b")))))
        .hasMessageContaining("refused the product b: strict: no such field");
  }

  @Test
  void aFullDiskIsNotWaitedFor() {
    NeighborIndex index = builder(node.url()).factory().create(3);
    node.on(
        "_bulk",
        ask ->
            Answer.ok(
                "{\"errors\":true,\"items\":[{\"index\":{\"status\":429,\"error\":{"
                    + "\"type\":\"cluster_block_exception\",\"reason\":\"index [x] blocked by:"
                    + " [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has"
                    + " read-only-allow-delete block];\"}}}]}"));
    assertThat(problem(() -> index.upsert(product("a"))))
        .hasMessageContaining("read-only, as a disk of a node is nearly full");
    assertThat(node.asked("_bulk")).hasSize(1);
  }

  @Test
  void anIndexThatSomebodyDeletedIsTold() {
    NeighborIndex index = filled(builder(node.url()));
    String gone =
        "{\"responses\":[{\"status\":404,\"error\":{\"type\":\"index_not_found_exception\","
            + "\"reason\":\"no such index\",\"index\":\"lookalike-1\"}}]}";
    node.on("_msearch", ask -> Answer.ok(gone));
    assertThat(problem(() -> index.search(QUERY)))
        .hasMessageContaining("the index lookalike-1 is gone")
        .hasMessageContaining("build it again");
  }

  @Test
  void whatIsNoJsonIsTold() {
    NeighborIndex index = filled(builder(node.url()));
    node.on("_msearch", ask -> new Answer(418, "<html>a proxy's page</html>"));
    assertThat(problem(() -> index.search(QUERY)))
        .hasMessageContaining("the cluster refused a search: 418");
  }

  // ---- who asks

  @Test
  void credentialsAreSentAndNeverTold() {
    var encoded = Base64.getEncoder().encodeToString(("shop:" + PASSWORD).getBytes(UTF_8));
    OpenSearchIndex.Builder builder = builder(node.url()).credentials("shop", PASSWORD);
    NeighborIndex index = filled(builder);
    assertThat(node.asked("_bulk").get(0).authorization()).isEqualTo("Basic " + encoded);
    node.on("_msearch", ask -> new Answer(401, "Unauthorized"));
    OpenSearchException unknown = problem(() -> index.search(QUERY));
    assertThat(unknown).hasMessageContaining("does not know who asks (401)");
    node.on(
        "_msearch",
        ask -> new Answer(403, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"}}"));
    OpenSearchException forbidden = problem(() -> index.search(QUERY));
    assertThat(forbidden).hasMessageContaining("the user may not do this");
    node.close();
    OpenSearchException unreached = problem(() -> index.search(QUERY));
    for (Object told : List.of(unknown, forbidden, unreached, index, builder.factory())) {
      assertThat(told.toString()).doesNotContain(PASSWORD).doesNotContain(encoded);
    }
  }

  @Test
  void aKeyIsSent() {
    filled(builder(node.url()).environment(Map.of("OPENSEARCH_API_KEY", "abc==")));
    assertThat(node.asked("_bulk").get(0).authorization()).isEqualTo("ApiKey abc==");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://shop:" + PASSWORD + "@host:9200",
        "shop:" + PASSWORD + "@host:9200",
        "https://shop:" + PASSWORD + "@ho st:9200",
      })
  void aPasswordInTheUrlIsRefusedAndNotTold(String url) {
    assertThatThrownBy(() -> OpenSearchIndex.builder().url(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(PASSWORD)
        .hasNoCause();
    assertThatThrownBy(() -> IndexProvider.named("opensearch:" + url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(PASSWORD)
        .hasNoCause();
  }

  @Test
  void halfOfTheCredentialsIsRefused() {
    assertThatThrownBy(() -> builder(node.url()).environment(Map.of("OPENSEARCH_USER", "shop")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("OPENSEARCH_PASSWORD");
    assertThatThrownBy(() -> builder(node.url()).credentials("a", "b").apiKey("c"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageNotContaining("Basic");
  }

  // ---- what answers

  @Test
  void anotherServerIsTold() {
    node.on("/", ask -> Answer.ok("{\"version\":{\"number\":\"8.14.0\"}}"));
    assertThat(problem(() -> builder(node.url()).factory().create(3)))
        .hasMessageContaining("no OpenSearch but another server, version 8.14.0");
    node.on("/", ask -> Answer.ok(StubNode.version("2.11.0", "opensearch")));
    assertThat(problem(() -> builder(node.url()).factory().create(3)))
        .hasMessageContaining("OpenSearch 2.11.0, expected 2.19 or later");
    node.on("/", ask -> Answer.ok(StubNode.version("3.5.0", "opensearch")));
    assertThatCode(() -> builder(node.url()).factory().create(3)).doesNotThrowAnyException();
  }

  @Test
  void aMissingPluginIsTold() {
    node.on("/_cat/plugins", ask -> Answer.ok("[]"));
    assertThat(problem(() -> builder(node.url()).factory().create(3)))
        .hasMessageContaining("opensearch-knn is missing; install it on every node");
  }

  @Test
  void whatOpenSearchDoesNotTakeIsRefusedBefore() {
    assertThatThrownBy(() -> builder(node.url()).factory().create(16_001))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dimension is 16001, expected 1 to 16000");
    NeighborIndex index = builder(node.url()).factory().create(3);
    String id = "é".repeat(300);
    assertThatThrownBy(() -> index.upsertAll(List.of(product("a"), product(id))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 600 bytes, expected at most 512");
    assertThat(node.asked("_bulk")).isEmpty();
    assertThat(filled(builder(node.url())).item(id)).isNull();
  }

  // ---- what is there

  private static String mapping(String name, String mapping) {
    return "{\"" + name + "\":{\"mappings\":" + mapping + "}}";
  }

  private static String ours(int format, String store, int dimension, String space) {
    return "{\"_meta\":{\"lookalike\":{\"format\":"
        + format
        + ",\"store\":\""
        + store
        + "\",\"network\":1,\"transform\":2,\"photos\":\"BEST\",\"change\":7}},\"_source\":{\"excludes\":[\"vector\"]},"
        + "\"properties\":{\"terms\":{\"type\":\"keyword\"},\"vector\":{\"type\":\"knn_vector\","
        + "\"dimension\":"
        + dimension
        + ",\"method\":{\"space_type\":\""
        + space
        + "\"}}}}";
  }

  private OpenSearchException refused(String name, String mapping) {
    node.on("/_alias/shop", ask -> Answer.ok("{\"" + name + "\":{}}"));
    node.on("_mapping", ask -> Answer.ok(mapping(name, mapping)));
    return problem(
        () ->
            builder(node.url())
                .index("shop")
                .factory()
                .reopen(new Origin("s", 1, 2, "BEST", 9, ""), 3));
  }

  @Test
  void whatIsForeignIsRefused() {
    assertThat(refused("shop", "{}")).hasMessageContaining("there is an index shop in the cluster");
    assertThat(refused("shop-1", "{}"))
        .hasMessageContaining("leads to the index shop-1, which this library has not made");
    assertThat(refused("shop-1", ours(1, "another", 3, "cosinesimil")))
        .hasMessageContaining("of another store (another, expected s)");
    node.on("_mapping", ask -> Answer.ok(mapping("shop-1", ours(1, "another", 3, "cosinesimil"))));
    assertThat(
            problem(
                () ->
                    builder(node.url())
                        .index("shop")
                        .factory()
                        .build(new Origin("s", 1, 2, "BEST", 9, ""), 3, List.of(product("a")))))
        .as("nor is its alias taken by an index that is made anew")
        .hasMessageContaining("of another store (another, expected s)");
    assertThat(refused("shop-1", ours(2, "s", 3, "cosinesimil")))
        .hasMessageContaining("has format 2, expected 1");
    assertThat(refused("shop-1", ours(1, "s", 4, "cosinesimil")))
        .hasMessageContaining("vector has 4 dimensions, expected 3");
    assertThat(refused("shop-1", ours(1, "s", 3, "l2")))
        .hasMessageContaining("another space than cosinesimil");
  }

  @Test
  void whatWasMadeOfTheSameIsFoundAgain() {
    node.on("/_alias/shop", ask -> Answer.ok("{\"shop-1\":{}}"));
    node.on("_mapping", ask -> Answer.ok(mapping("shop-1", ours(1, "s", 3, "cosinesimil"))));
    var factory = builder(node.url()).index("shop").factory();
    var found = factory.reopen(new Origin("s", 1, 2, "BEST", 9, ""), 3).orElseThrow();
    assertThat(found.origin()).isEqualTo(new Origin("s", 1, 2, "BEST", 7, ""));
    assertThat(found.search(QUERY)).isEmpty();
    found.close();
    assertThat(node.asked("shop-1")).as("it lasts").isEmpty();
    assertThat(factory.reopen(new Origin("s", 1, 3, "BEST", 9, ""), 3)).isEmpty();
  }

  @Test
  void thereMustBeSomethingToGoBackTo() {
    node.on("/_alias/shop", ask -> Answer.ok("{\"shop-1\":{}}"));
    node.on("_mapping", ask -> Answer.ok(mapping("shop-1", ours(1, "s", 3, "cosinesimil"))));
    assertThat(problem(() -> builder(node.url()).index("shop").rollBack()))
        .hasMessageContaining("no index to go back to: none before shop-1");
  }

  @Test
  void whatWasNeverMarkedIsDeletedWhenItIsClosed() {
    NeighborIndex index = filled(builder(node.url()).index("shop"));
    String name = ((OpenSearchIndex) index).name();
    index.close();
    assertThat(node.asked(name)).last().extracting(StubNode.Asked::method).isEqualTo("DELETE");
  }

  // ---- the builder

  @Test
  void anAddressNamesNodesAndAnIndex() throws IOException {
    try (var other = new StubNode()) {
      var factory =
          OpenSearchIndex.builder().address(node.url() + "," + other.url() + "/shop").factory();
      assertThat(factory).hasToString("OpenSearch at " + node.url() + "," + other.url() + "/shop");
      assertThat(OpenSearchIndex.at(node.url())).asString().endsWith("/lookalike");
    }
    filled(OpenSearchIndex.builder().address(node.url() + "/shop?shards=3&replicas=2&quantized"));
    assertThat(
            node.asked("").stream()
                .filter(ask -> ask.method().equals("PUT"))
                .map(StubNode.Asked::body))
        .anyMatch(
            body ->
                body.contains("\"number_of_shards\":3")
                    && body.contains("\"number_of_replicas\":2")
                    && body.contains("\"encoder\":{\"name\":\"sq\"}"));
    for (String bad :
        List.of(
            "localhost:9200",
            "ftp://a:1",
            "https://",
            "",
            "http://a:1/Shop",
            "http://a:1?shards",
            "http://a:1/shop?shards=0",
            "http://a:1/shop?m=3")) {
      assertThatThrownBy(() -> OpenSearchIndex.at(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected");
    }
    assertThatThrownBy(() -> IndexProvider.named("opensearch"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("opensearch:https://localhost:9200");
  }

  @Test
  void aSettingIsCheckedAtOnceAndSetOnce() {
    OpenSearchIndex.Builder builder = OpenSearchIndex.builder().shards(3);
    assertThatThrownBy(() -> builder.shards(3)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> builder.efSearch(0)).hasMessageContaining("efSearch is 0");
    assertThatThrownBy(() -> builder.searchLimit(Duration.ZERO))
        .hasMessageContaining("searchLimit is PT0S, expected more than nothing");
    assertThatThrownBy(builder::factory)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("url was not set");
  }
}
