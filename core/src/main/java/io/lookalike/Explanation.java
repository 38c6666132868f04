package io.lookalike;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Why a page shows what it shows, as {@link Recommender#explain} tells. Immutable, but for {@link
 * #whyNot} about a product that was no candidate, which looks at the catalogue as it is by then.
 */
public final class Explanation {

  /** Where a product was decided about, in the order of the stages. */
  public enum Stage {
    /** It is not in the catalogue. */
    CATALOGUE,
    /** It is what was consulted. */
    QUERY,
    /** The request excludes its id. */
    EXCLUSION,
    /** It does not match the request's filter. */
    FILTER,
    /** The policy about variants leaves it out. */
    VARIANTS,
    /** It is farther away than all that were looked at. */
    CANDIDATES,
    /** The reranker dropped it. */
    RANKING,
    /** It exceeds a limit, or others differ more from what is shown. */
    DIVERSITY,
    /** It ranks behind the last one shown. */
    PAGE,
    /** It is shown. */
    SHOWN
  }

  /**
   * What became of a product.
   *
   * @param stage where that was decided
   * @param reason the rule, in words
   */
  public record Verdict(Stage stage, String reason) {

    /** Checks that both are there. */
    public Verdict {
      Objects.requireNonNull(stage, "stage");
      Objects.requireNonNull(reason, "reason");
    }
  }

  /**
   * A candidate's way.
   *
   * @param id the product's id
   * @param similarity the cosine similarity to what was consulted, from -1 to 1
   * @param visualRank its rank by similarity, from 1
   * @param sales pieces sold so far
   * @param popularity as the reranker took it; nothing if that is no {@link PopularityReranker}
   * @param score as the reranker gave it; nothing if it dropped the candidate
   * @param rank in the reranker's order, with pins, boosts and buries, from 1; 0 if it dropped the
   *     candidate
   * @param verdict what became of it
   */
  public record Step(
      String id,
      float similarity,
      int visualRank,
      long sales,
      OptionalDouble popularity,
      OptionalDouble score,
      int rank,
      Verdict verdict) {

    /** Checks that all parts are there. */
    public Step {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(popularity, "popularity");
      Objects.requireNonNull(score, "score");
      Objects.requireNonNull(verdict, "verdict");
    }

    @JsonCreator
    private static Step ofJson(
        @JsonProperty("id") String id,
        @JsonProperty("similarity") float similarity,
        @JsonProperty("visualRank") int visualRank,
        @JsonProperty("sales") long sales,
        @JsonProperty("popularity") @Nullable Double popularity,
        @JsonProperty("score") @Nullable Double score,
        @JsonProperty("rank") int rank,
        @JsonProperty("verdict") Verdict verdict) {
      return new Step(
          id,
          similarity,
          visualRank,
          sales,
          OptionalJson.read(popularity),
          OptionalJson.read(score),
          rank,
          verdict);
    }

    @JsonValue
    private Map<String, @Nullable Object> toJson() {
      var json = new LinkedHashMap<String, @Nullable Object>();
      json.put("id", id);
      json.put("similarity", similarity);
      json.put("visualRank", visualRank);
      json.put("sales", sales);
      json.put("popularity", OptionalJson.written(popularity));
      json.put("score", OptionalJson.written(score));
      json.put("rank", rank);
      json.put("verdict", verdict);
      return json;
    }
  }

  private final Pipeline pipeline;
  private final Pipeline.Run run;
  private final RecommendationRequest request;
  private final ResolvedRequest asked;
  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, Step> byId = new HashMap<>();
  private final List<Step> candidates;

  Explanation(
      Pipeline pipeline, Pipeline.Run run, RecommendationRequest request, ResolvedRequest asked) {
    this.pipeline = pipeline;
    this.run = run;
    this.request = request;
    this.asked = asked;
    run.ranked().forEach(r -> ranks.put(r.id(), ranks.size() + 1));
    this.candidates = steps();
    candidates.forEach(step -> byId.put(step.id(), step));
  }

  /**
   * What is explained.
   *
   * @return the page that {@link Recommender#recommend} gives to the same request
   */
  @JsonProperty
  public RecommendationPage page() {
    return run.page();
  }

  /**
   * All candidates, shown or not.
   *
   * @return the nearest first
   */
  @JsonProperty
  public List<Step> candidates() {
    return candidates;
  }

  /**
   * Tells what became of any product: at which stage it was left out and by which rule, or that it
   * is shown.
   *
   * @param productId a product, in the catalogue or not
   * @return the verdict
   */
  public Verdict whyNot(String productId) {
    Objects.requireNonNull(productId, "productId");
    Step step = byId.get(productId);
    return step == null ? outside(productId) : step.verdict();
  }

  private List<Step> steps() {
    OptionalDouble[] popularities = popularities();
    var steps = new ArrayList<Step>();
    for (int i = 0; i < popularities.length; i++) {
      Candidate candidate = run.candidates().get(i);
      String id = candidate.product().id();
      int rank = ranks.getOrDefault(id, 0);
      steps.add(
          new Step(
              id,
              candidate.similarity(),
              i + 1,
              candidate.sales(),
              popularities[i],
              rank == 0
                  ? OptionalDouble.empty()
                  : OptionalDouble.of(run.ranked().get(rank - 1).score()),
              rank,
              verdict(candidate, rank)));
    }
    return List.copyOf(steps);
  }

  private OptionalDouble[] popularities() {
    var values = new OptionalDouble[run.candidates().size()];
    double[] known =
        pipeline.reranker() instanceof PopularityReranker reranker
            ? reranker.popularities(run.candidates(), pipeline.purchases())
            : null;
    for (int i = 0; i < values.length; i++) {
      values[i] = known == null ? OptionalDouble.empty() : OptionalDouble.of(known[i]);
    }
    return values;
  }

  private Verdict verdict(Candidate candidate, int rank) {
    String id = candidate.product().id();
    int place = run.page().ids().indexOf(id) + 1;
    if (place > 0) {
      String pinned = pipeline.merchandising().pins().contains(id) ? ", pinned" : "";
      return new Verdict(Stage.SHOWN, "place " + place + " of the page" + pinned);
    }
    if (rank == 0) {
      return new Verdict(
          Stage.RANKING,
          candidate.sales() == 0 && pipeline.reranker() instanceof PopularityReranker
              ? "it has never sold, and the order leaves such products out"
              : "the order leaves it out");
    }
    for (Recommendation design : run.designs()) {
      if (design.id().equals(id)) {
        return unplaced(candidate, rank);
      }
    }
    return new Verdict(
        Stage.VARIANTS,
        "it is a variant of "
            + pipeline.variants().representative(candidate.product(), run.designs())
            + ", which ranks higher");
  }

  /** A candidate that might have been shown, had the page been longer. */
  private Verdict unplaced(Candidate candidate, int rank) {
    for (Map.Entry<String, Integer> limit : pipeline.diversity().limits().entrySet()) {
      Object value = candidate.product().attributes().get(limit.getKey());
      for (Object one : DiversityStage.values(candidate, limit.getKey())) {
        long shown =
            run.page().ids().stream()
                .map(pipeline.catalogue())
                .filter(p -> p != null && has(p, limit.getKey(), one))
                .count();
        if (shown >= limit.getValue()) {
          return new Verdict(
              Stage.DIVERSITY,
              "its " + limit.getKey() + " is " + value + ", of which " + shown + " are shown");
        }
      }
    }
    if (pipeline.diversity().relevance() < 1) {
      return new Verdict(
          Stage.DIVERSITY, "it ranks " + rank + ", and others differ more from what is shown");
    }
    return new Verdict(
        Stage.PAGE, "it ranks " + rank + ", and the page holds " + run.page().ids().size());
  }

  private static boolean has(Product product, String attribute, Object value) {
    return Filter.equal(attribute, value).matches(product.attributes());
  }

  private Verdict outside(String id) {
    @Nullable Product product = pipeline.catalogue().apply(id);
    if (product == null) {
      return new Verdict(Stage.CATALOGUE, "it is not in the catalogue");
    }
    if (asked.consulted().contains(id)) {
      return new Verdict(
          Stage.QUERY,
          request.liked().isEmpty()
              ? "it is one of the products that the session is about"
              : "it is the product that was consulted");
    }
    if (asked.hidden().contains(id)) {
      return new Verdict(Stage.EXCLUSION, "the customer has dismissed or bought it");
    }
    if (request.excluded().contains(id)) {
      return new Verdict(Stage.EXCLUSION, "the request excludes it");
    }
    if (!request.filter().matches(product.attributes())) {
      Filter failing = failing(request.filter(), product.attributes());
      return new Verdict(
          Stage.FILTER, failing + " does not hold: its attributes are " + product.attributes());
    }
    if (!run.query().filter().matches(product.attributes())) {
      return new Verdict(Stage.VARIANTS, pipeline.variants().whyRestricted());
    }
    var vector = pipeline.index().vector(id);
    if (vector != null && !pipeline.variants().mayBeShown(vector)) {
      return new Verdict(Stage.VARIANTS, pipeline.variants().whyRestricted());
    }
    return new Verdict(Stage.CANDIDATES, tooFar(id));
  }

  /** The part of a conjunction that a product fails; the filter must not match. */
  private static Filter failing(Filter filter, Attributes attributes) {
    if (filter instanceof Filter.And and) {
      for (Filter part : and.filters()) {
        if (!part.matches(attributes)) {
          return failing(part, attributes);
        }
      }
    }
    return filter;
  }

  private String tooFar(String id) {
    if (run.candidates().isEmpty()) {
      return "nothing was looked at";
    }
    int n = run.candidates().size();
    String last =
        String.format(
            Locale.ROOT,
            "the last of the %d candidates has %.3f",
            n,
            run.candidates().get(n - 1).similarity());
    var vector = pipeline.index().vector(id);
    return vector == null
        ? last
        : String.format(
            Locale.ROOT,
            "its similarity is %.3f, and %s",
            run.query().target().similarity(vector),
            last);
  }
}
