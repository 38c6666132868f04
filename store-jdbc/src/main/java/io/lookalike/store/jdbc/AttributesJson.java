package io.lookalike.store.jdbc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.lookalike.catalog.Attributes;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Attributes as JSON that a person reads, exactly: texts (see {@link Texts}, as PostgreSQL's
 * operators refuse a document with character 0), numbers and truth values as they are, a set as a
 * list in order, an instant as {@code {"instant": "2024-03-01T00:00:00Z"}}, as {@link Attributes}
 * themselves are written as JSON.
 */
final class AttributesJson {

  private static final String INSTANT = "instant";

  /** Up to here a double holds every whole number. */
  private static final double EXACT = 0x1p53;

  /** What we wrote ourselves may be as long as it is. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private AttributesJson() {}

  static String write(Attributes attributes) {
    var text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      for (Map.Entry<String, Object> entry : attributes.asMap().entrySet()) {
        out.writeFieldName(Texts.plain(entry.getKey()));
        write(out, entry.getValue());
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory can be written
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, Object value) throws IOException {
    if (value instanceof String text) {
      out.writeString(Texts.plain(text));
    } else if (value instanceof Boolean flag) {
      out.writeBoolean(flag);
    } else if (value instanceof Long whole) {
      out.writeNumber(whole);
    } else if (value instanceof Double real) {
      if (real == Math.rint(real) && Math.abs(real) <= EXACT) {
        out.writeNumber(real.longValue());
      } else {
        out.writeNumber(real);
      }
    } else if (value instanceof Instant instant) {
      out.writeStartObject();
      out.writeStringField(INSTANT, instant.toString());
      out.writeEndObject();
    } else {
      out.writeStartArray();
      for (Object member : new TreeSet<Object>((Set<?>) value)) {
        out.writeString(Texts.plain(member.toString()));
      }
      out.writeEndArray();
    }
  }

  /**
   * Reads what {@link #write} wrote, or what a person has put in its place.
   *
   * @throws IllegalArgumentException if it is no such JSON; the message says what was found
   */
  static Attributes read(String json) {
    try (JsonParser in = JSON.createParser(json)) {
      var values = new HashMap<String, Object>();
      expect(in, in.nextToken(), JsonToken.START_OBJECT);
      for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
        values.put(Texts.read(name), value(in));
      }
      return Attributes.of(values);
    } catch (IOException | DateTimeParseException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Object value(JsonParser in) throws IOException {
    JsonToken token = in.nextToken();
    return switch (token == null ? JsonToken.NOT_AVAILABLE : token) {
      case VALUE_STRING -> Texts.read(in.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> in.getNumberValue();
      case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
      case START_ARRAY -> texts(in);
      case START_OBJECT -> instant(in);
      default -> throw new IllegalArgumentException("found " + token + ", expected a value");
    };
  }

  private static Set<String> texts(JsonParser in) throws IOException {
    var members = new HashSet<String>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      expect(in, in.currentToken(), JsonToken.VALUE_STRING);
      members.add(Texts.read(in.getText()));
    }
    return members;
  }

  private static Instant instant(JsonParser in) throws IOException {
    if (!INSTANT.equals(in.nextFieldName())) {
      throw new IllegalArgumentException("found an object other than an instant");
    }
    expect(in, in.nextToken(), JsonToken.VALUE_STRING);
    Instant instant = Instant.parse(in.getText());
    expect(in, in.nextToken(), JsonToken.END_OBJECT);
    return instant;
  }

  private static void expect(JsonParser in, JsonToken found, JsonToken wanted) {
    if (found != wanted) {
      throw new IllegalArgumentException(
          "found "
              + found
              + " at "
              + in.currentLocation().getCharOffset()
              + ", expected "
              + wanted);
    }
  }
}
