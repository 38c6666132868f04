package io.lookalike.index.opensearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.lookalike.math.UnitVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, texts, numbers, truth values, and vectors on the way out. */
final class Json {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private Json() {}

  static byte[] bytes(Object value) {
    var out = new ByteArrayOutputStream();
    append(out, value);
    return out.toByteArray();
  }

  /** Values in lines, as the bulk interfaces take them. */
  static byte[] lines(List<Map<String, Object>> values) {
    var out = new ByteArrayOutputStream();
    for (Object value : values) {
      append(out, value);
      out.write('\n');
    }
    return out.toByteArray();
  }

  private static void append(ByteArrayOutputStream out, Object value) {
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory can be written
    }
  }

  private static void write(JsonGenerator out, @Nullable Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      out.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.writeFieldName((String) entry.getKey());
        write(out, entry.getValue());
      }
      out.writeEndObject();
    } else if (value instanceof Iterable<?> members) {
      out.writeStartArray();
      for (Object member : members) {
        write(out, member);
      }
      out.writeEndArray();
    } else if (value instanceof UnitVector vector) {
      out.writeStartArray();
      for (float number : vector.toArray()) {
        out.writeNumber(number);
      }
      out.writeEndArray();
    } else if (value instanceof String text) {
      out.writeString(text);
    } else if (value instanceof Boolean truth) {
      out.writeBoolean(truth);
    } else if (value instanceof Integer || value instanceof Long) {
      out.writeNumber(((Number) value).longValue());
    } else if (value instanceof Number number) {
      out.writeNumber(number.doubleValue());
    } else {
      out.writeNull();
    }
  }

  /**
   * Reads JSON.
   *
   * @throws IOException if it is none
   */
  static Object read(byte[] json) throws IOException {
    try (JsonParser in = FACTORY.createParser(json)) {
      Object value = in.nextToken() == null ? null : value(in);
      return value == null ? Map.of() : value;
    }
  }

  private static @Nullable Object value(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
          in.nextToken();
          map.put(name, value(in));
        }
        yield map;
      }
      case START_ARRAY -> {
        var list = new ArrayList<@Nullable Object>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(in));
        }
        yield list;
      }
      case VALUE_STRING -> in.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> in.getNumberValue();
      default -> null;
    };
  }

  /** What lies at the end of a path of names; null if there is nothing. */
  static @Nullable Object at(@Nullable Object json, String... path) {
    Object now = json;
    for (String name : path) {
      now = now instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return now;
  }

  /** The object at the end of a path; an empty one if there is none. */
  @SuppressWarnings("unchecked") // names are texts in JSON
  static Map<String, Object> object(@Nullable Object json, String... path) {
    return at(json, path) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  /** The list at the end of a path; an empty one if there is none. */
  @SuppressWarnings("unchecked") // what else is in it is told when it is used
  static List<Object> list(@Nullable Object json, String... path) {
    return at(json, path) instanceof List<?> list ? (List<Object>) list : List.of();
  }

  /** The text at the end of a path; an empty one if there is none. */
  static String text(@Nullable Object json, String... path) {
    return at(json, path) instanceof String text ? text : "";
  }

  /** The whole number at the end of a path; 0 if there is none. */
  static long number(@Nullable Object json, String... path) {
    return at(json, path) instanceof Number number ? number.longValue() : 0;
  }
}
