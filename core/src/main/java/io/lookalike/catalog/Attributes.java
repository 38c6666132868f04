package io.lookalike.catalog;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.github.benmanes.caffeine.cache.Interner;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
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

  private static final Attributes NONE = new Attributes(new Names(new String[0]), new Object[0]);

  /** What an instant's one field is called in JSON. */
  private static final String INSTANT = "instant";

  private final Names names;

  /** In the order of the names. */
  private final Object[] values;

  /** Made when there is something to keep: it takes 30 ms of a first answer. */
  private static final class Shared {
    /** Keeps names in memory once for all products that have the same. */
    static final Interner<Names> NAMES = Interner.newWeakInterner();
  }

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
   * @param values by name: each a {@link String}, {@link Number}, {@link Boolean}, {@link Instant}
   *     or a {@link Set} of texts, as the methods {@code with} take them; copied
   * @return attributes whose {@link #asMap()} has these values
   * @throws IllegalArgumentException if a name is blank, if a value is of another type, or as the
   *     methods {@code with} say
   */
  public static Attributes of(Map<String, ?> values) {
    Objects.requireNonNull(values, "values");
    var copy = new TreeMap<String, Object>();
    values.forEach((name, value) -> copy.put(checked(name), held(name, value)));
    if (copy.isEmpty()) {
      return NONE;
    }
    return new Attributes(
        Shared.NAMES.intern(new Names(copy.keySet().toArray(String[]::new))),
        copy.values().toArray());
  }

  /**
   * A copy that also holds a text.
   *
   * @param name the attribute; replaced if it is there
   * @param value its value
   * @return the new attributes
   * @throws IllegalArgumentException if half of a surrogate pair stands alone in it, which no file
   *     could hold
   */
  public Attributes with(String name, String value) {
    return put(name, value);
  }

  /**
   * A copy that also holds a number. Numbers are one kind, whatever type they come in: 40 and 40.0
   * are one value.
   *
   * @param name the attribute; replaced if it is there
   * @param value its value, finite: any {@code double}, any {@code long}, or what one of them holds
   *     without the loss of a digit
   * @return the new attributes
   * @throws IllegalArgumentException if the value is NaN or infinite, or a {@link
   *     java.math.BigDecimal}, {@link java.math.BigInteger} or the like with more digits
   */
  public Attributes with(String name, Number value) {
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
   * @throws IllegalArgumentException as for a single text
   */
  public Attributes with(String name, Set<String> values) {
    return put(name, values);
  }

  /**
   * One value.
   *
   * @param name the attribute
   * @return a {@link String}, {@link Double}, {@link Boolean}, {@link Instant} or {@code
   *     Set<String>}; a {@link Long} for a whole number below -2^53 or above 2^53 that fits one,
   *     where a double skips some; or null if this product has no such attribute
   */
  public @Nullable Object get(String name) {
    int at = names.indexOf(Objects.requireNonNull(name, "name"));
    return at < 0 ? null : values[at];
  }

  /**
   * A text.
   *
   * @param name the attribute
   * @return its value, or nothing if this product has no such attribute
   * @throws IllegalArgumentException if it is no text
   */
  public Optional<String> text(String name) {
    return Optional.ofNullable(typed(name, String.class, "a text"));
  }

  /**
   * A number.
   *
   * @param name the attribute
   * @return its value, or nothing if this product has no such attribute; of a whole number beyond
   *     2^53 in size the nearest {@code double}, see {@link #wholeNumber}
   * @throws IllegalArgumentException if it is no number
   */
  public OptionalDouble number(String name) {
    Number value = typed(name, Number.class, "a number");
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value.doubleValue());
  }

  /**
   * A whole number, such as a count or a code of digits, exactly.
   *
   * @param name the attribute
   * @return its value, or nothing if this product has no such attribute
   * @throws IllegalArgumentException if it is no number, has a fraction or does not fit a {@code
   *     long}
   */
  public OptionalLong wholeNumber(String name) {
    Number value = typed(name, Number.class, "a number");
    if (value == null) {
      return OptionalLong.empty();
    }
    long whole = value.longValue();
    if (value instanceof Double && whole != value.doubleValue()) {
      throw mistaken(name, value, "a whole number that fits a long");
    }
    return OptionalLong.of(whole);
  }

  /**
   * A truth value.
   *
   * @param name the attribute
   * @return its value, or nothing if this product has no such attribute
   * @throws IllegalArgumentException if it is no truth value
   */
  public Optional<Boolean> flag(String name) {
    return Optional.ofNullable(typed(name, Boolean.class, "a truth value"));
  }

  /**
   * An instant.
   *
   * @param name the attribute
   * @return its value, or nothing if this product has no such attribute
   * @throws IllegalArgumentException if it is no instant
   */
  public Optional<Instant> time(String name) {
    return Optional.ofNullable(typed(name, Instant.class, "an instant"));
  }

  /**
   * A set of texts.
   *
   * @param name the attribute
   * @return its members, unmodifiable; none if this product has no such attribute
   * @throws IllegalArgumentException if it is no set of texts
   */
  @SuppressWarnings("unchecked") // held() lets in sets of texts alone
  public Set<String> texts(String name) {
    Set<String> value = typed(name, Set.class, "a set of texts");
    return value == null ? Set.of() : value;
  }

  private <T> @Nullable T typed(String name, Class<T> type, String expected) {
    Object value = get(name);
    if (value != null && !type.isInstance(value)) {
      throw mistaken(name, value, expected);
    }
    return type.cast(value);
  }

  private static IllegalArgumentException mistaken(String name, Object value, String expected) {
    return new IllegalArgumentException(
        "attribute \"" + name + "\" is " + described(value) + ", expected " + expected);
  }

  /** A value that is held, with its kind. */
  private static String described(Object value) {
    if (value instanceof String text) {
      return "the text \"" + Ids.shown(text) + '"';
    }
    if (value instanceof Number number) {
      return "the number " + Numbers.text(number);
    }
    if (value instanceof Set<?>) {
      return "the set of texts " + shown(value);
    }
    return (value instanceof Instant ? "the instant " : "the truth value ") + value;
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

  /** As JSON has no sets and no instants: lists in order, and objects as in a filter's JSON. */
  @JsonValue
  private Map<String, Object> toJson() {
    var json = new LinkedHashMap<String, Object>();
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      if (value instanceof Number number) {
        value = Numbers.shortest(number);
      } else if (value instanceof Instant instant) {
        value = Map.of(INSTANT, instant.toString());
      } else if (value instanceof Set<?> members) {
        value = new TreeSet<Object>(members);
      }
      json.put(names.ascending[i], value);
    }
    return json;
  }

  /** Reads what {@link #toJson} gives; null is as good as nothing. */
  @JsonCreator
  private static Attributes ofJson(Map<String, @Nullable Object> json) {
    var values = new HashMap<String, Object>();
    json.forEach(
        (name, value) -> {
          if (value instanceof Collection<?> members) {
            values.put(name, new HashSet<Object>(members));
          } else if (value instanceof Map<?, ?> object && object.get(INSTANT) instanceof String t) {
            values.put(name, instant(name, t));
          } else if (value != null) {
            values.put(name, value);
          }
        });
    return of(values);
  }

  private static Instant instant(String name, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "attribute \""
              + name
              + "\" is \""
              + Ids.shown(text)
              + "\", expected an instant such as 2024-03-01T00:00:00Z",
          e);
    }
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
    Objects.requireNonNull(name, "an attribute's name is null, expected a text");
    if (name.isBlank()) {
      throw new IllegalArgumentException("an attribute's name is blank, expected a text");
    }
    String torn = Ids.tornText(name);
    if (torn != null) {
      throw new IllegalArgumentException("an attribute's name " + torn);
    }
    return name;
  }

  /** A value as it is kept. */
  private static Object held(String name, Object value) {
    Objects.requireNonNull(value, () -> "value of attribute \"" + name + "\"");
    if (value instanceof Number number) {
      Number held = Numbers.held(number);
      if (held == null) {
        throw new IllegalArgumentException(
            "attribute \"" + name + "\" is " + Numbers.whyNotHeld(number));
      }
      return held;
    }
    if (value instanceof Set<?> members && members.stream().allMatch(String.class::isInstance)) {
      members.forEach(member -> checkText(name, (String) member));
      return Set.copyOf(members);
    }
    if (value instanceof String text) {
      checkText(name, text);
      return value;
    }
    if (value instanceof Boolean || value instanceof Instant) {
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

  private static void checkText(String name, String text) {
    String torn = Ids.tornText(text);
    if (torn != null) {
      throw new IllegalArgumentException("attribute \"" + name + "\" " + torn);
    }
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
        .map(e -> e.getKey() + "=" + shown(e.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /**
   * A value as people read it.
   *
   * @param value as {@link #get} returns it
   * @return a number with all its digits, such as {@code 10000000001} or {@code 39.9}; members of a
   *     set in order, in brackets; anything else as it prints itself
   */
  public static String shown(Object value) {
    if (value instanceof Number number) {
      return Numbers.text(number);
    }
    return (value instanceof Set<?> set ? new TreeSet<Object>(set) : value).toString();
  }
}
