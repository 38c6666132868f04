package io.lookalike.datasets;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a photo's name says where a product has several: its id, an underscore or a hyphen, and a
 * number; the id alone is the first.
 *
 * @param id the product's
 * @param number 0 for the id alone
 */
record NumberedName(String id, int number) {

  private static final Pattern NUMBERED = Pattern.compile("(.+)[_-](\\d{1,3})", Pattern.DOTALL);

  /**
   * Reads a name.
   *
   * @param name of a file, without what comes after the dot
   */
  static NumberedName of(String name) {
    Matcher numbered = NUMBERED.matcher(name);
    return numbered.matches()
        ? new NumberedName(numbered.group(1), Integer.parseInt(numbered.group(2)))
        : new NumberedName(name, 0);
  }
}
