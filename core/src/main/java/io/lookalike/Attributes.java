package io.lookalike;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A product's typed properties, such as category, price or stock, by which a {@link Filter}
 * chooses. A value is a text, a number, a truth value, an instant or a set of texts. Immutable.
 *
 * <p>Names are any non-blank text; those made of letters, digits, {@code _}, {@code -} and {@code
 * .} can be used unquoted in a filter's text form.
 */
public final class Attributes {

  private static final Attributes NONE = new Attributes(Map.of());

  private final Map<String, Object> values;

  private Attributes(Map<String, Object> values) {
    this.values = values;
  }

  /**
   * No attributes.
   *
   * @return the empty instance
   */
  public static Attributes none() {
    return NONE;
  }

  /**
   * All of these values at once, which for many is quicker than one {@code with} after the other.
   *
   * @param values by name: each a {@link String}, {@link Boolean}, {@link Instant}, a {@link Set}
   *     of texts or a {@link Number}, which is held as {@code double}; copied
   * @return attributes whose {@link #asMap()} has these values
   * @throws IllegalArgumentException if a name is blank, a number is NaN or infinite, or a value is
   *     of another type
   */
  public static Attributes of(Map<String, ?> values) {
    var copy = new TreeMap<String, Object>();
    values.forEach((name, value) -> copy.put(checked(name), held(name, value)));
    return new Attributes(Collections.unmodifiableMap(copy));
  }

  /**
   * A copy that also holds a text.
   *
   * @param name the attribute; replaced if it is there
   * @param value its value
   * @return the new attributes
   */
  public Attributes with(String name, String value) {
    return put(name, value);
  }

  /**
   * A copy that also holds a number. All numbers are held as {@code double}, so that 40 and 40.0
   * are one value.
   *
   * @param name the attribute; replaced if it is there
   * @param value its value, finite
   * @return the new attributes
   * @throws IllegalArgumentException if the value is NaN or infinite
   */
  public Attributes with(String name, double value) {
    return put(name, value);
  }

  /**
   * A copy that also holds a truth value.
   *
   * @param name the attribute; replaced if it is there
   * @param value its value
   * @return the new attributes
   */
  public Attributes with(String name, boolean value) {
    return put(name, value);
  }

  /**
   * A copy that also holds an instant.
   *
   * @param name the attribute; replaced if it is there
   * @param value its value
   * @return the new attributes
   */
  public Attributes with(String name, Instant value) {
    return put(name, value);
  }

  /**
   * A copy that also holds a set of texts. A filter's {@code equal} and {@code in} match such an
   * attribute when any member matches.
   *
   * @param name the attribute; replaced if it is there
   * @param values its members; copied
   * @return the new attributes
   */
  public Attributes with(String name, Set<String> values) {
    return put(name, values);
  }

  /**
   * One value.
   *
   * @param name the attribute
   * @return a {@link String}, {@link Double}, {@link Boolean}, {@link Instant} or {@code
   *     Set<String>}, or null if this product has no such attribute
   */
  public @Nullable Object get(String name) {
    return values.get(name);
  }

  /**
   * All values by name, in the names' order.
   *
   * @return an unmodifiable map with values as {@link #get} returns them
   */
  public Map<String, Object> asMap() {
    return values;
  }

  private Attributes put(String name, Object value) {
    var copy = new TreeMap<>(values);
    copy.put(checked(name), held(name, value));
    return new Attributes(Collections.unmodifiableMap(copy));
  }

  private static String checked(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("an attribute's name is blank, expected a text");
    }
    return name;
  }

  /** A value as it is kept. */
  private static Object held(String name, Object value) {
    Objects.requireNonNull(value, () -> "value of attribute \"" + name + "\"");
    if (value instanceof Number number) {
      double real = number.doubleValue();
      if (!Double.isFinite(real)) {
        throw new IllegalArgumentException(
            "attribute \"" + name + "\" is " + real + ", expected a finite number");
      }
      return real == 0 ? 0.0 : real; // -0.0 and 0.0 are one value too
    }
    if (value instanceof Set<?> members && members.stream().allMatch(String.class::isInstance)) {
      return Set.copyOf(members);
    }
    if (value instanceof String || value instanceof Boolean || value instanceof Instant) {
      return value;
    }
    throw new IllegalArgumentException(
        "attribute \""
            + name
            + "\" is "
            + value
            + ", "
            + value.getClass().getName()
            + ", expected a text, a number, a truth value, an instant or a set of texts");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Attributes that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** Returns the values by name, sets in order, so that equal attributes print alike. */
  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(
            e ->
                e.getKey()
                    + "="
                    + (e.getValue() instanceof Set<?> set
                        ? new TreeSet<Object>(set)
                        : e.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
