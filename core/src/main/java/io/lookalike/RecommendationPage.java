package io.lookalike;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What to show, as {@link Recommender#recommend} answers. Immutable.
 *
 * @param recommendations the products in the order in which to show them, without repetition
 * @param intraListSimilarity the mean cosine similarity of each two of them: the lower, the more
 *     diverse; nothing unless {@link Diversity} was asked for and there are two
 */
public record RecommendationPage(
    List<Recommendation> recommendations, OptionalDouble intraListSimilarity) {

  /** The page that shows nothing. */
  static final RecommendationPage EMPTY = new RecommendationPage(List.of(), OptionalDouble.empty());

  /** Copies the list. */
  public RecommendationPage {
    Objects.requireNonNull(recommendations, "recommendations");
    recommendations.forEach(r -> Objects.requireNonNull(r, "a recommendation of the page"));
    recommendations = List.copyOf(recommendations);
    Objects.requireNonNull(intraListSimilarity, "intraListSimilarity");
  }

  @JsonCreator
  private static RecommendationPage ofJson(
      @JsonProperty("recommendations") List<Recommendation> recommendations,
      @JsonProperty("intraListSimilarity") @Nullable Double intraListSimilarity) {
    return new RecommendationPage(recommendations, OptionalJson.read(intraListSimilarity));
  }

  @JsonValue
  private Map<String, @Nullable Object> toJson() {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("recommendations", recommendations);
    json.put("intraListSimilarity", OptionalJson.written(intraListSimilarity));
    return json;
  }

  /**
   * The ids of the products to show.
   *
   * @return a new list in the page's order
   */
  public List<String> ids() {
    return recommendations.stream().map(Recommendation::id).toList();
  }
}
