package io.lookalike.evaluation;

import java.util.Locale;

/**
 * Which of the purchases after the cut count. A question of which none does is left out of the
 * slice; the page that it is answered with is the same.
 */
public enum Slice {
  /** All. */
  ALL("all"),
  /** Of products that had sold before the cut. */
  WARM("sold before"),
  /** Of products that had never sold. */
  COLD("never sold before"),
  /** Of variants of what was consulted, or of something that the customer bought before. */
  VARIANTS("own variants"),
  /** Of other designs. */
  OTHERS("other designs"),
  /** Of products that the customer had not bought before the cut. */
  FIRST("first purchases"),
  /** Of products that the customer had bought before. */
  REPEAT("bought again");

  private final String label;

  Slice(String label) {
    this.label = label;
  }

  /** Its place in arrays of scores. */
  @SuppressWarnings("EnumOrdinal") // of one run only, and dense
  int column() {
    return ordinal();
  }

  /** Returns what tables call it. */
  String label() {
    return label;
  }

  /** Returns the name in files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
