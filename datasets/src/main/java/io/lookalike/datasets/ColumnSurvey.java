package io.lookalike.datasets;

import java.util.EnumMap;
import java.util.Map;

/** Finds a column's type: the narrowest that all its values have. */
final class ColumnSurvey {
  /** If fewer than one value in this many is odd, it may well be a mistake. */
  private static final int RARE = 10;

  private final String column;
  private final Map<ColumnType, Tally> tallies = new EnumMap<>(ColumnType.class);
  private long values;

  /** How many values are not of a type, and the first of these. */
  private static final class Tally {
    long odd;
    long line;
    String value = "";
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
    values++;
    tallies.forEach(
        (type, tally) -> {
          if (type.parse(value) == null) {
            if (tally.odd++ == 0) {
              tally.line = line;
              tally.value = value;
            }
          }
        });
  }

  ColumnType type() {
    for (Map.Entry<ColumnType, Tally> e : tallies.entrySet()) {
      if (values > 0 && e.getValue().odd == 0) {
        return e.getKey();
      }
    }
    return ColumnType.TEXT;
  }

  /** Says so if a few values have made text of a column that is otherwise something else. */
  void noteOddValue(Findings findings) {
    if (type() != ColumnType.TEXT) {
      return;
    }
    tallies.forEach(
        (type, tally) -> {
          if (tally.odd > 0 && tally.odd * RARE < values) {
            findings.note(
                tally.line,
                column
                    + " is \""
                    + tally.value
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
