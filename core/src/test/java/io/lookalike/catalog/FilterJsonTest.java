package io.lookalike.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterJsonTest {

  private static String text(Random random) {
    String[] all = {"a", "dark blue", "\"", "\\", "{", "é", "\uD83D\uDC57", "\n", "1", "true"};
    return all[random.nextInt(all.length)] + random.nextInt(9);
  }

  private static Object value(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextBoolean();
      case 1 -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
      case 2 -> random.nextInt(100);
      case 3 -> {
        double any = Double.longBitsToDouble(random.nextLong());
        yield Double.isFinite(any) ? any : Double.MIN_VALUE;
      }
      default -> text(random);
    };
  }

  private static Object ordered(Random random, int kind) {
    return switch (kind) {
      case 0 -> random.nextGaussian() * 1e6;
      case 1 -> Instant.ofEpochSecond(random.nextInt());
      default -> text(random);
    };
  }

  private static Filter filter(Random random, int depth) {
    int kind = random.nextInt(depth == 0 ? 3 : 6);
    List<Filter> parts = new ArrayList<>();
    for (int i = kind > 3 ? random.nextInt(4) : 0; i > 0; i--) {
      parts.add(filter(random, depth - 1));
    }
    return switch (kind) {
      case 0 -> Filter.equal(text(random), value(random));
      case 1 -> {
        var values = new HashSet<Object>();
        IntStream.range(0, random.nextInt(4)).forEach(i -> values.add(value(random)));
        yield new Filter.In(text(random), values);
      }
      case 2 -> {
        int type = random.nextInt(3);
        boolean lower = random.nextBoolean();
        Object from = lower ? ordered(random, type) : null;
        Object to = !lower || random.nextBoolean() ? ordered(random, type) : null;
        yield new Filter.Range(
            text(random),
            from,
            from != null && random.nextBoolean(),
            to,
            to != null && random.nextBoolean());
      }
      case 3 -> Filter.not(filter(random, depth - 1));
      case 4 -> new Filter.And(parts);
      default -> new Filter.Or(parts);
    };
  }

  @Test
  void whatIsWrittenIsReadBack() {
    for (long seed = 0; seed < 2000; seed++) {
      var random = new Random(seed);
      Filter filter = filter(random, 4);
      String json = Filter.toJson(filter);
      assertThat(Filter.parseJson(json)).as("seed %s: %s", seed, json).isEqualTo(filter);
      assertThat(Filter.toJson(Filter.parseJson(json))).as("seed %s", seed).isEqualTo(json);
    }
  }

  @Test
  void isWrittenAsThePageSays() {
    Filter filter =
        Filter.and(
            Filter.equal("category", "dress"),
            Filter.in("brand", "b", "a"),
            Filter.lessThan("price", 40),
            Filter.not(Filter.greaterThan("launched", Instant.parse("2024-03-01T00:00:00Z"))));
    String json =
        "{'and':[{'equal':{'category':'dress'}},{'in':{'brand':['a','b']}},"
            + "{'range':{'price':{'lessThan':40}}},"
            + "{'not':{'range':{'launched':{'greaterThan':{'instant':'2024-03-01T00:00:00Z'}}}}}]}";
    assertThat(Filter.toJson(filter)).isEqualTo(json.replace('\'', '"'));
    assertThat(Filter.parseJson(" " + json.replace('\'', '"') + "\n")).isEqualTo(filter);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {                                          | 2  | this is no JSON
          {"equal": {"a": 1}} x                      | 21 | this is no JSON
          {"equal": {"a": 1}} {}                     | 21 | more after the filter's end
          []                                         | 1  | found [, expected a filter such as
          {"equals": {"a": 1}}                       | 2  | found equals, expected equal, in, range
          {"equal": {"a": null}}                     | 17 | expected a text, a number
          {"equal": {"a": 1e999}}                    | 17 | which is too large
          {"equal": {}}                              | 12 | expected an attribute's name
          {"equal": {"a": 1, "b": 2}}                | 20 | expected } after one attribute
          {"not": {"a": 1}, "or": []}                | 10 | found a, expected equal
          {"in": {"a": 1}}                           | 14 | expected a list of values
          {"range": {"a": {"below": 1}}}             | 18 | found below, expected atLeast
          {"range": {"a": {"atLeast": 1, "greaterThan": 2}}} | 32 | a second lower bound
          {"range": {"a": {}}}                       | 18 | needs at least one bound
          {"range": {"a": {"atLeast": 1, "atMost": "x"}}} | 45 | needs two numbers
          {"equal": {"a": {"instant": "today"}}}     | 29 | expected an instant such as
          {"equal": {"a": {"day": "today"}}}         | 18 | expected a value, or {"instant"
          """)
  void errorsPointAtTheColumn(String json, int column, String problem) {
    FilterSyntaxException e =
        catchThrowableOfType(FilterSyntaxException.class, () -> Filter.parseJson(json));
    assertThat(e).hasMessageContaining(problem);
    assertThat(e.column()).as(e.getMessage()).isEqualTo(column);
  }
}
