package io.lookalike.index.opensearch;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as terms of one field, and filters as queries to it. A field for each attribute would
 * fail where two products have values of different types, or where there are more names than a
 * mapping may hold.
 *
 * <p>A term is the length of the name, a colon, the name, a letter for the type, and the value in a
 * form whose order as text is that of the values: so one term matches exactly one value, and a
 * range of terms exactly a range of values of one type. Of a text longer than {@value #LONGEST}
 * characters the first ones and a hash are kept: whether it is equal is still exact, and where it
 * lies among others with the same beginning is not.
 */
final class Terms {

  /** What the field is called. */
  static final String FIELD = "terms";

  private static final int LONGEST = 512;

  /** Letters for types, none of which comes after another. */
  private static final char TRUTH = 'b';

  private static final char INSTANT = 'i';
  private static final char NUMBER = 'n';
  private static final char TEXT = 't';

  /** UTF-8 has the order of UTF-16 below this; from here on a character is written as two. */
  private static final char ESCAPE = '\uD7FF';

  private Terms() {}

  static List<String> of(Attributes attributes) {
    var terms = new ArrayList<String>();
    attributes
        .asMap()
        .forEach(
            (name, value) -> {
              if (value instanceof Set<?> members) {
                members.forEach(member -> terms.add(term(name, member)));
              } else {
                terms.add(term(name, value));
              }
            });
    return terms;
  }

  static Map<String, Object> query(Filter filter) {
    if (filter instanceof Filter.Equal equal) {
      return Map.of("term", Map.of(FIELD, term(equal.attribute(), equal.value())));
    }
    if (filter instanceof Filter.In in) {
      List<String> terms = in.values().stream().map(v -> term(in.attribute(), v)).toList();
      return Map.of("terms", Map.of(FIELD, terms));
    }
    if (filter instanceof Filter.Range range) {
      return range(range);
    }
    if (filter instanceof Filter.And and) {
      return and.filters().isEmpty()
          ? Map.of("match_all", Map.of())
          : bool("filter", and.filters().stream().map(Terms::query).toList());
    }
    if (filter instanceof Filter.Or or) {
      return or.filters().isEmpty()
          ? Map.of("match_none", Map.of())
          : bool("should", or.filters().stream().map(Terms::query).toList());
    }
    Filter.Not not = (Filter.Not) filter;
    return bool("must_not", List.of(query(not.filter())));
  }

  static Map<String, Object> bool(String kind, List<Map<String, Object>> clauses) {
    return Map.of("bool", Map.of(kind, clauses));
  }

  private static Map<String, Object> range(Filter.Range range) {
    Object some = range.from() != null ? range.from() : range.to();
    String name = range.attribute();
    char type = type(some);
    var bounds = new LinkedHashMap<String, Object>();
    if (range.from() == null) {
      bounds.put("gte", prefix(name, type));
    } else {
      bounds.put(range.fromInclusive() ? "gte" : "gt", term(name, range.from()));
    }
    if (range.to() == null) {
      bounds.put("lt", prefix(name, (char) (type + 1)));
    } else {
      bounds.put(range.toInclusive() ? "lte" : "lt", term(name, range.to()));
    }
    return Map.of("range", Map.of(FIELD, bounds));
  }

  private static String term(String name, Object value) {
    char type = type(value);
    String form =
        switch (type) {
          case NUMBER -> number((Number) value);
          case TRUTH -> (Boolean) value ? "1" : "0";
          case INSTANT -> instant((Instant) value);
          default -> text((String) value);
        };
    return prefix(name, type) + form;
  }

  private static char type(@Nullable Object value) {
    if (value instanceof Number) {
      return NUMBER;
    }
    if (value instanceof Boolean) {
      return TRUTH;
    }
    return value instanceof Instant ? INSTANT : TEXT;
  }

  private static String prefix(String name, char type) {
    return name.length() + ":" + shortened(name) + ":" + type;
  }

  /** The nearest double that is not greater, and what is left of a whole number that is none. */
  private static String number(Number number) {
    double floor = number.doubleValue();
    long rest = 0;
    if (number instanceof Long whole) {
      if (floor >= 0x1p63 || (long) floor > whole) {
        floor = Math.nextDown(floor);
      }
      rest = whole - (long) floor;
    }
    long bits = Double.doubleToLongBits(floor + 0.0); // -0.0 is 0.0
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(bits ^ (bits >> 63 | Long.MIN_VALUE)) + hex.toHexDigits((short) rest);
  }

  private static String instant(Instant instant) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(instant.getEpochSecond() ^ Long.MIN_VALUE)
        + hex.toHexDigits(instant.getNano());
  }

  /** A text whose UTF-8 has the order that Java gives the text. */
  private static String text(String text) {
    String some = shortened(text);
    var form = new StringBuilder(some.length());
    for (int i = 0; i < some.length(); i++) {
      char c = some.charAt(i);
      if (c < ESCAPE) {
        form.append(c);
      } else {
        form.append(ESCAPE).append((char) (c - ESCAPE));
      }
    }
    return form.toString();
  }

  private static String shortened(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    // Not within a character that has two units: names are written as they are.
    int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return text.substring(0, end) + '\0' + hash(text);
  }

  private static String hash(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
