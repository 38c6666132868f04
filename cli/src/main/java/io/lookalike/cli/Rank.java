package io.lookalike.cli;

import java.util.Locale;

/** What the page is ordered by. */
enum Rank {
  SALES("those that sold, the most sold first"),
  BALANCED("by looks and recent sales alike"),
  SIMILARITY("the nearest first"),
  PAPER("of the nearest ten, those that sold, the most sold first");

  /** The order in words. */
  final String remark;

  Rank(String remark) {
    this.remark = remark;
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
