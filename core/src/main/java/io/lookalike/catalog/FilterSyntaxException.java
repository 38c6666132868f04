package io.lookalike.catalog;

/** A filter's text that cannot be read. The message shows the text and points at the column. */
public final class FilterSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Where reading stopped, from 1. */
  private final int column;

  FilterSyntaxException(String text, int column, String problem) {
    super("filter \"" + Ids.shown(text) + "\", column " + column + ": " + problem);
    this.column = column;
  }

  /**
   * Where reading stopped.
   *
   * @return the column, from 1; one past the end where the text ends too early
   */
  public int column() {
    return column;
  }
}
