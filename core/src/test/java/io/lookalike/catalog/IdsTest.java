package io.lookalike.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.Example;
import io.lookalike.Purchase;
import io.lookalike.PurchaseLog;
import io.lookalike.index.IndexItem;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IdsTest {

  private static final Instant NOON = Instant.parse("2024-03-01T12:00:00Z");

  static Stream<Arguments> everyDoor() {
    Customer customer = Customer.of("c");
    return Stream.of(
        door("a product's id", Product::of),
        door("a purchase's product id", id -> Purchase.of(id, NOON)),
        door(
            "a purchase's product id",
            id -> new PurchaseLog().record(id, Map.of(LocalDate.EPOCH, 1L))),
        door("an event's product id", id -> new Event(customer, Event.Kind.VIEWED, id, NOON)),
        door("an example's product id", Example::product),
        door("an item's id", id -> IndexItem.of(id, new float[] {1})),
        door("a customer's id", Customer::of));
  }

  private static Arguments door(String what, Consumer<String> door) {
    return Arguments.of(what, door);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyDoor")
  void everyDoorAsksForTheSame(String what, Consumer<String> door) {
    assertThatThrownBy(() -> door.accept(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage(what + " is null, expected a text");
    for (String blank : new String[] {"", " ", "\t\n", "\u00A0", "\u200B\uFEFF", "\u3164"}) {
      assertThatThrownBy(() -> door.accept(blank))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(what + " is blank, expected a text");
    }
    for (String invisible :
        new String[] {
          " ",
          "\t",
          "\r",
          "\0",
          "\u007F",
          "\u0085",
          "\u00A0",
          "\u00AD",
          "\u1680",
          "\u2003",
          "\u200B",
          "\u200D",
          "\u2028",
          "\u202E",
          "\u202F",
          "\u2060",
          "\u2065",
          "\u180B",
          "\u180F",
          "\uFE0F",
          "\uDB40\uDD00",
          "\u2800",
          "\u3000",
          "\uFEFF",
          "\uD834\uDD73"
        }) {
      String shown = invisible.equals(" ") ? " " : "<U+%04X>".formatted(invisible.codePointAt(0));
      assertThatThrownBy(() -> door.accept(invisible + "a"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(what + " is \"" + shown + "a\", expected no white space");
      assertThatThrownBy(() -> door.accept("a" + invisible))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(what + " is \"a" + shown + "\", expected no white space");
    }
    for (String torn : new String[] {"\uD83D", "a\uD83D", "\uDE00b", "a\uD83Db", "\uDE00\uD83D"}) {
      assertThatThrownBy(() -> door.accept(torn))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(what + " is ")
          .hasMessageContaining("half of a surrogate pair");
    }
    for (String good :
        new String[] {
          "0215303002", "a b", "a\u00A0b", "a\nb", "\uD83D\uDE00", "\u2764\uFE0F", "\u203C\uFE0F"
        }) {
      door.accept(good);
    }
  }

  @Test
  void aTenantIsATextThatAFileCanHold() {
    assertThatThrownBy(() -> new Customer("\uD83D", "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a customer's tenant is \"<U+D83D>\", expected Unicode text");
    assertThat(new Customer("\uD83D\uDE00", "x").tenant()).isEqualTo("\uD83D\uDE00");
  }

  @Test
  void idsAreComparedAsTheyAre() {
    assertThat(Product.of("caf\u00E9")).isNotEqualTo(Product.of("cafe\u0301"));
    assertThat(Product.of("A")).isNotEqualTo(Product.of("a"));
  }

  @Test
  void messagesShowWhatCannotBeSeen() {
    assertThat(Ids.shown("a b\u00A0c\uD83D\u200B")).isEqualTo("a b<U+00A0>c<U+D83D><U+200B>");
    assertThat(Ids.shown("\uD83D\uDE00")).isEqualTo("\uD83D\uDE00");
  }
}
