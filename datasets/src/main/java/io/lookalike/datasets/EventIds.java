package io.lookalike.datasets;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The column {@code id} of what happened once. Databases and pandas write {@code NULL} or {@code
 * nan} where there is none, which taken for an id would make all these one.
 */
final class EventIds {
  private final int column;
  private final Findings findings;
  private boolean missingNoted;

  EventIds(List<String> columns, Findings findings) {
    this.column = columns.indexOf("id");
    this.findings = findings;
  }

  /** The row's id; null if it has none. */
  @Nullable String of(CsvRow row) {
    String id = column < 0 ? "" : row.value(column);
    if (!ColumnType.isMissing(id)) {
      return id.isEmpty() ? null : id;
    }
    if (!missingNoted) {
      findings.note(
          row.line(), "the id is \"" + id + "\", taken for a missing value, which means no id");
    }
    missingNoted = true;
    return null;
  }
}
