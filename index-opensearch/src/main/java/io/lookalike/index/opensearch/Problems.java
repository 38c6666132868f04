package io.lookalike.index.opensearch;

import io.lookalike.index.opensearch.Cluster.Call;
import io.lookalike.index.opensearch.Cluster.Reply;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a cluster's refusals mean, and what to do about them. */
final class Problems {

  /** Server messages can be as long as the request. */
  private static final int LONGEST = 300;

  private Problems() {}

  /** What an answer that was not wanted says. */
  static OpenSearchException of(Reply reply) {
    String what = reply.call().what();
    Object body = reply.body();
    return switch (reply.status()) {
      case 401 ->
          new OpenSearchException(
              "the cluster refused "
                  + what
                  + ": it does not know who asks (401); set credentials"
                  + " or apiKey, or check them");
      case 403 ->
          isReadOnly(body)
              ? readOnly(what)
              : new OpenSearchException(
                  "the cluster refused "
                      + what
                      + ": the user may not do this ("
                      + reason(reply)
                      + "); give it the rights that docs/scale.md lists");
      case 404 ->
          Json.text(body, "error", "type").equals("index_not_found_exception")
              ? gone(what, Json.text(body, "error", "index"))
              : plain(reply);
      case 413 ->
          new OpenSearchException(
              "the cluster refused "
                  + what
                  + ", as it is too large (413); raise its"
                  + " http.max_content_length, or that of a proxy before it");
      case 429 -> isReadOnly(body) ? readOnly(what) : plain(reply);
      default -> plain(reply);
    };
  }

  private static OpenSearchException plain(Reply reply) {
    return new OpenSearchException(
        "the cluster refused " + reply.call().what() + ": " + reason(reply));
  }

  static OpenSearchException gone(String what, String index) {
    return new OpenSearchException(
        "the cluster cannot do "
            + what
            + ": the index "
            + index
            + " is gone, so somebody has deleted it; build it again from the store");
  }

  static OpenSearchException readOnly(String what) {
    return new OpenSearchException(
        "the cluster refused "
            + what
            + ": the index is read-only, as a disk of a node is nearly full; free or add space,"
            + " and the cluster lifts this by itself");
  }

  static OpenSearchException refused(Cluster cluster, Call call, long millis) {
    return new OpenSearchException(
        String.format(
            Locale.ROOT,
            "%s was not tried: no node of %s has answered for a while; the next try is in %.1f"
                + " seconds",
            call.what(),
            cluster,
            millis / 1000.0),
        true);
  }

  static OpenSearchException unanswered(Cluster cluster, Call call, int attempts, String last) {
    return new OpenSearchException(
        String.format(
            Locale.ROOT,
            "%s was not answered within %.1f seconds, in %d attempts at %s; the last: %s",
            call.what(),
            call.limit().toMillis() / 1000.0,
            attempts,
            cluster,
            last),
        true);
  }

  static OpenSearchException untrusted(URI address, SSLException e) {
    var problem =
        new OpenSearchException(
            address
                + " cannot be trusted: "
                + e.getMessage()
                + "; give the certificate of who signed its own by trustStore, or use the name"
                + " that its certificate has");
    problem.initCause(e);
    return problem;
  }

  /** Whether an answer, or what it says of one document, tells of a disk that is nearly full. */
  static boolean isReadOnly(@Nullable Object body) {
    Object error = Json.at(body, "error") == null ? body : Json.at(body, "error");
    return Json.text(error, "type").equals("cluster_block_exception")
        && Json.text(error, "reason").contains("read-only");
  }

  /**
   * Whether a node has answered that has just been started: until it has joined the cluster, it
   * takes the others for so old that it refuses what it does not know of them, such as {@code
   * ef_search}.
   */
  static boolean isUnready(Object body) {
    Object error = Json.at(body, "error");
    return Json.text(error, "type").equals("parsing_exception")
        && Json.text(error, "reason").startsWith("[knn] unknown");
  }

  /** Status, kind and reason as the server has them, or those of the first part that failed. */
  static String reason(Reply reply) {
    String said = error(Json.at(reply.body(), "error"));
    for (String parts : List.of("responses", "docs")) {
      for (Object part : Json.list(reply.body(), parts)) {
        said = said.isEmpty() ? error(Json.at(part, "error")) : said;
      }
    }
    return reply.status() + (said.isEmpty() ? "" : ", " + said);
  }

  /** Kind and innermost reason of an error. */
  static String error(@Nullable Object error) {
    if (error instanceof String text) {
      return shortened(text);
    }
    Object inner = error;
    String type = Json.text(error, "type");
    String reason = Json.text(error, "reason");
    while (inner != null) {
      if (!Json.text(inner, "reason").isEmpty()) {
        type = Json.text(inner, "type");
        reason = Json.text(inner, "reason");
      }
      Object first = Json.list(inner, "failed_shards").stream().findFirst().orElse(null);
      inner =
          Json.at(inner, "caused_by") != null
              ? Json.at(inner, "caused_by")
              : Json.at(first, "reason");
    }
    return shortened(type.isEmpty() ? reason : type + ": " + reason);
  }

  private static String shortened(String text) {
    String line = text.strip().replaceAll("\\s*\\R\\s*", " ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
  }
}
