package io.lookalike.datasets;

import java.util.List;

/**
 * A parsed row.
 *
 * @param line where it begins, from 1
 * @param values without white space around them
 * @param undecodable the first value that holds bytes which are not UTF-8, or -1
 */
record CsvRow(long line, List<String> values, int undecodable) {

  /** The row with its line counted from further up. */
  CsvRow after(long lines) {
    return lines == 0 ? this : new CsvRow(lines + line, values, undecodable);
  }
}
