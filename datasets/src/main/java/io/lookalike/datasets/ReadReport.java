package io.lookalike.datasets;

import java.util.List;

/**
 * What became of a file's rows, or of a folder's files.
 *
 * @param accepted how many were handed over
 * @param skipped how many were not, because something is wrong with them
 * @param unknownProducts how many purchases, accepted or skipped, are of products that are not in
 *     the catalogue; 0 when a catalogue was read
 * @param problems what is wrong, in the order met: the first {@value #MAX_PROBLEMS}. Beside one for
 *     each thing skipped, there is one for each purchase of an unknown product, and one for each
 *     column that a few odd values have turned into text
 */
public record ReadReport(
    long accepted, long skipped, long unknownProducts, List<Problem> problems) {

  /** How many problems are kept; all are counted. */
  public static final int MAX_PROBLEMS = 1_000;

  /** Copies the list. */
  public ReadReport {
    problems = List.copyOf(problems);
  }
}
