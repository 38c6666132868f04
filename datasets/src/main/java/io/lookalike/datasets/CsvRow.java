package io.lookalike.datasets;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The row that was parsed last; the next one takes its place. Its values have no white space around
 * them, and become strings only when they are asked for.
 */
final class CsvRow {
  // No valid UTF-8 decodes to half a surrogate pair, so this marks undecodable bytes beyond doubt.
  static final char UNDECODABLE = '\uD800';

  private char[] text = new char[1 << 10];

  /** Value i is the text from ends[i] to ends[i + 1]. */
  private int[] ends = new int[1 << 5];

  private int size;
  private long line;
  private int undecodable = -1;

  /** Where it begins, from 1. */
  long line() {
    return line;
  }

  int size() {
    return size;
  }

  /** The first value that holds bytes which are not UTF-8, or -1. */
  int undecodable() {
    return undecodable;
  }

  String value(int column) {
    return new String(text, ends[column], length(column));
  }

  List<String> values() {
    var values = new ArrayList<String>(size);
    for (int i = 0; i < size; i++) {
      values.add(value(i));
    }
    return values;
  }

  int length(int column) {
    return ends[column + 1] - ends[column];
  }

  char charAt(int column, int index) {
    return text[ends[column] + index];
  }

  boolean has(int column, String value) {
    if (length(column) != value.length()) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      if (charAt(column, i) != value.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  void begin(long line) {
    this.line = line;
    size = 0;
    undecodable = -1;
  }

  void add(char[] buffer, int offset, int length) {
    int from = offset;
    int to = offset + length;
    while (from < to && Character.isWhitespace(buffer[from])) {
      from++;
    }
    while (from < to && Character.isWhitespace(buffer[to - 1])) {
      to--;
    }
    if (undecodable < 0 && undecodable(buffer, from, to)) {
      undecodable = size;
    }
    int start = ends[size];
    int end = start + to - from;
    if (end > text.length) {
      text = Arrays.copyOf(text, Math.max(end, 2 * text.length));
    }
    System.arraycopy(buffer, from, text, start, to - from);
    if (++size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ends[size] = end;
  }

  private static boolean undecodable(char[] text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text[i] == UNDECODABLE && (i + 1 == to || !Character.isLowSurrogate(text[i + 1]))) {
        return true;
      }
    }
    return false;
  }
}
