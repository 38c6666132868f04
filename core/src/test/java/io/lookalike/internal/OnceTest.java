package io.lookalike.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OnceTest {

  private static final class Plain {}

  @Test
  void whatIsSetOnceIsTaken() {
    assertThat(Once.once("k", null, 3)).isEqualTo(3);
  }

  @Test
  void bothValuesAreNamed() {
    assertThatThrownBy(() -> Once.once("k", 3, 4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("k was already set to 3, then came 4");
    assertThatThrownBy(() -> Once.once("age", Duration.ofDays(1), Duration.ofDays(2)))
        .hasMessage("age was already set to PT24H, then came PT48H");
    assertThatThrownBy(() -> Once.once("k", 3, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("k is null, expected a value");
  }

  @Test
  void whatHasNoTextIsNamedByItsClass() {
    String name = OnceTest.class.getName();
    assertThat(Once.shown(new Plain()))
        .isEqualTo("an object of io.lookalike.internal.OnceTest.Plain");
    Supplier<String> lambda = () -> "";
    assertThat(Once.shown(lambda)).isEqualTo("a lambda of " + name);
    assertThat(Once.shown(new Object() {})).isEqualTo("an anonymous class of " + name);
    assertThat(Once.shown(new int[0])).isEqualTo("an object of int[]");
    assertThat(Once.shown("j. smith@0ff")).isEqualTo("j. smith@0ff");
  }
}
