package io.lookalike.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AttributesCodecTest {

  private static final Attributes ALL =
      Attributes.none()
          .with("name", "d\u00e9j\u00e0 \uD83D\uDC57")
          .with("empty", "")
          .with("replaced", "\uFFFD")
          .with("price", 39.9)
          .with("gtin", 100000000000000001L)
          .with("least", Long.MIN_VALUE)
          .with("sale", true)
          .with("old", false)
          .with("launched", Instant.parse("2024-03-01T12:00:00.123456789Z"))
          .with("end", Instant.MAX)
          .with("tags", Set.of("b", "a"))
          .with("none", Set.of());

  @Test
  void givesBackWhatItWasGiven() {
    ByteBuffer bytes = ByteBuffer.allocate(10_000);
    bytes.put(AttributesCodec.encode(ALL)).put(AttributesCodec.encode(Attributes.none())).flip();
    assertThat(AttributesCodec.decode(bytes)).isEqualTo(ALL);
    assertThat(AttributesCodec.decode(bytes)).isEqualTo(Attributes.none());
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void whatComesAgainIsInMemoryOnce() {
    var decoder = new AttributesCodec.Decoder();
    Attributes brand = Attributes.none().with("brand", "b").with("price", 39.9);
    Attributes first = decoder.decode(ByteBuffer.wrap(AttributesCodec.encode(brand)));
    Attributes second = decoder.decode(ByteBuffer.wrap(AttributesCodec.encode(brand)));
    assertThat(first).isEqualTo(brand);
    assertThat(second.get("brand")).isSameAs(first.get("brand"));
    assertThat(second.get("price")).isSameAs(first.get("price"));
    Attributes other = Attributes.none().with("brand", "b2").with("price", -39.9);
    assertThat(decoder.decode(ByteBuffer.wrap(AttributesCodec.encode(other)))).isEqualTo(other);
  }

  @Test
  void equalAttributesHaveEqualBytes() {
    Attributes one = Attributes.none().with("t", new LinkedHashSet<>(List.of("a", "b", "c")));
    Attributes other = Attributes.none().with("t", new LinkedHashSet<>(List.of("c", "b", "a")));
    assertThat(AttributesCodec.encode(one)).isEqualTo(AttributesCodec.encode(other));
  }

  /** Whatever the bytes, it either reads them or says that they are wrong. */
  @Test
  void damageIsToldAndNothingElse() {
    byte[] whole = AttributesCodec.encode(ALL);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> AttributesCodec.decode(ByteBuffer.wrap(cut)))
          .as("%s bytes", length)
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (long seed = 0; seed < 5_000; seed++) {
      var random = new Random(seed);
      byte[] damaged = whole.clone();
      damaged[random.nextInt(whole.length)] = (byte) random.nextInt();
      try {
        AttributesCodec.decode(ByteBuffer.wrap(damaged));
      } catch (IllegalArgumentException e) {
        assertThat(e).as("seed %s", seed).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void tornTextIsRefused() {
    assertThatThrownBy(() -> Utf8.encode("a\uD83D"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"a<U+D83D>\" is no Unicode text and cannot be saved");
    assertThatThrownBy(() -> Utf8.decode(ByteBuffer.wrap(new byte[] {(byte) 0xFF})))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
