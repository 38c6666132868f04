package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.index.Neighbor;
import io.lookalike.testkit.NaiveIndex;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an application answers with goes through its Jackson, 2 or 3, as it comes, and back. */
class JacksonTest {

  interface Json {
    String write(Object value) throws Exception;

    <T> T read(String json, Class<T> type) throws Exception;
  }

  private static Json jackson2(com.fasterxml.jackson.databind.ObjectMapper mapper) {
    return new Json() {
      @Override
      public String write(Object value) throws Exception {
        return mapper.writeValueAsString(value);
      }

      @Override
      public <T> T read(String json, Class<T> type) throws Exception {
        return mapper.readValue(json, type);
      }
    };
  }

  static Stream<Named<Json>> mappers() {
    var jackson3 = new tools.jackson.databind.ObjectMapper();
    return Stream.of(
        Named.of("Jackson 2", jackson2(new com.fasterxml.jackson.databind.ObjectMapper())),
        Named.of(
            "Jackson 2 as Spring Boot 3.5 sets it up",
            jackson2(
                new com.fasterxml.jackson.databind.ObjectMapper()
                    .registerModules(
                        new Jdk8Module(), new JavaTimeModule(), new ParameterNamesModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES))),
        Named.of(
            "Jackson 3",
            new Json() {
              @Override
              public String write(Object value) {
                return jackson3.writeValueAsString(value);
              }

              @Override
              public <T> T read(String json, Class<T> type) {
                return jackson3.readValue(json, type);
              }
            }));
  }

  private static final Product DRESS =
      Product.of("0215303002")
          .with("brand", "b1")
          .with("gtin", 100000000000000001L)
          .with("launched", Instant.parse("2024-03-01T00:00:00Z"))
          .with("price", 39.9)
          .with("sale", true)
          .with("sizes", Set.of("S", "M"))
          .with("stock", 5);

  private static final String DRESS_JSON =
      "{\"id\":\"0215303002\",\"attributes\":{\"brand\":\"b1\",\"gtin\":100000000000000001,"
          + "\"launched\":{\"instant\":\"2024-03-01T00:00:00Z\"},\"price\":39.9,\"sale\":true,"
          + "\"sizes\":[\"M\",\"S\"],\"stock\":5}}";

  private static final Recommendation SHOWN = new Recommendation(DRESS, 0.5, 0.25f, 7, 2);

  private static final String SHOWN_JSON =
      "{\"product\":"
          + DRESS_JSON
          + ",\"score\":0.5,\"similarity\":0.25,\"sales\":7,\"variants\":2,\"photo\":1}";

  @ParameterizedTest
  @MethodSource("mappers")
  void whatIsWrittenIsReadBack(Json json) throws Exception {
    for (Object value :
        List.of(
            DRESS,
            Product.of("a"),
            Product.of("a").with("huge", 1e300).with("near", 1L << 53).with("minus", -0.5),
            DRESS.attributes(),
            SHOWN,
            new RecommendationPage(List.of(SHOWN), OptionalDouble.of(0.125)),
            new RecommendationPage(List.of(), OptionalDouble.empty()),
            new Explanation.Verdict(Explanation.Stage.SHOWN, "place 1"),
            step(OptionalDouble.of(0.5)),
            step(OptionalDouble.empty()),
            new AddReport(3, List.of(new AddReport.Rejected("b", "b.jpg: empty, 0 bytes"))),
            new AuditReport(
                3,
                2,
                List.of(new AuditReport.Count("products", 3, 4)),
                3,
                new AuditReport.Findings(
                    1, 0, List.of(new AuditReport.Finding(null, "the row is damaged", false))),
                new AuditReport.Findings(0, 0, List.of()),
                2,
                new AuditReport.Findings(
                    1, 1, List.of(new AuditReport.Finding("a", "it was not found", true))),
                2,
                1,
                1,
                .95,
                .5,
                12),
            new Neighbor("a", 0.5f))) {
      String text = json.write(value);
      assertThat((Object) json.read(text, value.getClass())).as(text).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @MethodSource("mappers")
  void itReadsAsAPersonWouldWriteIt(Json json) throws Exception {
    assertThat(json.write(DRESS)).isEqualTo(DRESS_JSON);
    assertThat(json.write(SHOWN)).isEqualTo(SHOWN_JSON);
    assertThat(json.write(new RecommendationPage(List.of(SHOWN), OptionalDouble.empty())))
        .isEqualTo("{\"recommendations\":[" + SHOWN_JSON + "],\"intraListSimilarity\":null}");
    assertThat(json.write(step(OptionalDouble.empty())))
        .isEqualTo(
            "{\"id\":\"a\",\"similarity\":0.5,\"visualRank\":1,\"sales\":3,\"boughtTogether\":2,\"popularity\":null,"
                + "\"score\":null,\"rank\":0,"
                + "\"verdict\":{\"stage\":\"RANKING\",\"reason\":\"the order leaves it out\"}}");
    assertThat(json.read("{\"a\":null,\"b\":[\"x\",\"x\"],\"c\":1}", Attributes.class))
        .isEqualTo(Attributes.none().with("b", Set.of("x")).with("c", 1));
  }

  @ParameterizedTest
  @MethodSource("mappers")
  void whatIsWrongIsTold(Json json) {
    assertThatThrownBy(() -> json.read("{\"id\":\" \",\"attributes\":{}}", Product.class))
        .hasMessageContaining("a product's id is blank");
    assertThatThrownBy(() -> json.read("{\"day\":{\"instant\":\"yesterday\"}}", Attributes.class))
        .hasMessageContaining("attribute \"day\" is \"yesterday\", expected an instant");
    assertThatThrownBy(() -> json.read("{\"a\":[1]}", Attributes.class))
        .hasMessageContaining("attribute \"a\" is [1]");
    assertThatThrownBy(() -> json.read("{\"a\":18446744073709551617}", Attributes.class))
        .hasMessageContaining("has more digits");
  }

  @ParameterizedTest
  @MethodSource("mappers")
  void anExplanationIsItsPageAndItsCandidates(Json json) throws Exception {
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .reranker(PopularityReranker.balanced())
            .build()) {
      shop.add(DRESS, new float[] {1, 0});
      shop.add(Product.of("b"), new float[] {1, 1});
      Explanation explanation = shop.explain(RecommendationRequest.like("b").k(2));
      assertThat(json.write(explanation))
          .contains("\"page\":" + json.write(explanation.page()))
          .contains("\"candidates\":" + json.write(explanation.candidates()));
      assertThat(explanation.page().recommendations().get(0).product()).isEqualTo(DRESS);
    }
  }

  private static Explanation.Step step(OptionalDouble score) {
    return new Explanation.Step(
        "a",
        0.5f,
        1,
        3,
        2,
        OptionalDouble.empty(),
        score,
        0,
        new Explanation.Verdict(Explanation.Stage.RANKING, "the order leaves it out"));
  }
}
