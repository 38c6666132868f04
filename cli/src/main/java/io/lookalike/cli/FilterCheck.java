package io.lookalike.cli;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Refuses a filter that can match nothing because of how it is written: by an attribute that no
 * product has, or with a value of a type that no product has there.
 */
final class FilterCheck {

  /** The names of the types that each attribute's values have, as messages give them. */
  private final Map<String, Set<String>> types = new TreeMap<>();

  /**
   * Looks at the products.
   *
   * @param products all that filters are to choose from
   */
  FilterCheck(Stream<Product> products) {
    products.forEach(
        product ->
            product
                .attributes()
                .asMap()
                .forEach(
                    (name, value) ->
                        types.computeIfAbsent(name, n -> new TreeSet<>()).add(type(value))));
  }

  /**
   * Checks every comparison of a filter.
   *
   * @param products all that the filter is to choose from
   * @throws UserErrorException if one can match none of them
   */
  static void check(Filter filter, Stream<Product> products) {
    if (!filter.equals(Filter.ALL)) {
      new FilterCheck(products).check(filter);
    }
  }

  /**
   * Checks that an attribute is there.
   *
   * @param products all that may have it
   * @throws UserErrorException if none of them has
   */
  static void checkAttribute(String attribute, Stream<Product> products) {
    new FilterCheck(products).checkAttribute(attribute);
  }

  /**
   * Checks that an attribute is there.
   *
   * @throws UserErrorException if no product has it
   */
  void checkAttribute(String attribute) {
    var unused = known(attribute);
  }

  /**
   * Checks every comparison of a filter.
   *
   * @throws UserErrorException if one can match no product
   */
  // By instanceof, since Java 17 has no switch over records.
  void check(Filter filter) {
    if (filter instanceof Filter.And and) {
      and.filters().forEach(this::check);
    } else if (filter instanceof Filter.Or or) {
      or.filters().forEach(this::check);
    } else if (filter instanceof Filter.Not not) {
      check(not.filter());
    } else if (filter instanceof Filter.Equal equal) {
      check(equal.attribute(), equal.value());
    } else if (filter instanceof Filter.In in) {
      in.values().forEach(value -> check(in.attribute(), value));
    } else if (filter instanceof Filter.Range range) {
      Stream.ofNullable(range.from()).forEach(from -> check(range.attribute(), from));
      Stream.ofNullable(range.to()).forEach(to -> check(range.attribute(), to));
    }
  }

  private void check(String attribute, Object value) {
    Set<String> known = known(attribute);
    if (!known.contains(type(value))) {
      throw new UserErrorException(
          "\""
              + attribute
              + "\" is "
              + String.join(" or ", known)
              + ", but is compared with "
              + shown(value)
              + (known.contains("a text") ? "; put it in quotes to compare it as text" : ""));
    }
  }

  /** The types of an attribute's values. */
  private Set<String> known(String attribute) {
    Set<String> known = types.get(attribute);
    if (known == null) {
      throw new UserErrorException("no product has the attribute \"" + attribute + "\"; " + all());
    }
    return known;
  }

  private String all() {
    String names =
        types.keySet().stream()
            .filter(name -> !name.equals(Facts.IMAGE))
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "they have none to filter by" : "there are " + names;
  }

  /** A set of texts is compared as its members are. */
  private static String type(Object value) {
    if (value instanceof Number) {
      return "a number";
    }
    if (value instanceof Boolean) {
      return "true or false";
    }
    return value instanceof Instant ? "a date" : "a text";
  }

  private static String shown(Object value) {
    String text = Facts.text(value);
    if (value instanceof Number) {
      return "the number " + text;
    }
    if (value instanceof Instant) {
      return "the date " + text.replace("T00:00:00Z", "");
    }
    return value instanceof Boolean ? text : "the text \"" + text + "\"";
  }
}
