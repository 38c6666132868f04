package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads transactions, as {@link HmDataset} describes it. */
final class HmTransactions {
  static final String DAY = "t_dat";
  private static final String CUSTOMER = "customer_id";
  private static final int NO_DAY = Integer.MIN_VALUE;
  private static final int SECONDS_A_DAY = 86_400;

  private final Instant soon = Instant.now().plus(PurchasesCsv.ONE_DAY);
  private final Findings findings;
  private final DailySales sales;
  private final int dayColumn;
  private final int idColumn;
  private final int customerColumn;

  // The file is in the order of days, so that many rows in a row say the same.
  private String lastDay = "";
  private @Nullable Instant lastInstant;
  private int lastEpochDay = NO_DAY;
  private LocalDate lastDate = LocalDate.EPOCH;
  private String lastCustomer = "";
  private @Nullable String badCustomer;

  /** The ids as texts, of the articles that were met. */
  private @Nullable String[] texts = new String[1 << 10];

  private HmTransactions(Findings findings, DailySales sales, List<String> columns) {
    this.findings = findings;
    this.sales = sales;
    this.dayColumn = columns.indexOf(DAY);
    this.idColumn = columns.indexOf(HmArticles.ID);
    this.customerColumn = columns.indexOf(CUSTOMER);
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

  static ReadReport readEach(
      Path file,
      boolean strict,
      ProgressListener listener,
      Predicate<? super String> known,
      HmDataset.PurchaseSink sink)
      throws IOException {
    var findings = new Findings(file, strict);
    try (CsvTable table = CsvTable.open(file, List.of(DAY, HmArticles.ID, CUSTOMER), findings)) {
      var reading = new HmTransactions(findings, new DailySales(known), table.columns());
      table.forEach(listener, row -> reading.purchase(row, sink));
    }
    return findings.report();
  }

  /** Hands over a row's purchase, or reports what is wrong with it. */
  private void purchase(CsvRow row, HmDataset.PurchaseSink sink) {
    if (row.length(customerColumn) == 0) {
      findings.skip(row.line(), CUSTOMER + " is empty");
      return;
    }
    int article = knownArticle(row);
    if (article < 0) {
      return;
    }
    if (!row.has(customerColumn, lastCustomer)) { // who buys several pieces has several rows
      lastCustomer = row.value(customerColumn);
      badCustomer = Charsets.problem(lastCustomer);
    }
    if (badCustomer != null) {
      findings.skip(row.line(), CUSTOMER + " " + badCustomer);
      return;
    }
    if (article >= texts.length) {
      texts = Arrays.copyOf(texts, Math.max(2 * texts.length, article + 1));
    }
    String text = texts[article];
    if (text == null) {
      text = sales.text(article);
      texts[article] = text;
    }
    if (lastDate.toEpochDay() != lastEpochDay) {
      lastDate = LocalDate.ofEpochDay(lastEpochDay);
    }
    sink.purchase(lastCustomer, text, lastDate);
    findings.accept();
  }

  private void sale(CsvRow row) {
    int article = knownArticle(row);
    if (article >= 0) {
      sales.add(article, lastEpochDay);
      findings.accept();
    }
  }

  /** Reads day and article; reports what is wrong with them, and returns -1 then. */
  private int knownArticle(CsvRow row) {
    if (!row.has(dayColumn, lastDay)) {
      lastDay = row.value(dayColumn);
      Instant time = ColumnType.instant(lastDay);
      lastInstant = time;
      lastEpochDay =
          time == null ? NO_DAY : (int) Math.floorDiv(time.getEpochSecond(), SECONDS_A_DAY);
    }
    if (lastInstant == null) {
      findings.skip(row.line(), DAY + " is \"" + lastDay + "\", expected a day such as 2018-09-20");
      return -1;
    }
    PurchasesCsv.noteFuture(row.line(), lastDay, lastInstant, soon, findings);
    long id = number(row);
    if (id < 0) {
      findings.skip(
          row.line(),
          HmArticles.ID + " is \"" + row.value(idColumn) + "\", " + HmArticles.EXPECTED_ID);
      return -1;
    }
    int article = sales.article(id);
    if (sales.isKnown(article)) {
      return article;
    }
    findings.unknownProduct();
    if (sales.firstOfUnknown(article)) {
      findings.skip(row.line(), "the article " + DailySales.text(id) + " is not in the catalogue");
    } else {
      findings.skipAgain();
    }
    return -1;
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
