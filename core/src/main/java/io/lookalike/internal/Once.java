package io.lookalike.internal;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rule of all builders: nothing is set twice. */
public final class Once {

  /** How {@link Object#toString} shows an object: of no use to a reader. */
  private static final Pattern IDENTITY = Pattern.compile("[\\w.$/\\[;]+@[0-9a-f]+");

  private Once() {}

  /**
   * Checks a builder's setting.
   *
   * @param <T> its type
   * @param name what the caller calls it
   * @param before what it was set to, or null
   * @param value what it shall be
   * @return the value
   * @throws NullPointerException if the value is null; names the setting
   * @throws IllegalStateException if it was already set; names the setting and both values
   */
  public static <T> T once(String name, @Nullable T before, T value) {
    if (value == null) {
      throw new NullPointerException(name + " is null, expected a value");
    }
    if (before != null) {
      throw new IllegalStateException(
          name + " was already set to " + shown(before) + ", then came " + shown(value));
    }
    return value;
  }

  /**
   * Checks a builder's setting that is a number of a range.
   *
   * @param name what the caller calls it
   * @param before what it was set to, or null
   * @param value what it shall be
   * @param from the least that it may be
   * @param to the greatest
   * @return the value
   * @throws IllegalArgumentException if it is outside; names the setting and the range
   * @throws IllegalStateException if it was already set; names the setting and both values
   */
  public static int once(String name, @Nullable Integer before, int value, int from, int to) {
    once(name, before, value);
    if (value < from || value > to) {
      throw new IllegalArgumentException(
          name + " is " + value + ", expected " + from + " to " + to);
    }
    return value;
  }

  /**
   * A value as a reader can recognise it: by its text, or by its class where it has none.
   *
   * @param value any
   * @return its text
   */
  public static String shown(Object value) {
    String text = value.toString();
    if (!IDENTITY.matcher(text).matches()) {
      return text;
    }
    Class<?> type = value.getClass();
    if (type.isHidden()) {
      return "a lambda of " + type.getName().replaceFirst("\\$\\$Lambda.*", "");
    }
    if (type.isAnonymousClass()) {
      return "an anonymous class of " + type.getEnclosingClass().getName();
    }
    String name = type.getCanonicalName();
    return "an object of " + (name == null ? type.getName() : name);
  }
}
