package io.lookalike.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
