package io.lookalike.datasets;

import de.siegmar.fastcsv.reader.CsvCallbackHandler;
import de.siegmar.fastcsv.reader.RecordType;

/** Puts what the parser finds into a row, and knows where one began that it could not parse. */
final class RowHandler extends CsvCallbackHandler<CsvRow> {
  private final CsvRow row = new CsvRow();
  private boolean empty;

  /** Number of lines before the text that is being parsed. */
  long linesBefore;

  /** Where the row began that was parsed last, or that failed. */
  long line() {
    return row.line();
  }

  @Override
  protected RecordType getRecordType() {
    return empty ? RecordType.EMPTY : RecordType.DATA;
  }

  @Override
  protected int getFieldCount() {
    return row.size();
  }

  @Override
  protected void beginRecord(long startingLineNumber) {
    row.begin(linesBefore + startingLineNumber);
    empty = false;
  }

  @Override
  protected void addField(char[] buffer, int offset, int length, boolean quoted) {
    row.add(buffer, offset, length);
  }

  @Override
  protected void setComment(char[] buffer, int offset, int length) {
    throw new IllegalStateException("comments are not enabled");
  }

  @Override
  protected void setEmpty() {
    empty = true;
  }

  @Override
  protected CsvRow buildRecord() {
    return row;
  }
}
