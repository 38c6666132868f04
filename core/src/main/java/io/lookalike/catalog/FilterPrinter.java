package io.lookalike.catalog;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes filters in the words of {@link Filter#parse}, which {@link FilterParser} reads. */
final class FilterPrinter {

  private FilterPrinter() {}

  /** The filter as one would write it. */
  static String of(Filter filter) {
    if (filter instanceof Filter.Equal equal) {
      return name(equal.attribute()) + " = " + value(equal.value());
    }
    if (filter instanceof Filter.In in) {
      return name(in.attribute())
          + in.values().stream()
              .map(FilterPrinter::value)
              .sorted()
              .collect(Collectors.joining(", ", " in (", ")"));
    }
    if (filter instanceof Filter.Range range) {
      return range(range);
    }
    if (filter instanceof Filter.Not not) {
      return "not (" + of(not.filter()) + ")";
    }
    if (filter instanceof Filter.And and) {
      return joined(and.filters(), " and ");
    }
    return joined(((Filter.Or) filter).filters(), " or ");
  }

  private static String joined(List<Filter> filters, String word) {
    if (filters.isEmpty()) {
      return word.equals(" and ") ? "everything" : "nothing";
    }
    return filters.stream()
        .map(f -> f instanceof Filter.And || f instanceof Filter.Or ? "(" + of(f) + ")" : of(f))
        .collect(Collectors.joining(word));
  }

  private static String range(Filter.Range range) {
    String lower = bound(range.attribute(), range.from(), range.fromInclusive() ? " >= " : " > ");
    String upper = bound(range.attribute(), range.to(), range.toInclusive() ? " <= " : " < ");
    return lower.isEmpty() || upper.isEmpty() ? lower + upper : lower + " and " + upper;
  }

  private static String bound(String attribute, @Nullable Object bound, String sign) {
    return bound == null ? "" : name(attribute) + sign + value(bound);
  }

  private static String name(String attribute) {
    return attribute.matches("[\\p{L}\\p{N}_.-]+") && !attribute.equalsIgnoreCase("not")
        ? attribute
        : quoted(attribute);
  }

  static String value(Object value) {
    if (value instanceof Number number) {
      return Numbers.text(number);
    }
    return value instanceof Boolean || value instanceof Instant
        ? value.toString()
        : quoted(value.toString());
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }
}
