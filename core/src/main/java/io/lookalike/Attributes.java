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
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "attribute \"" + name + "\" is " + value + ", expected a finite number");
    }
    return put(name, value == 0 ? 0.0 : value); // -0.0 and 0.0 are one value too
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
    return put(name, Set.copyOf(values));
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
    if (name.isBlank()) {
      throw new IllegalArgumentException("an attribute's name is blank, expected a text");
    }
    Objects.requireNonNull(value, () -> "value of attribute \"" + name + "\"");
    var copy = new TreeMap<>(values);
    copy.put(name, value);
    return new Attributes(Collections.unmodifiableMap(copy));
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
