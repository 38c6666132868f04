package io.lookalike.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lookalike.index.opensearch.OpenSearchIndex;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Nodes of OpenSearch, each in a process of its own. What is started here is killed by its process
 * when this is closed or this JVM ends, and ends by itself when this JVM is killed.
 */
final class TestCluster implements AutoCloseable {

  private static final Path BUILT = Path.of("node", "target").toAbsolutePath();

  /** Memory where there is such a place: a write makes a dozen files. */
  private static final Path PLACE =
      Stream.of(Path.of("/dev/shm"), Path.of(System.getProperty("java.io.tmpdir")))
          .filter(Files::isWritable)
          .findFirst()
          .orElseThrow();

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Path folder;
  private final int megabytes;
  private final List<Integer> httpPorts = new ArrayList<>();
  private final List<Integer> transportPorts = new ArrayList<>();
  private final List<Process> nodes = new ArrayList<>();
  private final Thread atExit = new Thread(this::kill);

  private TestCluster(Path folder, int megabytes) {
    this.folder = folder;
    this.megabytes = megabytes;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Starts a cluster, and returns when all nodes have found each other. */
  static TestCluster of(int size) throws IOException, InterruptedException {
    return of(size, 768);
  }

  /**
   * Starts a cluster.
   *
   * @param megabytes of heap, of each node
   */
  static TestCluster of(int size, int megabytes) throws IOException, InterruptedException {
    var cluster =
        new TestCluster(Files.createTempDirectory(PLACE, "lookalike-cluster-"), megabytes);
    boolean started = false;
    try {
      for (int i = 0; i < 2 * size; i++) {
        (i % 2 == 0 ? cluster.httpPorts : cluster.transportPorts).add(freePort());
      }
      for (int i = 0; i < size; i++) {
        cluster.nodes.add(cluster.start(i));
      }
      for (int i = 0; i < size; i++) {
        awaitStart(cluster.nodes.get(i));
      }
      cluster.await("wait_for_nodes=" + size);
      started = true;
      return cluster;
    } finally {
      if (!started) {
        cluster.close();
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Process start(int i) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xms256m",
            "-Xmx" + megabytes + "m",
            "-XX:+UseSerialGC",
            "-Dlog4j2.disable.jmx=true",
            "-cp"));
    command.add(
        String.join(
            File.pathSeparator,
            BUILT.resolve("classes").toString(),
            BUILT.resolve("server").resolve("*").toString(),
            BUILT.resolve("knn").resolve("*").toString()));
    command.add("io.lookalike.cluster.ClusterNode");
    String seeds =
        String.join(",", transportPorts.stream().map(port -> "127.0.0.1:" + port).toList());
    String names =
        String.join(",", IntStream.range(0, httpPorts.size()).mapToObj(n -> "n" + n).toList());
    command.addAll(
        List.of(
            "cluster.name=lookalike-tests",
            "node.name=n" + i,
            "path.home=" + folder.resolve("n" + i),
            "network.host=127.0.0.1",
            "http.port=" + httpPorts.get(i),
            "transport.port=" + transportPorts.get(i),
            "discovery.seed_hosts=" + seeds,
            "cluster.initial_cluster_manager_nodes=" + names,
            "cluster.routing.allocation.disk.threshold_enabled=false"));
    Files.createDirectories(folder.resolve("n" + i));
    return new ProcessBuilder(command)
        .redirectError(folder.resolve("n" + i + ".log").toFile())
        .start();
  }

  private static void awaitStart(Process node) throws IOException {
    BufferedReader out = node.inputReader(UTF_8);
    for (String line = out.readLine(); !"started".equals(line); line = out.readLine()) {
      if (line == null) {
        throw new IOException("a node ended while it started");
      }
    }
    var drain = new Thread(() -> out.lines().forEach(line -> {}));
    drain.setDaemon(true);
    drain.start();
  }

  /** The nodes' URLs. */
  String[] urls() {
    return httpPorts.stream().map(port -> "http://127.0.0.1:" + port).toArray(String[]::new);
  }

  /** With limits for machines that do much else. */
  OpenSearchIndex.Builder builder() {
    return OpenSearchIndex.builder()
        .url(urls())
        .searchLimit(Duration.ofSeconds(30))
        .writeLimit(Duration.ofMinutes(4));
  }

  int size() {
    return nodes.size();
  }

  /** Which node is the elected manager. */
  int manager() throws IOException, InterruptedException {
    for (int i = 0; i < size(); i++) {
      if (nodes.get(i).isAlive()) {
        String name = ask(i, "GET", "/_cat/cluster_manager?h=node", "").strip();
        return Integer.parseInt(name.substring(1));
      }
    }
    throw new IOException("no node is alive");
  }

  void kill(int i) throws InterruptedException {
    nodes.get(i).destroyForcibly().waitFor();
  }

  void restart(int i) throws IOException {
    Process node = start(i);
    nodes.set(i, node);
    awaitStart(node);
  }

  /** Stops a node for a while; a process of its own has it go on, also when this one is killed. */
  Process freeze(int i, int seconds) throws IOException {
    long pid = nodes.get(i).pid();
    return new ProcessBuilder(
            "sh", "-c", "kill -STOP " + pid + "; sleep " + seconds + "; kill -CONT " + pid)
        .inheritIO()
        .start();
  }

  /** Waits for the cluster's health. */
  void await(String state) throws IOException, InterruptedException {
    for (int i = 0; i < size(); i++) {
      if (nodes.get(i).isAlive()) {
        String answer = ask(i, "GET", "/_cluster/health?timeout=90s&" + state, "");
        if (answer.contains("\"timed_out\":true")) {
          throw new IOException("the cluster has not come to " + state + ": " + answer);
        }
        return;
      }
    }
  }

  /** Asks the first node, past the adapter. */
  String ask(String method, String path, String body) throws IOException, InterruptedException {
    return ask(0, method, path, body);
  }

  private String ask(int node, String method, String path, String body)
      throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(urls()[node] + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .timeout(Duration.ofSeconds(100))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** The names of the indexes that are there. */
  List<String> indexes() throws IOException, InterruptedException {
    return ask("GET", "/_cat/indices?h=index&s=index", "").lines().map(String::strip).toList();
  }

  private void kill() {
    nodes.forEach(Process::destroyForcibly);
  }

  @Override
  public void close() {
    kill();
    try {
      for (Process node : nodes) {
        node.waitFor();
      }
      Runtime.getRuntime().removeShutdownHook(atExit);
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
