package io.lookalike.catalog;

import com.github.benmanes.caffeine.cache.Interner;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
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

  /** Keeps names in memory once for all products that have the same. */
  private static final Interner<Names> SHARED = Interner.newWeakInterner();

  private static final Attributes NONE = new Attributes(new Names(new String[0]), new Object[0]);

  private final Names names;

  /** In the order of the names. */
  private final Object[] values;

  /** Ascending names. */
  private static final class Names {
    final String[] ascending;
    private final int hash;

    Names(String[] ascending) {
      this.ascending = ascending;
      hash = Arrays.hashCode(ascending);
    }

    /** Where a name is, or -1. Names are few: looking at all of them is quicker than bisection. */
    int indexOf(String name) {
      for (int i = 0; i < ascending.length; i++) {
        if (ascending[i].equals(name)) {
          return i;
        }
      }
      return -1;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Names that && Arrays.equals(ascending, that.ascending);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  private Attributes(Names names, Object[] values) {
    this.names = names;
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
    return new Attributes(
        SHARED.intern(new Names(copy.keySet().toArray(String[]::new))), copy.values().toArray());
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
    int at = names.indexOf(name);
    return at < 0 ? null : values[at];
  }

  /**
   * All values by name, in the names' order.
   *
   * @return an unmodifiable map with values as {@link #get} returns them
   */
  public Map<String, Object> asMap() {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < values.length; i++) {
      map.put(names.ascending[i], values[i]);
    }
    return Collections.unmodifiableMap(map);
  }

  private Attributes put(String name, Object value) {
    Object held = held(checked(name), value);
    int at = names.indexOf(name);
    if (at >= 0) {
      Object[] changed = values.clone();
      changed[at] = held;
      return new Attributes(names, changed);
    }
    var copy = new TreeMap<>(asMap());
    copy.put(name, held);
    return of(copy);
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
    return other instanceof Attributes that
        && names.equals(that.names)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * names.hashCode() + Arrays.hashCode(values);
  }

  /** Returns the values by name, sets in order, so that equal attributes print alike. */
  @Override
  public String toString() {
    return asMap().entrySet().stream()
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
