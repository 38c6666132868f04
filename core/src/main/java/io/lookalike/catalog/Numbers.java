package io.lookalike.catalog;

import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as attributes and filters hold them: a {@link Double}, or a {@link Long} for a whole
 * number beyond 2^53 in size that fits one, since a double skips some of those. Each value has one
 * of these forms only, so that equal numbers are equal objects.
 */
final class Numbers {

  /** Up to here a double holds every whole number. */
  private static final double EXACT = 0x1p53;

  /** Below this, and from its negative on, a whole number fits a long. */
  private static final double LONGS = 0x1p63;

  /** From here on a whole number is written with an exponent, as ECMAScript does it too. */
  private static final double TOO_LONG = 1e21;

  private static final Pattern DECIMAL = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");

  /** No number that a double holds needs more characters, unless they are superfluous zeros. */
  private static final int MOST_CHARACTERS = 1_100;

  private Numbers() {}

  /**
   * A number as it is held.
   *
   * @return null if it is not finite, too large, or has more digits than can be held
   */
  static @Nullable Number held(Number number) {
    if (number instanceof Double || number instanceof Float) {
      Number held = held(number.doubleValue());
      return number.equals(held) ? number : held; // which others may have in memory, too
    }
    if (number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte) {
      return held(number.longValue());
    }
    // BigDecimal, BigInteger, AtomicLong and most that other libraries have print all their digits.
    String text = number.toString();
    return isDecimal(text) ? parse(text) : held(number.doubleValue());
  }

  private static boolean isDecimal(String text) {
    return DECIMAL.matcher(text).matches();
  }

  /**
   * Reads a decimal, such as {@code 12}, {@code -1.50} or {@code 1e17}.
   *
   * @return null if it is too large, or has more digits than can be held
   */
  static @Nullable Number parse(String text) {
    if (text.length() > MOST_CHARACTERS) {
      return null;
    }
    BigDecimal exact;
    try {
      exact = new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null; // of an exponent beyond 2^31
    }
    double near = exact.doubleValue();
    if (near >= -LONGS && near <= LONGS) {
      try {
        return held(exact.longValueExact());
      } catch (ArithmeticException e) {
        // a fraction, or as large as 2^63
      }
    }
    return Double.isFinite(near) && keeps(near, exact, text) ? held(near) : null;
  }

  /**
   * Whether a double keeps a decimal: a whole number that is written out must be the very same, any
   * other the one of its digits that is nearest to the double, since 0.1, too, is no double. So two
   * that differ in their last digit are never the same.
   */
  private static boolean keeps(double near, BigDecimal exact, String text) {
    BigDecimal off = exact.subtract(new BigDecimal(near)).abs();
    boolean digitsAlone = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    return digitsAlone
        ? off.signum() == 0
        : off.add(off).compareTo(exact.stripTrailingZeros().ulp()) <= 0
            || new BigDecimal(Double.toString(near)).compareTo(exact) == 0;
  }

  private static @Nullable Number held(double number) {
    if (Math.abs(number) > EXACT && number >= -LONGS && number < LONGS) { // all of these are whole
      return (long) number;
    }
    return Double.isFinite(number) ? (Number) (number + 0.0) : null; // -0.0 and 0.0 are one value
  }

  private static Number held(long number) {
    if (number >= -(1L << 53) && number <= 1L << 53) {
      return (double) number;
    }
    return number;
  }

  /** Why {@link #held} is null: the number, what is wrong with it and what to do. */
  static String whyNotHeld(Number number) {
    String text = number.toString();
    return text + (isDecimal(text) ? ", which " + problem(text) : ", expected a finite number");
  }

  /**
   * Why {@link #parse} gives null for a decimal.
   *
   * @return words that follow the decimal: what is wrong with it and what to do
   */
  static String problem(String decimal) {
    double near = Double.parseDouble(decimal);
    if (Double.isInfinite(near)) {
      return "is too large";
    }
    return near == 0
        ? "is too close to 0"
        : "has more digits than a number can keep; round it, or make it a text";
  }

  /** Compares two numbers that are held, exactly. */
  static int compare(Number a, Number b) {
    if (a instanceof Double x) {
      return b instanceof Double y ? x.compareTo(y) : -compare(b, a);
    }
    if (b instanceof Double y) {
      // Never equal. Where y is not beyond all longs, it is nearer to 0 than a, so may be cut.
      return Math.abs(y) >= LONGS ? (y > 0 ? -1 : 1) : Long.compare(a.longValue(), y.longValue());
    }
    return Long.compare(a.longValue(), b.longValue());
  }

  /** A number that is held, as a long where that is the same, since it prints all its digits. */
  static Number shortest(Number number) {
    double real = number.doubleValue();
    return number instanceof Double && real == Math.rint(real) && Math.abs(real) <= EXACT
        ? (Number) (long) real
        : number;
  }

  /** A number that is held, to the digit: {@code 40}, {@code 39.9}, {@code 100000000000000001}. */
  static String text(Number number) {
    double real = number.doubleValue();
    return number instanceof Double && real == Math.rint(real) && Math.abs(real) < TOO_LONG
        ? new BigDecimal(real).toPlainString()
        : number.toString();
  }
}
