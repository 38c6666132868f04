package io.lookalike.catalog;

import java.text.Normalizer;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one rule for ids of products and customers, for whoever makes them from files or databases.
 *
 * <p>An id is an opaque text: not blank, without white space, control or invisible characters at
 * either end (but for an emoji's style, U+FE0E or U+FE0F after a symbol), and without half of a
 * surrogate pair, which no file could hold. Within these bounds any text will do, spaces inside
 * included. Ids are compared character by character and are never changed: upper and lower case
 * differ, and so do the composed and the decomposed form of a letter with an accent (Unicode NFC
 * and NFD). Whoever has both forms normalizes before.
 */
public final class Ids {

  private Ids() {}

  /**
   * Checks an id.
   *
   * @param id the id, or null, which is refused
   * @param what what messages call it, such as {@code a product's id}
   * @return the id, unchanged
   * @throws NullPointerException if it is null; the message says what was
   * @throws IllegalArgumentException if it breaks the rule; the message says what and how
   */
  public static String checked(@Nullable String id, String what) {
    String given = given(id, what);
    String problem = problem(given);
    if (problem != null) {
      throw new IllegalArgumentException(what + " " + problem);
    }
    return given;
  }

  /**
   * Checks that there is an id, for whoever looks one up: whether it keeps the rule does not matter
   * there.
   *
   * @param id the id, or null, which is refused
   * @param what what messages call it, such as {@code a product's id}
   * @return the id, unchanged
   * @throws NullPointerException if it is null; the message says what was
   */
  public static String given(@Nullable String id, String what) {
    if (id == null) {
      throw new NullPointerException(what + " is null, expected a text");
    }
    return id;
  }

  /**
   * What is wrong with an id, for readers that skip a row and go on.
   *
   * @param id the id
   * @return null if it keeps the rule, or else words that follow what it is an id of, such as
   *     {@code is blank, expected a text}
   */
  public static @Nullable String problem(String id) {
    if (isPlain(id)) {
      return null;
    }
    if (id.codePoints().allMatch(Ids::isInvisible)) {
      return "is blank, expected a text" + (id.isBlank() ? "" : ", found " + shown(id));
    }
    if (isInvisible(id.codePointAt(0)) || endsInvisibly(id)) {
      return "is \""
          + shown(id)
          + "\", expected no white space and nothing invisible at its ends; strip it";
    }
    return tornText(id);
  }

  /** Whether an id is made of what ASCII draws, as nearly all are: a catalogue has many of them. */
  private static boolean isPlain(String id) {
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) <= ' ' || id.charAt(i) > '~') {
        return false;
      }
    }
    return !id.isEmpty();
  }

  /**
   * What is wrong with a text that is to be kept in a file, where half of a surrogate pair has no
   * form.
   *
   * @param text the text
   * @return null if nothing is, or else words that follow what it is
   */
  public static @Nullable String tornText(String text) {
    return hasNoSurrogates(text) || text.codePoints().noneMatch(Ids::isHalf)
        ? null
        : "is \""
            + shown(text)
            + "\", expected Unicode text; half of a surrogate pair in it stands alone, as where a"
            + " text was cut within an emoji";
  }

  private static boolean hasNoSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * A text for a message, with its invisible characters written out, such as {@code a<U+00A0>}.
   *
   * @param text any text
   * @return the text; plain spaces stay
   */
  public static String shown(String text) {
    var shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c != ' ' && (isInvisible(c) || isHalf(c))) {
                shown.append(String.format("<U+%04X>", c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }

  /**
   * The forms in which Unicode keeps one and the same text, for whoever looks for an id or a file
   * that another system wrote down: macOS decomposes the names of files, most others compose.
   *
   * @param text any text
   * @return the text itself, then its composed form (NFC) and its decomposed form (NFD) where they
   *     differ from it
   */
  public static List<String> forms(String text) {
    return Stream.of(
            text,
            Normalizer.normalize(text, Normalizer.Form.NFC),
            Normalizer.normalize(text, Normalizer.Form.NFD))
        .distinct()
        .toList();
  }

  /** A whole pair is one code point above these. */
  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  static boolean isInvisible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.CONTROL,
          Character.FORMAT ->
          true;
      default -> isIgnorable(codePoint);
    };
  }

  /** Unicode 16's Default_Ignorable_Code_Point beside the categories above; and Braille's blank. */
  private static boolean isIgnorable(int codePoint) {
    return codePoint == 0x034F
        || between(0x115F, codePoint, 0x1160)
        || between(0x17B4, codePoint, 0x17B5)
        || between(0x180B, codePoint, 0x180F)
        || between(0x2060, codePoint, 0x206F)
        || codePoint == 0x2800
        || codePoint == 0x3164
        || between(0xFE00, codePoint, 0xFE0F)
        || codePoint == 0xFFA0
        || between(0xFFF0, codePoint, 0xFFF8)
        || between(0xE0000, codePoint, 0xE0FFF);
  }

  private static boolean between(int first, int codePoint, int last) {
    return first <= codePoint && codePoint <= last;
  }

  /**
   * Whether the end of a text cannot be seen. After a symbol the selectors of its style, U+FE0E and
   * U+FE0F, can: many an emoji is written so, and is another without. After a letter or a digit
   * they draw nothing.
   */
  private static boolean endsInvisibly(String text) {
    int last = text.codePointBefore(text.length());
    if (last != 0xFE0E && last != 0xFE0F || text.length() == 1) {
      return isInvisible(last);
    }
    int before = text.codePointBefore(text.length() - 1);
    return switch (Character.getType(before)) {
      case Character.OTHER_SYMBOL, Character.MATH_SYMBOL, Character.MODIFIER_SYMBOL -> false;
      default -> before != 0x203C && before != 0x2049; // two emoji that count as punctuation
    };
  }
}
