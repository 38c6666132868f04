package io.lookalike.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {

  private static final Attributes DRESS =
      Attributes.none()
          .with("category", "dress")
          .with("price", 39.9)
          .with("sale", true)
          .with("launched", Instant.parse("2024-03-01T00:00:00Z"))
          .with("code", "0215303")
          .with("dark colour", "navy")
          .with("sizes", Set.of("S", "M"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "category = dress",
        "category = 'dress' and price < 40",
        "CATEGORY = dress or category = dress",
        "price >= 39.9 and price <= 39.9",
        "not price > 39.9",
        "category != shoes",
        "category in (shoes, dress)",
        "category not in (shoes, \"hat\")",
        "sale = true",
        "sale != false",
        "launched >= 2024-03-01",
        "launched < 2024-03-01T00:00:01Z",
        "code = 0215303",
        "code < 03",
        "\"dark colour\" = navy",
        "sizes = M",
        "sizes in (L, S)",
        "not (sizes = XL or sizes = L)",
        "missing != x",
        "not missing > 3",
        "price > 10 and (category = hat or category = dress) and not sale = false",
        "price=39.9 and sale=true",
        "category\u00A0=\u3000dress",
      })
  void matchesTheDress(String text) {
    assertThat(Filter.parse(text).matches(DRESS)).as(text).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "category = Dress",
        "price < 39.9",
        "price = '39.9'",
        "category < 5",
        "missing = x",
        "missing < 3",
        "code = 215303",
        "sizes = XL",
        "launched > 2024-03-01",
        "sale = 'true'",
        "category = hat or price > 100 and sale = true",
      })
  void doesNotMatchTheDress(String text) {
    assertThat(Filter.parse(text).matches(DRESS)).as(text).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "category | 9 | found the end, expected one of = != < <= > >=",
        "category = | 11 | found the end, expected a value",
        "= dress | 1 | found \"=\", expected an attribute's name",
        "price < 40 category = dress | 12 | found \"category\", expected \"and\", \"or\" or the end",
        "(price < 40 | 12 | found the end, expected \")\"",
        "name = 'abc | 8 | the quote that opens here is never closed",
        "category in dress | 13 | found \"dress\", expected \"(\"",
        "category in () | 14 | found \")\", expected a value",
        "category not dress | 14 | found \"dress\", expected \"in\"",
        "launched > 2024-13-01 | 12 | \"2024-13-01\" is no date",
        "sale < true | 8 | true and false have no order",
        "price ! 4 | 7 | found \"!\"",
        "category = dress\u200B | 12 | \"dress<U+200B>\" holds what cannot be seen",
        "price < 1e999 | 9 | the number 1e999 is too large",
      })
  void pointsAtTheColumn(String text, int column, String problem) {
    var e = catchThrowableOfType(FilterSyntaxException.class, () -> Filter.parse(text));
    assertThat(e).as(text).isNotNull();
    assertThat(e.column()).as(text).isEqualTo(column);
    assertThat(e).hasMessageContaining(Ids.shown(text)).hasMessageContaining(problem);
  }

  @Test
  void refusesNestingThatWouldExhaustTheStack() {
    String deep = "(".repeat(100_000) + "a = b" + ")".repeat(100_000);
    assertThatThrownBy(() -> Filter.parse(deep))
        .isInstanceOf(FilterSyntaxException.class)
        .hasMessageContaining("nested more than 200 deep");
  }

  @Test
  void namesAValueThatHasNoMeaning() {
    assertThatThrownBy(() -> Filter.equal("a", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a text, a finite number, a truth value or an instant");
    assertThatThrownBy(() -> Filter.equal("a", Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> Filter.lessThan("a", true)).hasMessageContaining("two numbers");
    assertThatThrownBy(() -> new Filter.Range("a", null, true, null, true))
        .hasMessageContaining("at least one bound");
    assertThatThrownBy(() -> new Filter.Range("a", 1, true, "z", true))
        .hasMessageContaining("from 1 to \"z\"");
  }

  @Test
  void numbersCompareAsNumbers() {
    Attributes zero = Attributes.none().with("n", -0.0);
    assertThat(Filter.equal("n", 0).matches(zero)).isTrue();
    assertThat(Filter.in("n", 0L, 7).matches(zero)).isTrue();
    assertThat(Filter.in("n", 7, 0, 7).matches(zero)).as("values may repeat").isTrue();
    assertThat(Filter.atLeast("n", 0f).matches(zero)).isTrue();
    assertThat(Filter.equal("n", 16_777_217).matches(Attributes.none().with("n", 16_777_217)))
        .isTrue();
  }

  /** Random filters: the text form means what the structure means, and logic's laws hold. */
  @Test
  void textAndStructureAgree() {
    for (long seed = 0; seed < 2000; seed++) {
      var random = new Random(seed);
      var described = RandomFilter.of(random, 3);
      Filter parsed = Filter.parse(described.text());
      for (int i = 0; i < 20; i++) {
        Attributes product = randomAttributes(random);
        Supplier<String> context = () -> described.text() + " on " + product;
        boolean expected = described.filter().matches(product);
        assertThat(parsed.matches(product)).as("seed %s: %s", seed, context).isEqualTo(expected);
        assertThat(Filter.not(parsed).matches(product))
            .as("seed %s: not %s", seed, context)
            .isEqualTo(!expected);
        assertThat(Filter.and(parsed, Filter.ALL).matches(product)).isEqualTo(expected);
        assertThat(Filter.or(parsed, Filter.or()).matches(product)).isEqualTo(expected);
      }
    }
  }

  static Attributes randomAttributes(Random random) {
    Attributes attributes = Attributes.none();
    if (random.nextInt(4) > 0) {
      attributes = attributes.with("colour", word(random));
    }
    if (random.nextInt(4) > 0) {
      attributes = attributes.with("price", random.nextInt(5));
    }
    if (random.nextInt(4) > 0) {
      attributes = attributes.with("sale", random.nextBoolean());
    }
    if (random.nextInt(4) > 0) {
      attributes = attributes.with("tags", Set.of(word(random), word(random) + "!"));
    }
    return attributes;
  }

  private static String word(Random random) {
    return List.of("red", "dark blue", "o'live", "and", "1").get(random.nextInt(5));
  }

  private record RandomFilter(Filter filter, String text) {

    static RandomFilter of(Random random, int depth) {
      return switch (random.nextInt(depth == 0 ? 4 : 7)) {
        case 0 -> {
          String attribute = random.nextBoolean() ? "colour" : "tags";
          String value = word(random);
          yield new RandomFilter(
              Filter.equal(attribute, value), attribute + " = " + quoted(random, value));
        }
        case 1 -> {
          int bound = random.nextInt(5);
          yield switch (random.nextInt(4)) {
            case 0 -> new RandomFilter(Filter.lessThan("price", bound), "price < " + bound);
            case 1 -> new RandomFilter(Filter.atMost("price", bound), "price<=" + bound + ".0");
            case 2 -> new RandomFilter(Filter.greaterThan("price", bound), "price > " + bound);
            default -> new RandomFilter(Filter.atLeast("price", bound), "price >= " + bound);
          };
        }
        case 2 -> {
          boolean value = random.nextBoolean();
          yield new RandomFilter(Filter.equal("sale", value), "sale = " + value);
        }
        case 3 -> {
          String a = word(random);
          String b = word(random);
          yield new RandomFilter(
              new Filter.In("colour", Set.of(a, b + "?")),
              "colour in (" + quoted(random, a) + ", " + quoted(random, b + "?") + ")");
        }
        case 4 -> {
          RandomFilter inner = of(random, depth - 1);
          yield new RandomFilter(Filter.not(inner.filter), "NOT (" + inner.text + ")");
        }
        case 5 -> joined(random, depth, " and ", parts -> new Filter.And(parts));
        default -> joined(random, depth, " OR ", parts -> new Filter.Or(parts));
      };
    }

    private static RandomFilter joined(
        Random random,
        int depth,
        String word,
        java.util.function.Function<List<Filter>, Filter> join) {
      var filters = new ArrayList<Filter>();
      var texts = new ArrayList<String>();
      for (int n = 2 + random.nextInt(2); n > 0; n--) {
        RandomFilter part = of(random, depth - 1);
        filters.add(part.filter);
        texts.add("(" + part.text + ")");
      }
      return new RandomFilter(join.apply(filters), String.join(word, texts));
    }

    private static String quoted(Random random, String value) {
      String quote = random.nextBoolean() ? "\"" : "'";
      return quote + value.replace(quote, quote + quote) + quote;
    }
  }

  @Test
  void keywordsInTurkishLocaleAreStillKeywords() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(Filter.parse("category IN (dress)").matches(DRESS)).isTrue();
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void itsTextReadsBack() {
    for (String text :
        List.of(
            "category = \"dress\"",
            "price < 40",
            "price >= 10.5 and price <= 40",
            "sale = true",
            "launched > 2024-03-01T00:00:00Z",
            "colour in (\"dark blue\", \"red\")",
            "not (\"odd name\" = \"a \"\"quote\"\"\")",
            "price < 40 and (sale = true or colour = \"red\")")) {
      assertThat(FilterPrinter.of(Filter.parse(text))).isEqualTo(text);
    }
    assertThat(Filter.equal("not", 1)).hasToString("\"not\" = 1");
    assertThat(Filter.parse("\"not\" = 1")).isEqualTo(Filter.equal("not", 1));
    assertThat(Filter.ALL).hasToString("everything");
    assertThat(Filter.or()).hasToString("nothing");
  }

  @Test
  void aCollectionOfValuesIsAsGoodAsAList() {
    Filter expected = Filter.in("category", "hat", "dress");
    assertThat(Filter.in("category", List.of("dress", "hat", "dress"))).isEqualTo(expected);
    assertThat(Filter.in("category", Set.of("dress", "hat"))).isEqualTo(expected);
    assertThat(Filter.in("category", new String[] {"dress", "hat"})).isEqualTo(expected);
    assertThat(expected.matches(DRESS)).isTrue();
    assertThat(Filter.in("category", List.of()).matches(DRESS)).isFalse();
  }

  @Test
  @SuppressWarnings({"NullAway", "DataFlowIssue"}) // callers without a null checker
  void whatIsNullIsNamed() {
    assertThatThrownBy(() -> Filter.equal(null, 1)).hasMessage("attribute");
    assertThatThrownBy(() -> Filter.equal("a", null)).hasMessageContaining("value is null");
    assertThatThrownBy(() -> Filter.in("a", 1, null)).hasMessageContaining("value is null");
    assertThatThrownBy(() -> Filter.in("a", (Object[]) null)).hasMessage("values");
    assertThatThrownBy(() -> Filter.in("a", (List<?>) null)).hasMessage("values");
    assertThatThrownBy(() -> new Filter.In("a", null)).hasMessage("values");
    assertThatThrownBy(() -> Filter.and((Filter[]) null)).hasMessage("filters");
    assertThatThrownBy(() -> Filter.and(Filter.ALL, null)).hasMessageContaining("filters");
    assertThatThrownBy(() -> Filter.or(Filter.ALL, null)).hasMessageContaining("filters");
    assertThatThrownBy(() -> new Filter.Or(null)).hasMessage("filters");
    assertThatThrownBy(() -> Filter.not(null)).hasMessage("filter");
    assertThatThrownBy(() -> Filter.parse(null)).hasMessage("text");
    assertThatThrownBy(() -> Filter.parseJson(null)).hasMessage("json");
    assertThatThrownBy(() -> Filter.toJson(null)).hasMessage("filter");
    for (Filter filter :
        List.of(Filter.ALL, Filter.or(), Filter.equal("a", 1), Filter.in("a", 1))) {
      assertThatThrownBy(() -> filter.matches(null)).hasMessage("attributes");
    }
  }

  @Test
  void tornTextIsRefused() {
    for (String torn : List.of("\uD83D", "a\uDE00")) {
      assertThatThrownBy(() -> Filter.equal("a", torn))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("half of a surrogate pair");
      assertThatThrownBy(() -> Filter.in(torn, 1)).hasMessageContaining("half of a surrogate");
      assertThatThrownBy(() -> Filter.atLeast("a", torn)).hasMessageContaining("half of a");
      assertThatThrownBy(() -> Filter.parse("a = \"" + torn + "\""))
          .isInstanceOf(FilterSyntaxException.class)
          .hasMessageContaining("half of a surrogate pair");
      assertThatThrownBy(() -> Filter.parseJson("{\"equal\": {\"a\": \"" + torn + "\"}}"))
          .isInstanceOf(FilterSyntaxException.class)
          .hasMessageContaining("half of a surrogate pair");
    }
  }
}
