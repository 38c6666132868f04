package io.lookalike.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AttributesTest {

  @Test
  void allAtOnceIsOneAfterTheOther() {
    Instant noon = Instant.parse("2024-03-01T12:00:00Z");
    Attributes one =
        Attributes.none()
            .with("name", "Dress")
            .with("price", 40)
            .with("zero", -0.0)
            .with("sale", true)
            .with("launched", noon)
            .with("tags", Set.of("a", "b"));
    Attributes all =
        Attributes.of(
            Map.of(
                "name",
                "Dress",
                "price",
                40,
                "zero",
                -0.0f,
                "sale",
                true,
                "launched",
                noon,
                "tags",
                Set.of("b", "a")));
    assertThat(all).isEqualTo(one).hasSameHashCodeAs(one).hasToString(one.toString());
    assertThat(all.asMap().keySet())
        .containsExactly("launched", "name", "price", "sale", "tags", "zero");
    assertThat(all.get("price")).isEqualTo(40.0);
    assertThat(all.get("zero")).isEqualTo(0.0);
    assertThat(Attributes.of(Map.of())).isEqualTo(Attributes.none());
    for (long seed = 0; seed < 200; seed++) {
      Attributes random = FilterTest.randomAttributes(new Random(seed));
      assertThat(Attributes.of(random.asMap())).as("seed %s", seed).isEqualTo(random);
    }
  }

  @Test
  void whatIsHandedInIsCopied() {
    var tags = new HashSet<>(Set.of("a"));
    var values = new HashMap<String, Object>(Map.of("tags", tags));
    Attributes attributes = Attributes.of(values);
    tags.add("b");
    values.put("price", 1);
    assertThat(attributes.asMap()).isEqualTo(Map.of("tags", Set.of("a")));
    assertThatThrownBy(() -> attributes.asMap().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void namesWhatItCannotHold() {
    assertThatThrownBy(() -> Attributes.of(Map.of("tags", List.of("a"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "attribute \"tags\" is [a], java.util.ImmutableCollections$List12, expected a text, a"
                + " number, a truth value, an instant or a set of texts");
    assertThatThrownBy(() -> Attributes.of(Map.of("tags", Set.of(1))))
        .hasMessageContaining("attribute \"tags\" is [1]");
    assertThatThrownBy(() -> Attributes.of(Map.of("price", Double.NaN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attribute \"price\" is NaN, expected a finite number");
    assertThatThrownBy(() -> Attributes.none().with("price", Double.POSITIVE_INFINITY))
        .hasMessage("attribute \"price\" is Infinity, expected a finite number");
    assertThatThrownBy(() -> Attributes.of(Map.of(" ", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("name is blank");
  }

  @Test
  void readsByType() {
    Instant noon = Instant.parse("2024-03-01T12:00:00Z");
    Attributes a =
        Attributes.none()
            .with("brand", "b1")
            .with("price", 39.9)
            .with("stock", 5)
            .with("gtin", 100000000000000001L)
            .with("huge", 1e300)
            .with("sale", true)
            .with("launched", noon)
            .with("tags", Set.of("x", "y"));
    assertThat(a.text("brand")).contains("b1");
    assertThat(a.number("price")).hasValue(39.9);
    assertThat(a.number("stock")).hasValue(5);
    assertThat(a.wholeNumber("stock")).hasValue(5);
    assertThat(a.wholeNumber("gtin")).hasValue(100000000000000001L);
    assertThat(a.flag("sale")).contains(true);
    assertThat(a.time("launched")).contains(noon);
    assertThat(a.texts("tags")).containsExactlyInAnyOrder("x", "y");

    assertThat(a.text("x")).isEmpty();
    assertThat(a.number("x")).isEmpty();
    assertThat(a.wholeNumber("x")).isEmpty();
    assertThat(a.flag("x")).isEmpty();
    assertThat(a.time("x")).isEmpty();
    assertThat(a.texts("x")).isEmpty();

    assertThatThrownBy(() -> a.number("brand"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attribute \"brand\" is the text \"b1\", expected a number");
    assertThatThrownBy(() -> a.text("stock"))
        .hasMessage("attribute \"stock\" is the number 5, expected a text");
    assertThatThrownBy(() -> a.wholeNumber("price"))
        .hasMessage(
            "attribute \"price\" is the number 39.9, expected a whole number that fits a long");
    assertThatThrownBy(() -> a.wholeNumber("huge")).hasMessageContaining("1.0E300");
    assertThatThrownBy(() -> a.flag("launched"))
        .hasMessage(
            "attribute \"launched\" is the instant 2024-03-01T12:00:00Z, expected a truth value");
    assertThatThrownBy(() -> a.time("sale"))
        .hasMessage("attribute \"sale\" is the truth value true, expected an instant");
    assertThatThrownBy(() -> a.texts("brand")).hasMessageContaining("expected a set of texts");
    assertThatThrownBy(() -> a.text("tags"))
        .hasMessage("attribute \"tags\" is the set of texts [x, y], expected a text");
  }

  /** Each of these has to find its overload, in Kotlin too, where 5 is never a double. */
  @Test
  void everyKindOfNumberFindsItsOverload() {
    int stock = 5;
    Integer boxed = 5;
    Attributes five = Attributes.none().with("n", 5);
    for (Attributes same :
        List.of(
            Attributes.none().with("n", stock),
            Attributes.none().with("n", boxed),
            Attributes.none().with("n", 5L),
            Attributes.none().with("n", 5.0),
            Attributes.none().with("n", 5f),
            Attributes.none().with("n", new BigDecimal("5.00")),
            Product.of("p").with("n", stock).attributes(),
            Product.of("p").with("n", boxed).attributes(),
            Product.of("p").with("n", 5.0).attributes())) {
      assertThat(same).isEqualTo(five);
    }
    assertThat(five.with("n", "text").with("n", true).with("n", Set.of()).with("n", 5))
        .isEqualTo(five);
  }

  @Test
  void valuesAreShownAsPeopleReadThem() {
    Attributes attributes =
        Attributes.none()
            .with("code", 10_000_000_001L)
            .with("most", 1L << 53)
            .with("beyond", (1L << 53) + 1)
            .with("price", 39.9)
            .with("tags", Set.of("new", "b"));
    assertThat(attributes.asMap().values())
        .extracting(Attributes::shown)
        .containsExactly("9007199254740993", "10000000001", "9007199254740992", "39.9", "[b, new]");
  }

  @Test
  void tornTextIsRefused() {
    String torn = "a\uD83D";
    assertThatThrownBy(() -> Attributes.none().with(torn, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("an attribute's name is \"a<U+D83D>\", expected Unicode text");
    assertThatThrownBy(() -> Attributes.none().with("n", torn))
        .hasMessageStartingWith("attribute \"n\" is \"a<U+D83D>\", expected Unicode text");
    assertThatThrownBy(() -> Attributes.none().with("n", Set.of("b", torn)))
        .hasMessageStartingWith("attribute \"n\" is \"a<U+D83D>\", expected Unicode text");
    assertThatThrownBy(() -> Attributes.of(Map.of("n", torn)))
        .hasMessageContaining("half of a surrogate pair");
  }

  @Test
  @SuppressWarnings({"NullAway", "DataFlowIssue"}) // callers without a null checker
  void whatIsNullIsNamed() {
    Attributes a = Attributes.none();
    var nothing = new HashMap<String, Object>();
    nothing.put("n", null);
    assertThatThrownBy(() -> Attributes.of(null)).hasMessage("values");
    assertThatThrownBy(() -> Attributes.of(nothing)).hasMessage("value of attribute \"n\"");
    assertThatThrownBy(() -> a.with(null, 1)).hasMessageContaining("name is null");
    assertThatThrownBy(() -> a.with("n", (String) null)).hasMessage("value of attribute \"n\"");
    assertThatThrownBy(() -> a.with("n", (Number) null)).hasMessage("value of attribute \"n\"");
    assertThatThrownBy(() -> a.get(null)).hasMessage("name");
    assertThatThrownBy(() -> a.number(null)).hasMessage("name");
    assertThatThrownBy(() -> new Product("p", null)).hasMessage("attributes");
    assertThatThrownBy(() -> Product.of("p").with(null, 1)).hasMessageContaining("name is null");
  }
}
