package io.lookalike.datasets;

import java.util.List;

/**
 * What became of a file's rows, or of a folder's files.
 *
 * @param accepted number of those that were handed over
 * @param skipped number of those that were not, because something is wrong with them
 * @param unknownProducts number of purchases, accepted or skipped, of products that are not in the
 *     catalogue; 0 when a catalogue was read
 * @param problems what is wrong, in the order met: the first {@value #MAX_PROBLEMS}. Beside one for
 *     each thing skipped, there is one for each purchase of an unknown product, and one for each
 *     column that a few odd values have turned into text
 */
public record ReadReport(
    long accepted, long skipped, long unknownProducts, List<Problem> problems) {

  /** Number of problems that are kept; all are counted. */
  public static final int MAX_PROBLEMS = 1_000;

  /** Copies the list. */
  public ReadReport {
    problems = List.copyOf(problems);
  }
}
