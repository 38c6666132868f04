package io.lookalike.index.opensearch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Answers as a node would, or as a test wants it to. */
final class StubNode implements AutoCloseable {

  /** What was asked. */
  record Asked(String method, String path, String body, String authorization) {}

  /** What is answered. */
  record Answer(int status, String body) {
    static Answer ok(String body) {
      return new Answer(200, body);
    }
  }

  static final String TAKEN =
      "{\"errors\":false,\"items\":[{\"index\":{\"status\":200}},{\"index\":{\"status\":200}}]}";

  static final String NOTHING_FOUND =
      "{\"responses\":[{\"status\":200,\"timed_out\":false,\"_shards\":{\"failed\":0},"
          + "\"hits\":{\"hits\":[]}}]}";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Function<Asked, Answer>> answers = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  StubNode() throws IOException {
    this(0);
  }

  StubNode(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    on("/", ask -> Answer.ok(version("2.19.1", "opensearch")));
    on("/_cluster/health", ask -> Answer.ok("{\"status\":\"green\",\"number_of_nodes\":1}"));
    on(
        "/_cat/plugins",
        ask ->
            Answer.ok(
                "[{\"name\":\"n0\",\"component\":\"opensearch-knn\",\"version\":\"2.19.1.0\"}]"));
    on("_bulk", ask -> Answer.ok(TAKEN));
    on("_msearch", ask -> Answer.ok(NOTHING_FOUND));
  }

  static String version(String number, String distribution) {
    return "{\"version\":{\"number\":\""
        + number
        + "\",\"distribution\":\""
        + distribution
        + "\"}}";
  }

  /** Answers what ends so, before the question mark. */
  void on(String end, Function<Asked, Answer> answer) {
    answers.put(end, answer);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      var ask =
          new Asked(
              exchange.getRequestMethod(),
              path,
              new String(exchange.getRequestBody().readAllBytes(), UTF_8),
              String.valueOf(authorization));
      asked.add(ask);
      Function<Asked, Answer> answer =
          answers.entrySet().stream()
              .filter(e -> e.getKey().equals("/") ? path.equals("/") : path.endsWith(e.getKey()))
              .findFirst()
              .map(Map.Entry::getValue)
              .orElse(other -> Answer.ok("{\"acknowledged\":true}"));
      Answer said = answer.apply(ask);
      byte[] body = said.body.getBytes(UTF_8);
      exchange.sendResponseHeaders(said.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** What was asked whose path ends so. */
  List<Asked> asked(String end) {
    return asked.stream().filter(ask -> ask.path.endsWith(end)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
