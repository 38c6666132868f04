package io.lookalike.datasets;

import de.siegmar.fastcsv.reader.CsvCallbackHandler;
import de.siegmar.fastcsv.reader.RecordType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes rows of what the parser finds, and knows where a row began that it could not parse. */
final class RowHandler extends CsvCallbackHandler<CsvRow> {
  private List<String> values = new ArrayList<>();
  private int undecodable = -1;
  private boolean empty;

  /** Where the row began that was parsed last, or that failed. */
  long line;

  @Override
  protected RecordType getRecordType() {
    return empty ? RecordType.EMPTY : RecordType.DATA;
  }

  @Override
  protected int getFieldCount() {
    return values.size();
  }

  @Override
  protected void beginRecord(long startingLineNumber) {
    line = startingLineNumber;
    values = new ArrayList<>(values.size());
    undecodable = -1;
    empty = false;
  }

  @Override
  protected void addField(char[] buffer, int offset, int length, boolean quoted) {
    if (undecodable < 0 && CsvTable.undecodable(buffer, offset, length)) {
      undecodable = values.size();
    }
    values.add(new String(buffer, offset, length).strip());
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
    return new CsvRow(line, Collections.unmodifiableList(values), undecodable);
  }
}
