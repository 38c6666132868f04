package io.lookalike.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Options as a shell takes them, with values to choose from in braces. In single or double quotes
 * spaces, commas and braces stand for themselves; there are no other escapes.
 *
 * @param parts what stands before, between and after the braces
 * @param choices the values in each pair of braces, one or more, with their quotes
 */
record ChoiceText(List<String> parts, List<List<String>> choices) {

  /**
   * Finds the braces.
   *
   * @throws UserErrorException if a brace or a quote is not closed
   */
  static ChoiceText of(String text) {
    var parts = new ArrayList<String>();
    var choices = new ArrayList<List<String>>();
    List<String> values = null; // of the pair of braces that is open
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isQuote(c)) {
        i = closing(text, i);
      } else if (c == '{' && values == null) {
        parts.add(text.substring(from, i));
        values = new ArrayList<>();
        from = i + 1;
      } else if (c == '{') {
        throw new UserErrorException(
            "a brace opens within braces in " + text + "; put it in quotes, or leave it out");
      } else if (c == '}' && values == null) {
        throw new UserErrorException(
            "the brace } closes none in " + text + "; put it in quotes, or open it with {");
      } else if (values != null && (c == ',' || c == '}')) {
        values.add(text.substring(from, i).strip());
        from = i + 1;
        if (c == '}') {
          choices.add(List.copyOf(values));
          values = null;
        }
      }
    }
    if (values != null) {
      throw new UserErrorException("the brace { is not closed in " + text + "; close it with }");
    }
    parts.add(text.substring(from));
    return new ChoiceText(List.copyOf(parts), List.copyOf(choices));
  }

  /** The options with a value in place of each pair of braces. */
  String with(List<String> values) {
    var text = new StringBuilder(parts.get(0));
    for (int i = 0; i < values.size(); i++) {
      text.append(values.get(i)).append(parts.get(i + 1));
    }
    return text.toString();
  }

  /**
   * Splits a text at its spaces, and takes the quotes away.
   *
   * @throws UserErrorException if a quote is not closed
   */
  static List<String> words(String text) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    boolean begun = false; // by a quote too: two quotes are an empty word
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isQuote(c)) {
        int end = closing(text, i);
        word.append(text, i + 1, end);
        begun = true;
        i = end;
      } else if (!Character.isWhitespace(c)) {
        word.append(c);
        begun = true;
      } else if (begun) {
        words.add(word.toString());
        word.setLength(0);
        begun = false;
      }
    }
    if (begun) {
      words.add(word.toString());
    }
    return words;
  }

  private static boolean isQuote(char c) {
    return c == '\'' || c == '"';
  }

  private static int closing(String text, int quote) {
    int end = text.indexOf(text.charAt(quote), quote + 1);
    if (end < 0) {
      throw new UserErrorException(
          "the quote " + text.charAt(quote) + " is not closed in " + text + "; close it");
    }
    return end;
  }
}
