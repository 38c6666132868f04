package io.lookalike.cluster;

import static io.lookalike.RecommendationRequest.like;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.index.opensearch.OpenSearchIndex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster that is spoken to by TLS alone, and by who has a password or a key alone: a proxy
 * before a node, which looks at both.
 */
@Tag("opensearch")
@Timeout(300)
class SecuredClusterTest {

  private static final String PASSWORD = "Tr0ub4dor&3";
  private static final String KEY = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==";
  private static final String STORE_PASSWORD = "changeit-0815";
  private static final String BASIC =
      "Basic " + Base64.getEncoder().encodeToString(("shop:" + PASSWORD).getBytes(UTF_8));

  private static TestCluster cluster;
  private static HttpsServer proxy;
  private static ExecutorService threads;
  private static Path trusted;

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.of(1);
    Path own = folder.resolve("own.p12");
    Path certificate = folder.resolve("certificate");
    trusted = folder.resolve("trusted.p12");
    keytool(
        own, "-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "SAN=ip:127.0.0.1");
    keytool(own, "-exportcert", "-file", certificate.toString());
    keytool(trusted, "-importcert", "-noprompt", "-file", certificate.toString());
    threads = Executors.newCachedThreadPool();
    proxy = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxy.setHttpsConfigurator(new HttpsConfigurator(context(own)));
    proxy.setExecutor(threads);
    proxy.createContext("/", SecuredClusterTest::pass);
    proxy.start();
  }

  @AfterAll
  static void stop() {
    if (proxy != null) {
      proxy.stop(0);
      threads.shutdownNow();
    }
    cluster.close();
  }

  private static void keytool(Path store, String command, String... more) throws Exception {
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    line.addAll(
        List.of(
            command,
            "-alias",
            "node",
            "-keystore",
            store.toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            STORE_PASSWORD));
    line.addAll(List.of(more));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static SSLContext context(Path own) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(own)) {
      keys.load(in, STORE_PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, STORE_PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  /** Passes on what comes with the right header. */
  private static void pass(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String who = exchange.getRequestHeaders().getFirst("Authorization");
      if (!BASIC.equals(who) && !("ApiKey " + KEY).equals(who)) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(cluster.urls()[0] + exchange.getRequestURI()))
              .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
      if (body.length > 0) {
        request.header("Content-Type", "application/json");
      }
      HttpResponse<byte[]> answer =
          HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      exchange.sendResponseHeaders(
          answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
      exchange.getResponseBody().write(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static OpenSearchIndex.Builder builder() {
    return OpenSearchIndex.builder().url("https://127.0.0.1:" + proxy.getAddress().getPort());
  }

  private static OpenSearchIndex.Builder trusting() throws IOException {
    return builder().trustStore(trusted, STORE_PASSWORD);
  }

  @Test
  void aShopLivesBehindTlsAndAPassword() throws Exception {
    live("secured", folder.resolve("store"));
  }

  private static void live(String index, Path store) throws IOException {
    try (Recommender shop = shop(trusting().index(index).credentials("shop", PASSWORD), store)) {
      for (int i = 0; i < 20; i++) {
        shop.add(Product.of("p" + i), new float[] {i, 1, 2});
      }
      assertThat(shop.save()).isTrue();
    }
    Map<String, String> environment =
        Map.of(
            "OPENSEARCH_API_KEY", KEY,
            "OPENSEARCH_TRUST_STORE", trusted.toString(),
            "OPENSEARCH_TRUST_STORE_PASSWORD", STORE_PASSWORD);
    try (Recommender shop = shop(builder().index(index).environment(environment), store)) {
      assertThat(shop.size()).isEqualTo(20);
      assertThat(shop.recommend(like("p7").k(5)).ids()).hasSize(5);
      shop.reindex((done, total) -> {});
      assertThat(shop.recommend(like("p7").k(5)).ids()).hasSize(5);
    }
    assertThat(builder().environment(environment).report().problems()).isEmpty();
  }

  private static Recommender shop(OpenSearchIndex.Builder index, Path store) {
    return Recommender.builder().dimension(3).index(index.factory()).store(store).build();
  }

  @Test
  void whoIsNotKnownIsTold() throws Exception {
    for (OpenSearchIndex.Builder stranger :
        List.of(
            trusting(),
            trusting().credentials("shop", PASSWORD + "x"),
            trusting().apiKey(KEY + "x"))) {
      assertThatThrownBy(() -> stranger.factory().create(3))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("does not know who asks (401)");
    }
  }

  @Test
  void whoCannotBeTrustedGetsNoPassword() {
    assertThatThrownBy(() -> builder().credentials("shop", PASSWORD).factory().create(3))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot be trusted")
        .hasMessageContaining("trustStore");
  }

  @Test
  void aTrustStoreThatCannotBeReadIsTold() {
    assertThatThrownBy(() -> builder().trustStore(trusted, "another"))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("another");
    assertThatThrownBy(() -> builder().trustStore(folder.resolve("none"), STORE_PASSWORD))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
  }

  /** At the finest level, as simplelogger.properties has it, with a stack trace of each problem. */
  @Test
  void nothingSecretIsLogged() throws Exception {
    PrintStream before = System.err;
    var log = new ByteArrayOutputStream();
    try (var err = new PrintStream(log, true, UTF_8)) {
      System.setErr(err);
      live("logged", folder.resolve("logged"));
      for (OpenSearchIndex.Builder each :
          List.of(
              trusting().apiKey(KEY + "x"),
              trusting().credentials("shop", PASSWORD + "x"),
              builder().credentials("shop", PASSWORD))) {
        try {
          each.factory().create(3);
        } catch (UncheckedIOException e) {
          e.printStackTrace();
        }
      }
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(UTF_8))
        .contains("OpenSearchException")
        .contains("logged leads to logged-")
        .doesNotContain(PASSWORD)
        .doesNotContain(STORE_PASSWORD)
        .doesNotContain(KEY)
        .doesNotContain(BASIC.substring("Basic ".length()));
  }
}
