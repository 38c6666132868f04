package io.lookalike.cli;

/** How a catalogue and what was bought lie in files, as the command line names it. */
enum CatalogueFormat {
  /** A folder of photos or a CSV file; purchases in a CSV file. */
  AUTO("auto"),
  /** H&amp;M's files. */
  HM("hm");

  private final String label;

  CatalogueFormat(String label) {
    this.label = label;
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return label;
  }
}
