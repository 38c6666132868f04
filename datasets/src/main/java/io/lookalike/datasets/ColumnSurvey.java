package io.lookalike.datasets;

import io.lookalike.catalog.Ids;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Finds a column's type: the narrowest that all its values have, but for those that stand for none.
 */
final class ColumnSurvey {
  /** If fewer than one value in this many is odd, it may well be a mistake. */
  private static final int RARE = 10;

  /** A number that is written as briefly as can be. */
  private static final Pattern BRIEF = Pattern.compile("-?\\d+(\\.\\d*[1-9])?");

  private static final int EXPONENT = -1;

  private final String column;
  private final Map<ColumnType, Tally> tallies = new EnumMap<>(ColumnType.class);
  private final Tally missing = new Tally();
  private long values;
  private boolean brief = true;
  private boolean equallyLong = true;
  private int decimals;

  /** Number of values that are not of a type, or are missing, and the first of these. */
  private static final class Tally {
    long odd;
    long line;
    String value = "";

    void add(long line, String value) {
      if (odd++ == 0) {
        this.line = line;
        this.value = value;
      }
    }
  }

  ColumnSurvey(String column) {
    this.column = column;
    for (ColumnType type : ColumnType.values()) {
      tallies.put(type, new Tally());
    }
  }

  void add(long line, String value) {
    if (value.isEmpty()) {
      return;
    }
    if (ColumnType.isMissing(value)) {
      missing.add(line, value);
      return;
    }
    values++;
    tallies.forEach(
        (type, tally) -> {
          if (type.parse(value) == null) {
            tally.add(line, value);
          }
        });
    int found = decimals(value);
    decimals = values == 1 ? found : decimals;
    equallyLong &= found == decimals && found != EXPONENT;
    brief = brief && BRIEF.matcher(value).matches();
  }

  private static int decimals(String number) {
    int dot = number.indexOf('.');
    return number.indexOf('e') >= 0 || number.indexOf('E') >= 0
        ? EXPONENT
        : dot < 0 ? 0 : number.length() - 1 - dot;
  }

  ColumnType type() {
    for (Map.Entry<ColumnType, Tally> e : tallies.entrySet()) {
      if (values > 0 && e.getValue().odd == 0) {
        return e.getKey();
      }
    }
    return ColumnType.TEXT;
  }

  /** Whether these are numbers, one of which may be written in two ways, as 12.1 and 12.10. */
  boolean mayRepeatNumbers() {
    return type() == ColumnType.NUMBER && !equallyLong && !brief;
  }

  /**
   * Says so if a few values have made text of a column that is otherwise something else, or if some
   * were taken for missing.
   */
  void noteOddValues(Findings findings) {
    if (type() != ColumnType.TEXT) {
      if (missing.odd > 0) {
        findings.note(
            missing.line,
            Ids.shown(column)
                + " is \""
                + Ids.shown(missing.value)
                + "\", taken for a missing value"
                + (missing.odd > 1 ? ", as in " + (missing.odd - 1) + " more rows" : "")
                + ", while "
                + values
                + " values are "
                + type());
      }
      return;
    }
    tallies.forEach(
        (type, tally) -> {
          if (tally.odd > 0 && tally.odd * RARE < values) {
            findings.note(
                tally.line,
                Ids.shown(column)
                    + " is \""
                    + Ids.shown(tally.value)
                    + "\", while "
                    + (values - tally.odd)
                    + " of "
                    + values
                    + " values are "
                    + type
                    + "; the whole column was read as text");
          }
        });
  }
}
