package io.lookalike.index.opensearch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Queries match in the cluster what filters match here. */
class TermsTest {

  private static final List<String> NAMES = List.of("a", "b", "a:b", "n", "price", "日本", "a.b c");

  private static final List<Object> VALUES =
      List.of(
          "",
          "a",
          "b",
          "A",
          "ab",
          "a\uD7FF",
          "a\uD83D\uDE00",
          "a\uE000",
          "a\uFFFF",
          "\0",
          "1",
          "b1",
          0.0,
          1.0,
          -1.0,
          0.5,
          -0.5,
          1e300,
          -1e300,
          Double.MIN_VALUE,
          9007199254740992.0,
          9007199254740993L,
          9007199254740995L,
          -9007199254740993L,
          Long.MAX_VALUE,
          Long.MAX_VALUE - 1,
          Long.MIN_VALUE,
          0x1p63,
          -0x1p63,
          true,
          false,
          Instant.EPOCH,
          Instant.parse("1969-12-31T23:59:59.999999999Z"),
          Instant.MAX,
          Instant.MIN,
          Instant.parse("2024-03-01T00:00:00Z"),
          "x".repeat(2000),
          "x".repeat(2000) + "y",
          "\uD83D\uDE00".repeat(600));

  @Test
  void queriesMatchWhatFiltersMatch() {
    for (long seed = 1; seed <= 20_000; seed++) {
      var random = new Random(seed);
      Attributes attributes = attributes(random);
      Filter filter = filter(random, 3);
      assertThat(matches(Terms.query(filter), Terms.of(attributes)))
          .as("seed %d: %s on %s", seed, filter, attributes)
          .isEqualTo(filter.matches(attributes));
    }
  }

  @Test
  void termsFitIntoTheServersLimit() {
    String text = "\uFFFF".repeat(40_000);
    assertThat(Terms.of(Attributes.none().with(text, text)).get(0).getBytes(UTF_8))
        .hasSizeLessThan(32_000);
  }

  private static <T> T some(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  private static Attributes attributes(Random random) {
    Attributes attributes = Attributes.none();
    for (int i = random.nextInt(4); i > 0; i--) {
      Object value =
          random.nextInt(5) == 0 ? Set.of("a", "ab", "x".repeat(2000)) : some(VALUES, random);
      var all = new java.util.HashMap<>(attributes.asMap());
      all.put(some(NAMES, random), value);
      attributes = Attributes.of(all);
    }
    return attributes;
  }

  private static Filter filter(Random random, int depth) {
    String name = some(NAMES, random);
    switch (random.nextInt(depth == 0 ? 3 : 6)) {
      case 0:
        return Filter.equal(name, some(VALUES, random));
      case 1:
        return Filter.in(name, some(VALUES, random), some(VALUES, random));
      case 2:
        Object from = some(VALUES, random);
        Object to = random.nextInt(3) == 0 ? null : some(VALUES, random);
        try {
          return new Filter.Range(
              name,
              random.nextInt(3) == 0 && to != null ? null : from,
              random.nextBoolean(),
              to,
              random.nextBoolean());
        } catch (IllegalArgumentException e) { // of two types, or without an order
          return Filter.or();
        }
      case 3:
        return Filter.and(filter(random, depth - 1), filter(random, depth - 1));
      case 4:
        return Filter.or(filter(random, depth - 1), filter(random, depth - 1));
      default:
        return Filter.not(filter(random, depth - 1));
    }
  }

  /** As the server does, whose terms are ordered by their bytes. */
  private static boolean matches(Map<String, Object> query, List<String> terms) {
    String kind = query.keySet().iterator().next();
    Object inner = Json.at(query, kind);
    return switch (kind) {
      case "match_all" -> true;
      case "match_none" -> false;
      case "term" -> terms.contains(Json.text(inner, Terms.FIELD));
      case "terms" ->
          Json.list(inner, Terms.FIELD).stream().anyMatch(term -> terms.contains((String) term));
      case "range" ->
          terms.stream().anyMatch(term -> contains(Json.object(inner, Terms.FIELD), term));
      default -> {
        Map<String, Object> bool = Json.object(query, "bool");
        yield Json.list(bool, "filter").stream().allMatch(q -> matches(Json.object(q), terms))
            && (!bool.containsKey("should")
                || Json.list(bool, "should").stream().anyMatch(q -> matches(Json.object(q), terms)))
            && Json.list(bool, "must_not").stream().noneMatch(q -> matches(Json.object(q), terms));
      }
    };
  }

  private static boolean contains(Map<String, Object> bounds, String term) {
    boolean in = true;
    for (Map.Entry<String, Object> bound : bounds.entrySet()) {
      int order =
          Arrays.compareUnsigned(term.getBytes(UTF_8), ((String) bound.getValue()).getBytes(UTF_8));
      in &=
          switch (bound.getKey()) {
            case "gte" -> order >= 0;
            case "gt" -> order > 0;
            case "lte" -> order <= 0;
            default -> order < 0;
          };
    }
    return in;
  }
}
