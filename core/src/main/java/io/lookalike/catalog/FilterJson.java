package io.lookalike.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Filters as JSON, see {@link Filter#parseJson}. */
final class FilterJson {

  private static final JsonFactory JSON = new JsonFactory();
  private static final String KINDS = "expected equal, in, range, and, or, not";
  private static final String BOUNDS = "expected atLeast, greaterThan, atMost, lessThan";

  private final String text;
  private final JsonParser in;

  private FilterJson(String text, JsonParser in) {
    this.text = text;
    this.in = in;
  }

  // ---- reading

  static Filter parse(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      var json = new FilterJson(text, parser);
      try {
        json.next();
        Filter filter = json.filter();
        if (parser.nextToken() != null) {
          throw json.problem("found more after the filter's end, expected nothing");
        }
        return filter;
      } catch (JsonProcessingException e) {
        long at = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
        throw new FilterSyntaxException(
            text, (int) Math.max(0, at) + 1, "this is no JSON: " + e.getOriginalMessage());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory can be read
    }
  }

  private @Nullable JsonToken next() throws IOException {
    return in.nextToken();
  }

  private FilterSyntaxException problem(String problem) {
    return new FilterSyntaxException(
        text, (int) in.currentTokenLocation().getCharOffset() + 1, problem);
  }

  private void expect(JsonToken token, String expected) throws IOException {
    if (in.currentToken() != token) {
      String found = in.currentToken() == null ? "the end" : in.getText();
      throw problem("found " + found + ", expected " + expected);
    }
  }

  /** An object with one field, the kind. */
  private Filter filter() throws IOException {
    expect(JsonToken.START_OBJECT, "a filter such as {\"equal\": {\"category\": \"dress\"}}");
    next();
    expect(JsonToken.FIELD_NAME, "equal, in, range, and, or, not");
    String kind = in.currentName();
    FilterSyntaxException unknown = problem("found " + kind + ", " + KINDS);
    next();
    Filter filter =
        switch (kind) {
          case "equal" -> attribute(name -> checked(() -> Filter.equal(name, value())));
          case "in" -> attribute(name -> checked(() -> new Filter.In(name, values())));
          case "range" -> attribute(this::range);
          case "and" -> new Filter.And(filters());
          case "or" -> new Filter.Or(filters());
          case "not" -> new Filter.Not(filter());
          default -> throw unknown;
        };
    next();
    expect(JsonToken.END_OBJECT, "} after one " + kind);
    return filter;
  }

  private interface ByAttribute {
    Filter of(String name) throws IOException;
  }

  /** An object with one field, the attribute. */
  private Filter attribute(ByAttribute made) throws IOException {
    expect(JsonToken.START_OBJECT, "an attribute such as {\"category\": ...}");
    next();
    expect(JsonToken.FIELD_NAME, "an attribute's name");
    String name = in.currentName();
    next();
    Filter filter = made.of(name);
    next();
    expect(JsonToken.END_OBJECT, "} after one attribute");
    return filter;
  }

  private List<Filter> filters() throws IOException {
    expect(JsonToken.START_ARRAY, "a list of filters");
    var filters = new ArrayList<Filter>();
    while (next() != JsonToken.END_ARRAY) {
      filters.add(filter());
    }
    return filters;
  }

  private Set<Object> values() throws IOException {
    expect(JsonToken.START_ARRAY, "a list of values");
    var values = new HashSet<Object>();
    while (next() != JsonToken.END_ARRAY) {
      values.add(value());
    }
    return values;
  }

  private Filter range(String name) throws IOException {
    expect(JsonToken.START_OBJECT, "bounds such as {\"lessThan\": 40}");
    Object from = null;
    Object to = null;
    boolean fromInclusive = false;
    boolean toInclusive = false;
    while (next() != JsonToken.END_OBJECT) {
      String bound = in.currentName();
      boolean lower = "atLeast".equals(bound) || "greaterThan".equals(bound);
      boolean upper = "atMost".equals(bound) || "lessThan".equals(bound);
      if (!lower && !upper) {
        throw problem("found " + bound + ", " + BOUNDS);
      }
      if ((lower ? from : to) != null) {
        throw problem("found a second " + (lower ? "lower" : "upper") + " bound, expected one");
      }
      next();
      if (lower) {
        from = value();
        fromInclusive = "atLeast".equals(bound);
      } else {
        to = value();
        toInclusive = "atMost".equals(bound);
      }
    }
    Object lowest = from;
    Object highest = to;
    boolean withLowest = fromInclusive;
    boolean withHighest = toInclusive;
    return checked(() -> new Filter.Range(name, lowest, withLowest, highest, withHighest));
  }

  /**
   * A text, a number, a truth value, or an instant as {@code {"instant": "2024-03-01T00:00:00Z"}}.
   */
  private Object value() throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      Number number = Numbers.parse(in.getText());
      if (number == null) {
        throw problem("found " + in.getText() + ", which " + Numbers.problem(in.getText()));
      }
      return number;
    }
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return token == JsonToken.VALUE_TRUE;
    }
    if (token == JsonToken.START_OBJECT) {
      return instant();
    }
    expect(JsonToken.VALUE_STRING, "a text, a number, true, false or {\"instant\": \"...\"}");
    return in.getText();
  }

  private Instant instant() throws IOException {
    next();
    if (!"instant".equals(in.currentName())) {
      throw problem("found an object, expected a value, or {\"instant\": \"...\"}");
    }
    next();
    expect(JsonToken.VALUE_STRING, "an instant such as \"2024-03-01T00:00:00Z\"");
    Instant instant;
    try {
      instant = Instant.parse(in.getText());
    } catch (DateTimeParseException e) {
      throw problem("found " + in.getText() + ", expected an instant such as 2024-03-01T00:00:00Z");
    }
    next();
    expect(JsonToken.END_OBJECT, "} after the instant");
    return instant;
  }

  private interface Making {
    Filter filter() throws IOException;
  }

  private Filter checked(Making making) throws IOException {
    try {
      return making.filter();
    } catch (FilterSyntaxException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw problem(Objects.requireNonNullElse(e.getMessage(), "this is no filter"));
    }
  }

  // ---- writing

  static String of(Filter filter) {
    var text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      write(filter, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory can be written
    }
    return text.toString();
  }

  private static void write(Filter filter, JsonGenerator out) throws IOException {
    out.writeStartObject();
    if (filter instanceof Filter.Equal equal) {
      out.writeObjectFieldStart("equal");
      out.writeFieldName(equal.attribute());
      write(equal.value(), out);
      out.writeEndObject();
    } else if (filter instanceof Filter.In in) {
      out.writeObjectFieldStart("in");
      out.writeArrayFieldStart(in.attribute());
      // Sets have no order of their own; equal filters are to give equal texts.
      for (Object value :
          in.values().stream().sorted((a, b) -> key(a).compareTo(key(b))).toList()) {
        write(value, out);
      }
      out.writeEndArray();
      out.writeEndObject();
    } else if (filter instanceof Filter.Range range) {
      out.writeObjectFieldStart("range");
      out.writeObjectFieldStart(range.attribute());
      bound(range.fromInclusive() ? "atLeast" : "greaterThan", range.from(), out);
      bound(range.toInclusive() ? "atMost" : "lessThan", range.to(), out);
      out.writeEndObject();
      out.writeEndObject();
    } else if (filter instanceof Filter.Not not) {
      out.writeFieldName("not");
      write(not.filter(), out);
    } else if (filter instanceof Filter.And and) {
      write("and", and.filters(), out);
    } else {
      write("or", ((Filter.Or) filter).filters(), out);
    }
    out.writeEndObject();
  }

  private static String key(Object value) {
    return value.getClass().getName() + value;
  }

  private static void write(String kind, List<Filter> filters, JsonGenerator out)
      throws IOException {
    out.writeArrayFieldStart(kind);
    for (Filter filter : filters) {
      write(filter, out);
    }
    out.writeEndArray();
  }

  private static void bound(String name, @Nullable Object value, JsonGenerator out)
      throws IOException {
    if (value != null) {
      out.writeFieldName(name);
      write(value, out);
    }
  }

  private static void write(Object value, JsonGenerator out) throws IOException {
    if (value instanceof Number number) {
      out.writeNumber(Numbers.text(number));
    } else if (value instanceof Boolean truth) {
      out.writeBoolean(truth);
    } else if (value instanceof Instant instant) {
      out.writeStartObject();
      out.writeStringField("instant", instant.toString());
      out.writeEndObject();
    } else {
      out.writeString(value.toString());
    }
  }
}
