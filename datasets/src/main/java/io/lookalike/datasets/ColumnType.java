package io.lookalike.datasets;

import io.lookalike.catalog.Attributes;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the values of a column are, and how they become an attribute. */
enum ColumnType {
  BOOLEAN("true or false") {
    @Override
    @Nullable Object parse(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> null;
      };
    }
  },
  NUMBER("a number") {
    @Override
    @Nullable Object parse(String value) {
      if (!DECIMAL.matcher(value).matches()) {
        return null;
      }
      if (value.length() <= ALWAYS_EXACT && value.indexOf('e') < 0 && value.indexOf('E') < 0) {
        double number = Double.parseDouble(value);
        return Double.isFinite(number) ? number : null;
      }
      try {
        return Attributes.of(Map.of("x", new BigDecimal(value))).get("x");
      } catch (IllegalArgumentException e) { // more digits than a number can keep
        return null;
      }
    }
  },
  INSTANT("a date or time") {
    @Override
    @Nullable Object parse(String value) {
      return instant(value);
    }
  },
  TEXT("text") {
    @Override
    Object parse(String value) {
      return value;
    }
  };

  // As in a filter's text form: a superfluous leading zero makes an id ("0215303") or a code.
  private static final Pattern DECIMAL =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

  /** So few characters hold no more digits than a double does. */
  private static final int ALWAYS_EXACT = 15;

  private static final Set<String> MISSING =
      Set.of(
          "null", "(null)", "nil", "none", "nan", "-nan", "na", "n/a", "#n/a", "#na", "<na>", "nat",
          "\\n", "-");

  private static final int LONGEST_MISSING = 6;

  private static final Pattern TIME =
      Pattern.compile(
          "(?<day>\\d{4}-\\d{2}-\\d{2})[Tt ](?<time>\\d{2}:\\d{2}(:\\d{2}([.,]\\d{1,9})?)?)"
              + " ?([Zz]|UTC|GMT|(?<offset>[+-]\\d{2}(:?\\d{2})?)( UTC)?)?");

  private final String description;

  ColumnType(String description) {
    this.description = description;
  }

  /** The attribute's value, or null if the text is not of this type. */
  abstract @Nullable Object parse(String value);

  /**
   * Whether a value stands for none, as databases, spreadsheets and pandas write it beside numbers
   * or times. A text may really be so called.
   */
  static boolean isMissing(String value) {
    return value.length() <= LONGEST_MISSING && MISSING.contains(value.toLowerCase(Locale.ROOT));
  }

  /**
   * Reads {@code 2024-03-01}, or that with a time of day after {@code T} or a space: {@code 12:00},
   * {@code 12:00:30}, {@code 12:00:30.5}; and an offset after it, or after a space: {@code Z},
   * {@code UTC}, {@code GMT}, {@code +01}, {@code +0100}, {@code +01:00}. What names no offset is
   * UTC. Returns null for anything else.
   */
  static @Nullable Instant instant(String value) {
    if (value.length() < 10 || value.charAt(4) != '-') {
      return null;
    }
    try {
      if (value.length() == 10) {
        return LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      Matcher parts = TIME.matcher(value);
      if (!parts.matches()) {
        return null;
      }
      LocalDateTime time =
          LocalDate.parse(parts.group("day"))
              .atTime(LocalTime.parse(parts.group("time").replace(',', '.')));
      String offset = parts.group("offset");
      return time.toInstant(offset == null ? ZoneOffset.UTC : ZoneOffset.of(offset));
    } catch (DateTimeException e) {
      return null;
    }
  }

  @Override
  public String toString() {
    return description;
  }
}
