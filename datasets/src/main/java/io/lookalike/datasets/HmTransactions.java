package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/** Reads transactions, as {@link HmDataset} describes it. */
final class HmTransactions {
  static final String DAY = "t_dat";
  private static final int NO_DAY = Integer.MIN_VALUE;
  private static final int SECONDS_A_DAY = 86_400;

  private final Findings findings;
  private final DailySales sales;
  private final int dayColumn;
  private final int idColumn;

  // The file is in the order of days, so that many rows in a row say the same.
  private String lastDay = "";
  private int lastEpochDay = NO_DAY;

  private HmTransactions(Findings findings, DailySales sales, List<String> columns) {
    this.findings = findings;
    this.sales = sales;
    this.dayColumn = columns.indexOf(DAY);
    this.idColumn = columns.indexOf(HmArticles.ID);
  }

  static ReadReport read(
      Path file,
      boolean strict,
      ProgressListener listener,
      Predicate<? super String> known,
      HmDataset.SalesSink sink)
      throws IOException {
    var findings = new Findings(file, strict);
    var sales = new DailySales(known);
    try (CsvTable table = CsvTable.open(file, List.of(DAY, HmArticles.ID), findings)) {
      var reading = new HmTransactions(findings, sales, table.columns());
      table.forEach(listener, reading::sale);
    }
    sales.forEach(sink);
    return findings.report();
  }

  private void sale(CsvRow row) {
    if (!row.has(dayColumn, lastDay)) {
      lastDay = row.value(dayColumn);
      Instant time = ColumnType.instant(lastDay);
      lastEpochDay =
          time == null ? NO_DAY : (int) Math.floorDiv(time.getEpochSecond(), SECONDS_A_DAY);
    }
    if (lastEpochDay == NO_DAY) {
      findings.skip(row.line(), DAY + " is \"" + lastDay + "\", expected a day such as 2018-09-20");
      return;
    }
    long id = number(row);
    if (id < 0) {
      findings.skip(
          row.line(),
          HmArticles.ID + " is \"" + row.value(idColumn) + "\", " + HmArticles.EXPECTED_ID);
      return;
    }
    int article = sales.article(id);
    if (sales.isKnown(article)) {
      sales.add(article, lastEpochDay);
      findings.accept();
    } else {
      findings.unknownProduct();
      if (sales.firstOfUnknown(article)) {
        findings.skip(
            row.line(), "the article " + DailySales.text(id) + " is not in the catalogue");
      } else {
        findings.skipAgain();
      }
    }
  }

  /** Reads the id's 9 or 10 digits as a number; returns -1 if it has none such. */
  private long number(CsvRow row) {
    int length = row.length(idColumn);
    if (length != DailySales.ID_DIGITS && length != DailySales.ID_DIGITS - 1) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      int digit = row.charAt(idColumn, i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
