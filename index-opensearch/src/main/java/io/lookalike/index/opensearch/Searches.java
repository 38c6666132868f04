package io.lookalike.index.opensearch;

import io.lookalike.catalog.Filter;
import io.lookalike.index.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Queries in the server's words. */
final class Searches {

  /** By id, so that pages follow one another. */
  static final List<Map<String, Object>> BY_ID = List.of(Map.of(Documents.ID, "asc"));

  /** Closest first, and then by id. */
  static final List<Map<String, Object>> BY_SCORE =
      List.of(Map.of("_score", "desc"), Map.of(Documents.ID, "asc"));

  /** How many times as many candidates graphs of bytes bring, to be compared by numbers. */
  private static final int OVERSAMPLING = 3;

  private Searches() {}

  /** What a search brings of each document besides its id and score. */
  enum Source {
    NOTHING(10_000),
    ATTRIBUTES(2_000),
    VECTORS_ALONE(500),
    ALL(500);

    /** How many documents one answer may hold. */
    final int page;

    Source(int page) {
      this.page = page;
    }

    List<String> fields() {
      return switch (this) {
        case NOTHING -> List.of();
        case ATTRIBUTES -> List.of(Documents.ATTRIBUTES);
        case VECTORS_ALONE -> List.of(Documents.PACKED);
        case ALL -> List.of(Documents.ATTRIBUTES, Documents.PACKED);
      };
    }

    Object wanted() {
      return this == NOTHING ? (Object) false : fields();
    }
  }

  /**
   * The nearest that the graphs of the shards come upon.
   *
   * @param efSearch how many each keeps track of
   * @param quantized whether they compare bytes; what they bring is then compared by numbers
   */
  static Map<String, Object> near(Query query, int efSearch, boolean quantized, Source source) {
    int candidates = quantized ? OVERSAMPLING * query.k() : query.k();
    Map<String, Object> knn = new LinkedHashMap<>();
    knn.put("vector", query.vector());
    knn.put("k", candidates);
    knn.put("method_parameters", Map.of("ef_search", Math.max(efSearch, candidates)));
    Map<String, Object> matching = matching(query);
    if (matching != null) {
      knn.put("filter", matching);
    }
    Map<String, Object> body = body(query.k(), source);
    body.put("query", Map.of("knn", Map.of(Documents.VECTOR, knn)));
    if (quantized) {
      Map<String, Object> rescore = new LinkedHashMap<>();
      rescore.put("rescore_query", compared(Map.of("match_all", Map.of()), query));
      rescore.put("query_weight", 0);
      rescore.put("rescore_query_weight", 1);
      body.put("rescore", Map.of("window_size", candidates, "query", rescore));
    }
    return body;
  }

  /** The nearest of all that match, by comparing each. */
  static Map<String, Object> exact(Query query, int size, Source source) {
    Map<String, Object> matching = matching(query);
    Map<String, Object> body = body(size, source);
    body.put("query", compared(matching == null ? Map.of("match_all", Map.of()) : matching, query));
    body.put("sort", BY_SCORE);
    body.put("track_scores", true);
    return body;
  }

  /** What some documents are compared with a query's vector by, number by number. */
  private static Map<String, Object> compared(Map<String, Object> documents, Query query) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("field", Documents.VECTOR);
    params.put("query_value", query.vector());
    params.put("space_type", "cosinesimil");
    Map<String, Object> score = new LinkedHashMap<>();
    score.put("query", documents);
    score.put("script", Map.of("lang", "knn", "source", "knn_score", "params", params));
    return Map.of("script_score", score);
  }

  /** All documents, by id. */
  static Map<String, Object> all(Source source) {
    Map<String, Object> body = body(source.page, source);
    body.put("query", Map.of("match_all", Map.of()));
    body.put("sort", BY_ID);
    return body;
  }

  /** Some documents' ids, always the same while nothing is written. */
  static Map<String, Object> some(int size) {
    Map<String, Object> body = body(size, Source.NOTHING);
    Map<String, Object> random = Map.of("seed", 1, "field", "_seq_no");
    Map<String, Object> drawn = new LinkedHashMap<>();
    drawn.put("query", Map.of("match_all", Map.of()));
    drawn.put("random_score", random);
    body.put("query", Map.of("function_score", drawn));
    return body;
  }

  private static Map<String, Object> body(int size, Source source) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("size", size);
    body.put("track_total_hits", false);
    body.put("_source", source.wanted());
    if (source == Source.NOTHING) { // not even its id from where the source is, which takes longest
      body.put("stored_fields", "_none_");
      body.put("docvalue_fields", List.of(Documents.ID));
    }
    return body;
  }

  /** The id of a document that was found. */
  static String id(Object hit) {
    List<Object> id = Json.list(hit, "fields", Documents.ID);
    return id.isEmpty() ? Json.text(hit, "_id") : String.valueOf(id.get(0));
  }

  /** Which documents may be returned; null for all. */
  private static @Nullable Map<String, Object> matching(Query query) {
    var must = new ArrayList<Map<String, Object>>();
    if (!query.filter().equals(Filter.ALL)) {
      must.add(Terms.query(query.filter()));
    }
    if (query.among() != null) {
      must.add(ids(List.copyOf(query.among())));
    }
    if (!query.excluded().isEmpty()) {
      must.add(Terms.bool("must_not", List.of(ids(List.copyOf(query.excluded())))));
    }
    return must.isEmpty() ? null : Terms.bool("filter", must);
  }

  private static Map<String, Object> ids(List<String> ids) {
    return Map.of("ids", Map.of("values", ids));
  }

  /** The cosine similarity that the engine's score (1 + cosine) / 2 stands for. */
  static float similarity(Object hit) {
    Object score = Json.at(hit, "_score");
    return score instanceof Number number ? (float) (2 * number.doubleValue() - 1) : Float.NaN;
  }

  /** Whether an answer to one search lacks what a shard should have told, but may tell later. */
  static boolean isIncomplete(Object answer) {
    Object error = Json.at(answer, "error");
    if (error != null) {
      long status = Json.number(answer, "status");
      return status == 429 || status >= 500 || Problems.isUnready(answer);
    }
    return Boolean.TRUE.equals(Json.at(answer, "timed_out"))
        || Json.number(answer, "_shards", "failed") > 0;
  }
}
