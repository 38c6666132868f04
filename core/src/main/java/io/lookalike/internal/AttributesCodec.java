package io.lookalike.internal;

import io.lookalike.catalog.Attributes;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as bytes, little-endian, the same bytes for equal attributes: their number (i32), and
 * in the order of their names for each the name, a letter for the type, and the value.
 *
 * <ul>
 *   <li>{@code t}: a text
 *   <li>{@code n}: a number (f64)
 *   <li>{@code w}: a whole number (i64) that f64 would change
 *   <li>{@code b}: a truth value, 0 or 1 (i8)
 *   <li>{@code i}: an instant, seconds since 1970 (i64) and nanoseconds (i32)
 *   <li>{@code s}: a set of texts, their number (i32), and these in order
 * </ul>
 *
 * <p>A name or a text is its length in bytes (i32) and UTF-8.
 */
public final class AttributesCodec {

  private AttributesCodec() {}

  /**
   * Encodes attributes.
   *
   * @param attributes any
   * @return their bytes
   */
  public static byte[] encode(Attributes attributes) {
    var out = new Output();
    Map<String, Object> values = attributes.asMap();
    out.integer(values.size());
    values.forEach(
        (name, value) -> {
          out.text(name);
          out.value(value);
        });
    return out.bytes.toByteArray();
  }

  /**
   * Decodes attributes of one product; who reads many takes a {@link Decoder}.
   *
   * @param in at what {@link #encode} made, and after it when this returns; its order is ignored
   * @return the attributes
   * @throws IllegalArgumentException if the bytes are not of that form
   */
  public static Attributes decode(ByteBuffer in) {
    return new Decoder(1).decode(in);
  }

  private static final class Output {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void value(Object value) {
      if (value instanceof String text) {
        bytes.write('t');
        text(text);
      } else if (value instanceof Double number) {
        bytes.write('n');
        whole(Double.doubleToRawLongBits(number));
      } else if (value instanceof Long whole) {
        bytes.write('w');
        whole(whole);
      } else if (value instanceof Boolean truth) {
        bytes.write('b');
        bytes.write(truth ? 1 : 0);
      } else if (value instanceof Instant instant) {
        bytes.write('i');
        whole(instant.getEpochSecond());
        integer(instant.getNano());
      } else if (value instanceof Set<?> members) {
        bytes.write('s');
        integer(members.size());
        new TreeSet<Object>(members).forEach(member -> text((String) member));
      } else {
        throw new AssertionError("an attribute of " + value.getClass());
      }
    }

    void text(String text) {
      byte[] encoded = Utf8.encode(text);
      integer(encoded.length);
      bytes.writeBytes(encoded);
    }

    void integer(int number) {
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        bytes.write(number >>> shift);
      }
    }

    void whole(long number) {
      integer((int) number);
      integer((int) (number >>> Integer.SIZE));
    }
  }

  /**
   * Decodes the attributes of many products. A text or number that comes again is in memory once,
   * as long as this remembers it. Safe for use by several threads, which at worst do not see what
   * another has just remembered.
   */
  public static final class Decoder {

    private static final int REMEMBERED = 1 << 12;

    /** What came last with a hash code that leads here. */
    private final @Nullable String[] texts;

    private final @Nullable Double[] numbers;

    /** A decoder that knows nothing yet. */
    public Decoder() {
      this(REMEMBERED);
    }

    private Decoder(int remembered) {
      texts = new @Nullable String[remembered];
      numbers = new @Nullable Double[remembered];
    }

    /**
     * Decodes attributes.
     *
     * @param in at what {@link #encode} made, and after it when this returns; its order is ignored
     * @return the attributes
     * @throws IllegalArgumentException if the bytes are not of that form
     */
    public Attributes decode(ByteBuffer in) {
      ByteBuffer ordered = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      try {
        var values = new TreeMap<String, Object>();
        for (int left = number(ordered); left > 0; left--) {
          values.put(text(ordered), value(ordered));
        }
        in.position(ordered.position());
        return Attributes.of(values);
      } catch (BufferUnderflowException | DateTimeException | ArithmeticException e) {
        throw new IllegalArgumentException("attributes end too early or hold no such instant", e);
      }
    }

    private Object value(ByteBuffer in) {
      byte type = in.get();
      return switch (type) {
        case 't' -> text(in);
        case 'n' -> real(in.getDouble());
        case 'w' -> in.getLong();
        case 'b' -> in.get() != 0;
        case 'i' -> Instant.ofEpochSecond(in.getLong(), in.getInt());
        case 's' -> {
          var members = new TreeSet<String>();
          for (int left = number(in); left > 0; left--) {
            members.add(text(in));
          }
          yield members;
        }
        default -> throw new IllegalArgumentException("an attribute of unknown type " + type);
      };
    }

    private Double real(double number) {
      long bits = Double.doubleToRawLongBits(number);
      int at = home(Long.hashCode(bits), numbers.length);
      Double known = numbers[at];
      if (known == null || Double.doubleToRawLongBits(known) != bits) {
        known = number;
        numbers[at] = known;
      }
      return known;
    }

    private String text(ByteBuffer in) {
      int length = number(in);
      if (length > in.remaining()) {
        throw new BufferUnderflowException();
      }
      int begin = in.position();
      int hash = 0;
      for (int i = 0; i < length; i++) {
        hash = 31 * hash + in.get(begin + i);
      }
      int at = home(hash, texts.length);
      String known = texts[at];
      if (known == null || !isAscii(known, in, length)) {
        known = Utf8.decode(in.slice(begin, length));
        texts[at] = known;
      }
      in.position(begin + length);
      return known;
    }

    private static int home(int hash, int length) {
      int mixed = hash * 0x9E3779B1;
      return (mixed ^ mixed >>> 15) & length - 1;
    }

    /** Whether the next bytes are a text whose characters have one byte each. */
    private static boolean isAscii(String text, ByteBuffer in, int length) {
      if (text.length() != length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (in.get(in.position() + i) != text.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** A number of things, at least 0. */
  private static int number(ByteBuffer in) {
    int number = in.getInt();
    if (number < 0) {
      throw new IllegalArgumentException("a number of " + number + ", expected 0 or more");
    }
    return number;
  }
}
