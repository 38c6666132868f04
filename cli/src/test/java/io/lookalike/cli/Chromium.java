package io.lookalike.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.jr.ob.JSON;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;

/** Lets a headless Chromium look at a page. */
final class Chromium {

  private Chromium() {}

  /** Returns the browser; without one the test is skipped, but fails where CI is set. */
  static Path find() {
    List<String> names = List.of("chromium", "chromium-browser", "google-chrome", "chrome");
    for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      for (String name : names) {
        Path program = Path.of(folder, name);
        if (Files.isExecutable(program)) {
          return program;
        }
      }
    }
    String why = "no browser looks at the page: none of " + names + " is on the PATH";
    return "true".equals(System.getenv("CI")) ? fail(why) : abort(why);
  }

  /**
   * Opens a page at the widths of a desktop and of a phone, and fails where anything is wrong with
   * it that a browser and axe-core can tell.
   *
   * @return what {@code inspect.html} says of the page, for each width
   */
  static List<Map<String, Object>> inspect(Path page, boolean dark, Path temp) throws Exception {
    String html = Files.readString(page);
    String withAxe =
        html.replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "")
            .replace("</body>", "<script>" + resource("/axe.min.js") + "</script></body>");
    var served =
        Map.of(
            "/", resource("inspect.html"),
            "/page", html,
            "/page-with-axe", withAxe);
    var requests = new ConcurrentLinkedQueue<String>();
    var report = new CompletableFuture<String>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.add(exchange.getRequestURI().toString());
          if (exchange.getRequestMethod().equals("POST")) {
            report.complete(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            answer(exchange, 204, "");
          } else {
            String body = served.get(exchange.getRequestURI().getPath());
            answer(exchange, body == null ? 404 : 200, body == null ? "" : body);
          }
        });
    server.start();
    Path log = temp.resolve("chromium.log");
    try {
      int port = server.getAddress().getPort();
      Process browser = start("http://127.0.0.1:" + port + "/", dark, temp, log);
      try {
        String json = await(report, requests, browser, log);
        var reports = new ArrayList<Map<String, Object>>();
        for (Object each : JSON.std.listFrom(json)) {
          reports.add(JSON.std.mapFrom(JSON.std.asString(each)));
        }
        List<String> console =
            Files.readString(log)
                .lines()
                .filter(line -> line.contains("CONSOLE"))
                .filter(line -> !line.contains("source: chrome://")) // the browser's own pages
                .map(line -> line.substring(0, Math.min(line.length(), 300)))
                .toList();
        assertThat(console).isEmpty();
        assertThat(requests).containsOnly("/", "/page", "/page-with-axe", "/report");
        check(reports, dark);
        return reports;
      } finally {
        List<ProcessHandle> all =
            Stream.concat(browser.descendants(), Stream.of(browser.toHandle())).toList();
        browser.destroy(); // so that it can clean up after itself
        browser.waitFor(10, TimeUnit.SECONDS);
        all.forEach(ProcessHandle::destroyForcibly);
      }
    } finally {
      server.stop(0);
    }
  }

  private static void check(List<Map<String, Object>> reports, boolean dark) {
    assertThat(reports).allSatisfy(report -> assertThat(report).doesNotContainKey("failure"));
    var softly = new SoftAssertions();
    softly.assertThat(reports).extracting(r -> r.get("width")).containsExactly(1280, 390);
    for (var report : reports) {
      softly.assertThat(report.get("dark")).isEqualTo(dark);
      softly
          .assertThat((Integer) report.get("contentWidth"))
          .isLessThanOrEqualTo((Integer) report.get("width"));
      softly.assertThat(report.get("brokenImages")).isEqualTo(0);
      softly.assertThat(report.get("fonts")).asInstanceOf(LIST).allMatch("loaded"::equals);
      softly.assertThat(report.get("resources")).isEqualTo(List.of());
      softly.assertThat(report.get("withoutOutline")).isEqualTo(List.of());
      softly.assertThat(report.get("deadLinks")).isEqualTo(List.of());
      softly
          .assertThat(report.get("passes"))
          .asInstanceOf(LIST)
          .contains("color-contrast", "link-name", "landmark-one-main", "region");
      softly.assertThat(report.get("violations")).isEqualTo(List.of());
      softly.assertThat(report.get("undecided")).isEqualTo(List.of());
    }
    softly.assertAll();
  }

  private static Process start(String url, boolean dark, Path temp, Path log) throws IOException {
    var builder =
        new ProcessBuilder(
            find().toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
            "--window-size=1400,1000",
            "--user-data-dir=" + temp.resolve("profile"),
            "--enable-logging=stderr",
            url);
    builder.environment().put("TMPDIR", temp.toString()); // the sockets that it leaves there
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  private static String await(
      CompletableFuture<String> report, Iterable<String> requests, Process browser, Path log)
      throws IOException, InterruptedException, ExecutionException {
    try {
      return report.get(120, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      String state = browser.isAlive() ? "is still at work" : "exited with " + browser.exitValue();
      throw new IOException(
          "Chromium %s, asked for %s and says:\n%s"
              .formatted(state, requests, Files.readString(log)),
          e);
    }
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Chromium.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
