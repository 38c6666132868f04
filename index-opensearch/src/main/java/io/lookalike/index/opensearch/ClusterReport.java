package io.lookalike.index.opensearch;

import io.lookalike.index.opensearch.Cluster.Call;
import io.lookalike.index.opensearch.Cluster.Reply;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a cluster is and has. Immutable.
 *
 * @param version the server's, such as {@code 2.19.1}
 * @param plugins the k-NN plug-in's version on each node that has it, by the node's name; empty if
 *     the user may not ask
 * @param nodes number of nodes
 * @param status {@code green}, {@code yellow} where copies of shards are missing, {@code red} where
 *     shards are
 * @param indexes each index of the builder's name: what it is called, its health, shards, copies of
 *     these, documents, and size on disk
 * @param problems what keeps indexes from working here, and what to do; none if nothing does
 */
public record ClusterReport(
    String version,
    Map<String, String> plugins,
    int nodes,
    String status,
    List<String> indexes,
    List<String> problems) {

  /** The plug-in, as the server names it. */
  private static final String KNN = "opensearch-knn";

  /** What is in its name, and in that of its class, which names it where it was not installed. */
  private static final String KNN_PART = "knn";

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final int MAJOR = 2;
  private static final int MINOR = 19;

  /** Copies what it is given. */
  public ClusterReport {
    plugins = Map.copyOf(plugins);
    indexes = List.copyOf(indexes);
    problems = List.copyOf(problems);
  }

  /** Looks at a cluster, and at the indexes that an alias leads or led to. */
  static ClusterReport of(Cluster cluster, String alias, Duration limit) {
    Object main = get(cluster, "/", limit).checked().body();
    String version = Json.text(main, "version", "number");
    var problems = new ArrayList<String>();
    if (!Json.text(main, "version", "distribution").equals("opensearch")) {
      problems.add(
          "what answers is no OpenSearch but "
              + (version.isEmpty() ? "something else" : "another server, version " + version)
              + "; expected OpenSearch "
              + MAJOR
              + "."
              + MINOR
              + " or later");
    } else if (!isKnown(version)) {
      problems.add(
          "the server is OpenSearch "
              + version
              + ", expected "
              + MAJOR
              + "."
              + MINOR
              + " or later; upgrade it");
    }
    Reply health = get(cluster, "/_cluster/health", limit);
    int nodes = (int) Json.number(health.body(), "number_of_nodes");
    Map<String, String> plugins = new TreeMap<>();
    Reply listed = get(cluster, "/_cat/plugins?format=json&h=name,component,version", limit);
    if (listed.status() < 300 && listed.body() instanceof List<?> rows) {
      for (Object row : rows) {
        if (Json.text(row, "component").contains(KNN_PART)) {
          plugins.put(Json.text(row, "name"), Json.text(row, "version"));
        }
      }
      if (plugins.isEmpty()) {
        problems.add("the plug-in " + KNN + " is missing; install it on every node");
      }
    }
    return new ClusterReport(
        version,
        plugins,
        nodes,
        Json.text(health.body(), "status"),
        indexes(cluster, alias, limit),
        problems);
  }

  private static List<String> indexes(Cluster cluster, String alias, Duration limit) {
    String columns = "index,health,pri,rep,docs.count,store.size";
    Reply listed =
        get(cluster, "/_cat/indices/" + alias + "-*?format=json&s=index&h=" + columns, limit);
    var indexes = new ArrayList<String>();
    if (listed.status() < 300 && listed.body() instanceof List<?> rows) {
      for (Object row : rows) {
        indexes.add(
            String.format(
                "%s: %s, shards: %s, copies: %s, documents: %s, %s",
                Json.text(row, "index"),
                Json.text(row, "health"),
                Json.text(row, "pri"),
                Json.text(row, "rep"),
                Json.text(row, "docs.count"),
                Json.text(row, "store.size")));
      }
    }
    return indexes;
  }

  private static Reply get(Cluster cluster, String path, Duration limit) {
    return cluster.call(new Call("a look at the cluster", "GET", path, null, limit));
  }

  private static boolean isKnown(String version) {
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      return false;
    }
    int major = Integer.parseInt(parts.group(1));
    return major > MAJOR || (major == MAJOR && Integer.parseInt(parts.group(2)) >= MINOR);
  }

  void check() {
    if (!problems.isEmpty()) {
      throw new UncheckedIOException(new OpenSearchException(problems.get(0)));
    }
  }
}
