package io.lookalike.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.Recommendation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code similar} finds, for programs. */
final class SimilarJson {

  private SimilarJson() {}

  /**
   * What was found, as JSON.
   *
   * @param rank what scores are
   * @param collapsed whether of each design one is shown
   */
  static String of(List<Recommendation> page, Rank rank, boolean collapsed) throws IOException {
    var objects = new ArrayList<Map<String, Object>>();
    for (Recommendation r : page) {
      var object = new LinkedHashMap<String, Object>();
      object.put("id", r.id());
      object.put("score", rank == Rank.SIMILARITY ? cosine(r.score()) : r.score());
      object.put("similarity", (float) cosine(r.similarity()));
      object.put("sales", r.sales());
      object.put("photo", r.photo());
      if (collapsed) {
        object.put("variants", r.variants());
      }
      objects.add(object);
    }
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(objects);
  }

  /** Rounding may take a cosine past 1, which readers of the figure need not know. */
  private static double cosine(double similarity) {
    return Math.max(-1, Math.min(1, similarity));
  }
}
