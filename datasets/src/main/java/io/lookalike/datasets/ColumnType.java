package io.lookalike.datasets;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
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
      double number = Double.parseDouble(value);
      return Double.isFinite(number) ? number : null;
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

  private final String description;

  ColumnType(String description) {
    this.description = description;
  }

  /** The attribute's value, or null if the text is not of this type. */
  abstract @Nullable Object parse(String value);

  /**
   * Reads {@code 2024-03-01}, or that with a time of day after {@code T} or a space: {@code 12:00},
   * {@code 12:00:30}, {@code 12:00:30.5}, and with {@code Z} or an offset such as {@code +01:00}
   * after it. What names no offset is UTC. Returns null for anything else.
   */
  static @Nullable Instant instant(String value) {
    if (value.length() < 10 || value.charAt(4) != '-') {
      return null;
    }
    try {
      if (value.length() == 10) {
        return LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      String iso =
          value.charAt(10) == ' ' ? value.substring(0, 10) + 'T' + value.substring(11) : value;
      TemporalAccessor time =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(iso, OffsetDateTime::from, LocalDateTime::from);
      return time instanceof OffsetDateTime exact
          ? exact.toInstant()
          : ((LocalDateTime) time).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return null;
    }
  }

  @Override
  public String toString() {
    return description;
  }
}
