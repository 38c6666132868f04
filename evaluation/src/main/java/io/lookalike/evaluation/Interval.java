package io.lookalike.evaluation;

import java.util.Locale;

/**
 * A figure and how sure it is. Immutable.
 *
 * @param value the figure itself; NaN if there is nothing to take it of
 * @param low the lower end of its interval
 * @param high the upper end
 */
public record Interval(double value, double low, double high) {

  /**
   * Whether a number lies within the interval.
   *
   * @param number the number
   * @return true from low to high
   */
  public boolean contains(double number) {
    return number >= low && number <= high;
  }

  /** Returns the figure with its interval, such as {@code 0.1234 [0.1200, 0.1270]}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", value, low, high);
  }
}
