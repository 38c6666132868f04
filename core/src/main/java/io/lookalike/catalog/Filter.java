package io.lookalike.catalog;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which products may be shown, by their attributes. A structured value rather than a lambda, so
 * that an index on another machine can evaluate it there. Immutable.
 *
 * <p>An attribute that a product does not have matches nothing: neither {@code equal} nor {@code
 * range}; its {@code not} matches. A value of another type than the one asked for does not match
 * either. An attribute that holds a set of texts matches when any member does. Numbers are compared
 * exactly, whatever types they came in.
 *
 * <p>A filter prints itself in the words of {@link #parse}.
 *
 * <pre>{@code
 * Filter.and(Filter.equal("category", "dress"), Filter.lessThan("price", 40))
 * Filter.parse("category = dress and price < 40")
 * }</pre>
 */
public sealed interface Filter {

  /** Matches every product. */
  Filter ALL = new And(List.of());

  /**
   * Whether a product with these attributes matches.
   *
   * @param attributes the product's
   * @return true if it may be shown
   */
  boolean matches(Attributes attributes);

  /**
   * The attribute has this value.
   *
   * @param attribute its name
   * @param value a {@link String}, {@link Number}, {@link Boolean} or {@link Instant}; a number is
   *     held as {@link Attributes#get} gives it
   */
  record Equal(String attribute, Object value) implements Filter {
    /**
     * Checks the value's type.
     *
     * @throws IllegalArgumentException if it is none of those listed
     */
    public Equal {
      checkName(attribute);
      value = checked(value);
    }

    @Override
    public boolean matches(Attributes attributes) {
      return any(attributes, attribute, value::equals);
    }

    /** Returns the filter as one would write it. */
    @Override
    public String toString() {
      return FilterPrinter.of(this);
    }
  }

  /**
   * The attribute has one of these values.
   *
   * @param attribute its name
   * @param values of the types that {@link Equal} takes; none matches nothing
   */
  record In(String attribute, Set<Object> values) implements Filter {
    /**
     * Copies the values and checks their types.
     *
     * @throws IllegalArgumentException if one is not of a type that {@link Equal} takes
     */
    public In {
      checkName(attribute);
      Objects.requireNonNull(values, "values");
      values = values.stream().map(Filter::checked).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public boolean matches(Attributes attributes) {
      return any(attributes, attribute, values::contains);
    }

    /** Returns the filter as one would write it. */
    @Override
    public String toString() {
      return FilterPrinter.of(this);
    }
  }

  /**
   * The attribute lies between two bounds of one type; texts are ordered by their UTF-16 units.
   *
   * @param attribute its name
   * @param from the lower bound, a {@link Number}, {@link Instant} or {@link String}, or null for
   *     none; a number is held as {@link Attributes#get} gives it
   * @param fromInclusive whether the lower bound itself matches
   * @param to the upper bound, or null for none
   * @param toInclusive whether the upper bound itself matches
   */
  record Range(
      String attribute,
      @Nullable Object from,
      boolean fromInclusive,
      @Nullable Object to,
      boolean toInclusive)
      implements Filter {
    private static final int UNORDERED = 2;

    /**
     * Checks the bounds' types.
     *
     * @throws IllegalArgumentException if there is no bound, if the two differ in type, or if they
     *     are of a type without an order
     */
    public Range {
      checkName(attribute);
      from = from == null ? null : checked(from);
      to = to == null ? null : checked(to);
      Object some = from != null ? from : to;
      if (some == null) {
        throw new IllegalArgumentException(
            "a range of \"" + attribute + "\" needs at least one bound");
      }
      if (some instanceof Boolean || (from != null && to != null && order(from, to) == UNORDERED)) {
        throw new IllegalArgumentException(
            "a range of \""
                + attribute
                + "\""
                + (from == null ? "" : " from " + FilterPrinter.value(from))
                + (to == null ? "" : " to " + FilterPrinter.value(to))
                + " needs two numbers, two instants or two texts");
      }
    }

    @Override
    public boolean matches(Attributes attributes) {
      return any(attributes, attribute, this::contains);
    }

    private boolean contains(Object value) {
      if (from != null) {
        int order = order(value, from);
        if (order == UNORDERED || order < 0 || (order == 0 && !fromInclusive)) {
          return false;
        }
      }
      if (to != null) {
        int order = order(value, to);
        return order < 0 || (order == 0 && toInclusive);
      }
      return true;
    }

    /** -1, 0 or 1, or {@link #UNORDERED} where the types differ. */
    private static int order(Object value, Object bound) {
      if (value instanceof Number a && bound instanceof Number b) {
        return Integer.signum(Numbers.compare(a, b));
      }
      if (value instanceof Instant a && bound instanceof Instant b) {
        return Integer.signum(a.compareTo(b));
      }
      if (value instanceof String a && bound instanceof String b) {
        return Integer.signum(a.compareTo(b));
      }
      return UNORDERED;
    }

    /** Returns the filter as one would write it. */
    @Override
    public String toString() {
      return FilterPrinter.of(this);
    }
  }

  /**
   * All of these match; with none, every product does.
   *
   * @param filters the conditions
   */
  record And(List<Filter> filters) implements Filter {
    /** Copies the list. */
    public And {
      filters = copied(filters);
    }

    @Override
    public boolean matches(Attributes attributes) {
      Objects.requireNonNull(attributes, "attributes");
      for (Filter filter : filters) {
        if (!filter.matches(attributes)) {
          return false;
        }
      }
      return true;
    }

    // Every search asks. What the JVM makes for a record takes it 15 ms at the first call.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof And that && filters.equals(that.filters);
    }

    @Override
    public int hashCode() {
      return filters.hashCode();
    }

    /** Returns the filter as one would write it. */
    @Override
    public String toString() {
      return FilterPrinter.of(this);
    }
  }

  /**
   * At least one of these matches; with none, no product does.
   *
   * @param filters the conditions
   */
  record Or(List<Filter> filters) implements Filter {
    /** Copies the list. */
    public Or {
      filters = copied(filters);
    }

    @Override
    public boolean matches(Attributes attributes) {
      Objects.requireNonNull(attributes, "attributes");
      for (Filter filter : filters) {
        if (filter.matches(attributes)) {
          return true;
        }
      }
      return false;
    }

    /** Returns the filter as one would write it. */
    @Override
    public String toString() {
      return FilterPrinter.of(this);
    }
  }

  /**
   * The other filter does not match.
   *
   * @param filter the condition turned round
   */
  record Not(Filter filter) implements Filter {
    /** Checks that it is there. */
    public Not {
      Objects.requireNonNull(filter, "filter");
    }

    @Override
    public boolean matches(Attributes attributes) {
      return !filter.matches(attributes);
    }

    /** Returns the filter as one would write it. */
    @Override
    public String toString() {
      return FilterPrinter.of(this);
    }
  }

  /**
   * The attribute has this value.
   *
   * @param attribute its name
   * @param value a {@link String}, {@link Number}, {@link Boolean} or {@link Instant}
   * @return the filter
   * @throws IllegalArgumentException if the value is of another type
   */
  static Filter equal(String attribute, Object value) {
    return new Equal(attribute, value);
  }

  /**
   * The attribute has one of these values.
   *
   * @param attribute its name
   * @param values each of a type that {@link #equal} takes; may repeat
   * @return the filter
   * @throws IllegalArgumentException if one is of another type
   */
  static Filter in(String attribute, Object... values) {
    return in(attribute, Arrays.asList(Objects.requireNonNull(values, "values")));
  }

  /**
   * The attribute has one of these values.
   *
   * @param attribute its name
   * @param values each of a type that {@link #equal} takes; may repeat; none matches nothing
   * @return the filter
   * @throws IllegalArgumentException if one is of another type
   */
  static Filter in(String attribute, Collection<?> values) {
    return new In(attribute, new HashSet<>(Objects.requireNonNull(values, "values")));
  }

  /**
   * The attribute is smaller, earlier, or before the bound in the alphabet.
   *
   * @param attribute its name
   * @param bound a {@link Number}, {@link Instant} or {@link String}
   * @return the filter
   * @throws IllegalArgumentException if the bound is of another type
   */
  static Filter lessThan(String attribute, Object bound) {
    return new Range(attribute, null, false, bound, false);
  }

  /**
   * The attribute is at most the bound.
   *
   * @param attribute its name
   * @param bound a {@link Number}, {@link Instant} or {@link String}
   * @return the filter
   * @throws IllegalArgumentException if the bound is of another type
   */
  static Filter atMost(String attribute, Object bound) {
    return new Range(attribute, null, false, bound, true);
  }

  /**
   * The attribute is greater, later, or after the bound in the alphabet.
   *
   * @param attribute its name
   * @param bound a {@link Number}, {@link Instant} or {@link String}
   * @return the filter
   * @throws IllegalArgumentException if the bound is of another type
   */
  static Filter greaterThan(String attribute, Object bound) {
    return new Range(attribute, bound, false, null, false);
  }

  /**
   * The attribute is at least the bound.
   *
   * @param attribute its name
   * @param bound a {@link Number}, {@link Instant} or {@link String}
   * @return the filter
   * @throws IllegalArgumentException if the bound is of another type
   */
  static Filter atLeast(String attribute, Object bound) {
    return new Range(attribute, bound, true, null, false);
  }

  /**
   * All of these match.
   *
   * @param filters the conditions; with none, every product matches
   * @return the filter
   */
  static Filter and(Filter... filters) {
    return new And(Arrays.asList(Objects.requireNonNull(filters, "filters")));
  }

  /**
   * At least one of these matches.
   *
   * @param filters the conditions; with none, no product matches
   * @return the filter
   */
  static Filter or(Filter... filters) {
    return new Or(Arrays.asList(Objects.requireNonNull(filters, "filters")));
  }

  /**
   * The other filter does not match.
   *
   * @param filter the condition turned round
   * @return the filter
   */
  static Filter not(Filter filter) {
    return new Not(filter);
  }

  /**
   * Reads a filter's text form.
   *
   * <pre>
   * category = dress and price &lt; 40
   * colour in (red, "dark blue") and not (price &gt;= 100 or sale = true)
   * launched &gt; 2024-03-01
   * </pre>
   *
   * <p>Comparisons are {@code = != < <= > >=}, {@code in (...)} and {@code not in (...)}; {@code
   * not} binds closer than {@code and}, {@code and} closer than {@code or}; these words may be
   * written in capitals too. A value is quoted text ({@code "..."} or {@code '...'}, a quote inside
   * doubled), a number (one with a superfluous leading zero is text, as ids are), {@code true} or
   * {@code false}, a date or an ISO-8601 instant (UTC), or else a bare word that is taken as text.
   *
   * @param text the filter's text
   * @return the filter; {@link #ALL} for a blank text
   * @throws FilterSyntaxException if the text cannot be read, saying at which column
   */
  static Filter parse(String text) {
    return new FilterParser(Objects.requireNonNull(text, "text")).parse();
  }

  /**
   * Reads a filter from JSON, as {@link #toJson} writes it: one of
   *
   * <pre>
   * {"equal": {"category": "dress"}}            {"in": {"brand": ["a", "b"]}}
   * {"range": {"price": {"atLeast": 10, "lessThan": 40}}}
   * {"and": [FILTER, ...]}   {"or": [FILTER, ...]}   {"not": FILTER}
   * </pre>
   *
   * <p>A value is a text, a number, true, false or {@code {"instant": "2024-03-01T00:00:00Z"}}. The
   * bounds of a range are {@code atLeast} or {@code greaterThan}, {@code atMost} or {@code
   * lessThan}.
   *
   * @param json the filter
   * @return the filter
   * @throws FilterSyntaxException if the text cannot be read, naming the column
   */
  static Filter parseJson(String json) {
    return FilterJson.parse(Objects.requireNonNull(json, "json"));
  }

  /**
   * Writes a filter for {@link #parseJson}, which gives an equal one.
   *
   * @param filter the filter
   * @return JSON in one line
   */
  static String toJson(Filter filter) {
    return FilterJson.of(Objects.requireNonNull(filter, "filter"));
  }

  private static boolean any(Attributes attributes, String attribute, Predicate<Object> condition) {
    Object value = Objects.requireNonNull(attributes, "attributes").get(attribute);
    if (value instanceof Set<?> members) {
      for (Object member : members) {
        if (condition.test(member)) {
          return true;
        }
      }
      return false;
    }
    return value != null && condition.test(value);
  }

  private static List<Filter> copied(List<Filter> filters) {
    Objects.requireNonNull(filters, "filters");
    filters.forEach(filter -> Objects.requireNonNull(filter, "a filter among filters"));
    return List.copyOf(filters);
  }

  private static void checkName(String attribute) {
    String torn = Ids.tornText(Objects.requireNonNull(attribute, "attribute"));
    if (torn != null) {
      throw new IllegalArgumentException("a filter's attribute " + torn);
    }
  }

  private static Object checked(@Nullable Object value) {
    if (value instanceof Number number) {
      Number held = Numbers.held(number);
      if (held == null) {
        throw new IllegalArgumentException("a filter's value is " + Numbers.whyNotHeld(number));
      }
      return held;
    }
    if (value instanceof String text) {
      String torn = Ids.tornText(text);
      if (torn != null) {
        throw new IllegalArgumentException("a filter's value " + torn);
      }
      return value;
    }
    if (value instanceof Boolean || value instanceof Instant) {
      return value;
    }
    throw new IllegalArgumentException(
        "a filter's value is "
            + value
            + (value == null ? "" : " (" + value.getClass().getSimpleName() + ")")
            + ", expected a text, a finite number, a truth value or an instant");
  }
}
