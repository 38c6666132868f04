package io.lookalike;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lookalike.Pipeline.Run;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Stream;
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
    /** It has not the same value as what was consulted, where the shop or the request says so. */
    GUARD,
    /** The policy about variants leaves it out, of the search or of the ranking. */
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
   * @param sales pieces sold so far, up to the day of the {@linkplain PopularityReranker#at
   *     reranker's clock}
   * @param boughtTogether how often it was bought together with what was consulted; 0 also where
   *     the order does not go by that
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
      int boughtTogether,
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
        @JsonProperty("boughtTogether") int boughtTogether,
        @JsonProperty("popularity") @Nullable Double popularity,
        @JsonProperty("score") @Nullable Double score,
        @JsonProperty("rank") int rank,
        @JsonProperty("verdict") Verdict verdict) {
      return new Step(
          id,
          similarity,
          visualRank,
          sales,
          boughtTogether,
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
      json.put("boughtTogether", boughtTogether);
      json.put("popularity", OptionalJson.written(popularity));
      json.put("score", OptionalJson.written(score));
      json.put("rank", rank);
      json.put("verdict", verdict);
      return json;
    }
  }

  private final Run run;
  private final PurchaseLog purchases;
  private final Outside outside;
  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, Double> scores = new HashMap<>();
  private final Map<String, Step> byId = new HashMap<>();
  private final List<Step> candidates;

  /** Tells of products that were no candidates, by the catalogue as it is when it is asked. */
  interface Outside {
    Verdict verdict(String productId);

    List<Float> photos(String productId);
  }

  /**
   * Explains a run.
   *
   * @param passedOver what was not even sought, as the order would have dropped it, and is as near
   *     as the candidates; closest first
   */
  Explanation(Run run, PurchaseLog purchases, List<Candidate> passedOver, Outside outside) {
    this.run = run;
    this.purchases = purchases;
    this.outside = outside;
    run.ranked()
        .forEach(
            r -> {
              ranks.put(r.id(), ranks.size() + 1);
              scores.put(r.id(), r.score());
            });
    this.candidates = steps(passedOver);
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
    return step == null ? outside.verdict(productId) : step.verdict();
  }

  /**
   * How near each photo of a product is to what was consulted, by the catalogue as it is when this
   * is called.
   *
   * @param productId a product, in the catalogue or not
   * @return the cosine similarities, from -1 to 1, in the order in which the photos were added; one
   *     alone where the shop takes {@linkplain PhotoPolicy#MEAN their mean}; none where nothing is
   *     known of its looks, or the network has changed since
   */
  public List<Float> photos(String productId) {
    return outside.photos(Objects.requireNonNull(productId, "productId"));
  }

  private List<Step> steps(List<Candidate> passedOver) {
    List<Candidate> nearest =
        Stream.concat(
                run.round().candidates().stream(),
                passedOver.stream().filter(c -> !run.round().byId().containsKey(c.product().id())))
            .sorted(Candidate.CLOSEST_FIRST)
            .toList();
    OptionalDouble[] popularities = popularities(nearest);
    var steps = new ArrayList<Step>();
    for (int i = 0; i < popularities.length; i++) {
      Candidate candidate = nearest.get(i);
      String id = candidate.product().id();
      Double score = scores.get(id);
      int rank = ranks.getOrDefault(id, 0);
      steps.add(
          new Step(
              id,
              candidate.similarity(),
              i + 1,
              run.sales(candidate),
              candidate.boughtTogether(),
              popularities[i],
              score == null ? OptionalDouble.empty() : OptionalDouble.of(score),
              rank,
              verdict(candidate, rank)));
    }
    return List.copyOf(steps);
  }

  private OptionalDouble[] popularities(List<Candidate> nearest) {
    var values = new OptionalDouble[nearest.size()];
    double[] known =
        run.request().settings().reranker() instanceof PopularityReranker reranker
            ? reranker.popularities(nearest, purchases)
            : null;
    for (int i = 0; i < values.length; i++) {
      values[i] = known == null ? OptionalDouble.empty() : OptionalDouble.of(known[i]);
    }
    return values;
  }

  private static String together(Candidate candidate) {
    return candidate.strengthTogether() == 0
        ? ""
        : ", bought together " + candidate.boughtTogether() + " times with what was consulted";
  }

  /** What the first stage that left a candidate out says of it. */
  private Verdict verdict(Candidate candidate, int rank) {
    String id = candidate.product().id();
    if (!run.round().byId().containsKey(id)) {
      return run.whyPassedOver(candidate);
    }
    int place = run.page().ids().indexOf(id) + 1;
    if (place > 0) {
      String first =
          run.request().pinned().stream()
              .filter(p -> p.product().id().equals(id))
              .map(p -> ", " + p.why())
              .findFirst()
              .orElse("");
      String photo =
          candidate.photo() > 1 ? ", its photo " + candidate.photo() + " is the nearest" : "";
      return new Verdict(
          Stage.SHOWN, "place " + place + " of the page" + first + photo + together(candidate));
    }
    for (Run.Step step : run.steps()) {
      if (step.left().stream().noneMatch(r -> r.id().equals(id))) {
        return step.stage().why(candidate, rank, step.left(), run.round());
      }
    }
    throw new IllegalStateException("no stage left out " + id);
  }
}
