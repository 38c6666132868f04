package io.lookalike.internal;

import io.lookalike.catalog.Attributes;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

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
   * Decodes attributes.
   *
   * @param in at what {@link #encode} made, and after it when this returns; its order is ignored
   * @return the attributes
   * @throws IllegalArgumentException if the bytes are not of that form
   */
  public static Attributes decode(ByteBuffer in) {
    ByteBuffer ordered = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      var values = new HashMap<String, Object>();
      for (int left = number(ordered); left > 0; left--) {
        values.put(text(ordered), value(ordered));
      }
      in.position(ordered.position());
      return Attributes.of(values);
    } catch (BufferUnderflowException | DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException("attributes end too early or hold no such instant", e);
    }
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

  private static Object value(ByteBuffer in) {
    byte type = in.get();
    return switch (type) {
      case 't' -> text(in);
      case 'n' -> in.getDouble();
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

  private static String text(ByteBuffer in) {
    int length = number(in);
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer bytes = in.slice(in.position(), length);
    in.position(in.position() + length);
    return Utf8.decode(bytes);
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
