package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.Purchase;
import io.lookalike.catalog.Ids;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Purchases in a CSV file: UTF-8, commas, a header with the columns {@code product} and {@code
 * time}, and, if wanted, {@code customer}, {@code quantity} and {@code id}; other columns are
 * ignored.
 *
 * <pre>{@code
 * ReadReport report = PurchasesCsv.of(Path.of("purchases.csv"))
 *     .products(ids::contains)
 *     .read((purchase, customer) -> log.record(purchase));
 * }</pre>
 *
 * <p>A time is a date ({@code 2024-03-01}, which means its first instant) or a date and a time of
 * day ({@code 2024-03-01 12:30}, {@code 2024-03-01T12:30:00.5Z}, {@code 2024-03-01 12:30:00+01:00},
 * also {@code +0100}, {@code +01} and {@code UTC}, with a space before it or none); without an
 * offset it is UTC. One that is yet to come is reported, and read. A quantity is a whole number of
 * at least 1 ({@code 2}, {@code 2.0}); none, or {@code NULL}, {@code NaN} and the like, means 1.
 * Two equal rows are two purchases, unless they have the same id; {@code NULL}, {@code NaN} and the
 * like mean none.
 *
 * <p>What cannot be used is reported and the rest is read. Nothing is held in memory. Instances are
 * immutable and safe for use by several threads.
 */
public final class PurchasesCsv {
  private static final List<String> REQUIRED = List.of("product", "time");

  /** No clock on Earth is farther ahead of UTC than this. */
  static final Duration ONE_DAY = Duration.ofDays(1);

  private final Path file;
  private final boolean strict;
  private final ProgressListener listener;
  private final Predicate<? super String> known;
  private final boolean keepUnknown;

  /** Receives purchases. */
  @FunctionalInterface
  public interface Sink {
    /**
     * A purchase has been read.
     *
     * @param purchase what was bought, when, and how many; a return may come before its sale
     * @param customer who bought it, an id by the {@linkplain Ids rule for ids}; or null if the
     *     file does not say
     */
    void purchase(Purchase purchase, @Nullable String customer);
  }

  private PurchasesCsv(
      Path file,
      boolean strict,
      ProgressListener listener,
      Predicate<? super String> known,
      boolean keepUnknown) {
    this.file = Objects.requireNonNull(file, "file");
    this.strict = strict;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.known = Objects.requireNonNull(known, "known");
    this.keepUnknown = keepUnknown;
  }

  /**
   * The purchases in a file.
   *
   * @param file the file
   * @return the purchases; nothing is read yet
   */
  public static PurchasesCsv of(Path file) {
    return new PurchasesCsv(file, false, ProgressListener.NONE, id -> true, false);
  }

  /**
   * A copy that knows the catalogue: purchases of other products are reported, and skipped unless
   * {@linkplain #keepUnknown() kept}. An id that is known in another Unicode form (NFC, NFD) is
   * that one.
   *
   * @param known whether the catalogue has a product of this id
   * @return the purchases
   */
  public PurchasesCsv products(Predicate<? super String> known) {
    return new PurchasesCsv(file, strict, listener, known, keepUnknown);
  }

  /**
   * A copy that also hands over purchases of products that the catalogue does not have (yet).
   *
   * @return the purchases
   */
  public PurchasesCsv keepUnknown() {
    return new PurchasesCsv(file, strict, listener, known, true);
  }

  /**
   * A copy whose reading fails at the first row that would be skipped.
   *
   * @return the strict purchases
   */
  public PurchasesCsv strict() {
    return new PurchasesCsv(file, true, listener, known, keepUnknown);
  }

  /**
   * A copy whose reading reports progress, in bytes of the file.
   *
   * @param listener told after every thousand rows and at the end
   * @return the purchases
   */
  public PurchasesCsv progress(ProgressListener listener) {
    return new PurchasesCsv(file, strict, listener, known, keepUnknown);
  }

  /**
   * Reads the purchases.
   *
   * @param sink receives each purchase, in the file's order, on the calling thread; what it throws
   *     ends the reading
   * @return what was read, and what was not and why
   * @throws DatasetException if there is no such file; if its header lacks a column, names one
   *     twice or cannot be read; and, if {@linkplain #strict() strict}, at the first row that would
   *     be skipped
   * @throws IOException if reading fails
   */
  public ReadReport read(Sink sink) throws IOException {
    Objects.requireNonNull(sink, "sink");
    var findings = new Findings(file, strict);
    try (CsvTable table = CsvTable.open(file, REQUIRED, findings)) {
      var columns = new Columns(table.columns(), findings);
      table.forEach(
          listener,
          row -> {
            Purchase purchase = columns.purchase(row);
            Purchase wanted = purchase == null ? null : wanted(purchase, row.line(), findings);
            if (wanted != null) {
              sink.purchase(wanted, columns.customer(row));
              findings.accept();
            }
          });
    }
    return findings.report();
  }

  /** Reports a time that has not come yet, whatever the time zone. */
  static void noteFuture(long line, String text, Instant time, Instant soon, Findings findings) {
    if (time.isAfter(soon)) {
      findings.note(line, "the time is \"" + text + "\", which is yet to come");
    }
  }

  static String badTime(String time) {
    return "the time is \""
        + Ids.shown(time)
        + "\", expected a date such as 2024-03-01 or a time such as 2024-03-01 12:30:00";
  }

  /** The purchase under the id that the catalogue has, or null if it is to be skipped. */
  private @Nullable Purchase wanted(Purchase purchase, long line, Findings findings) {
    String product = purchase.productId();
    if (known.test(product)) {
      return purchase;
    }
    for (String form : Ids.forms(product)) {
      if (known.test(form)) {
        return new Purchase(form, purchase.time(), purchase.quantity(), purchase.id());
      }
    }
    findings.unknownProduct();
    String reason = "the product " + Ids.shown(product) + " is not in the catalogue";
    if (keepUnknown) {
      findings.note(line, reason);
    } else {
      findings.skip(line, reason);
    }
    return keepUnknown ? purchase : null;
  }

  /** Where the columns are, and what their values mean. */
  private static final class Columns {
    private final Findings findings;
    private final int product;
    private final int time;
    private final int customer;
    private final int quantity;
    private final EventIds eventIds;

    private final Instant soon = Instant.now().plus(ONE_DAY);
    private boolean missingNoted;

    // Sales come in the order of time, so that many rows in a row say the same.
    private String lastTime = "";
    private @Nullable Instant lastInstant;

    Columns(List<String> names, Findings findings) {
      this.findings = findings;
      product = names.indexOf("product");
      time = names.indexOf("time");
      customer = names.indexOf("customer");
      quantity = names.indexOf("quantity");
      eventIds = new EventIds(names, findings);
    }

    @Nullable String customer(CsvRow row) {
      String value = customer < 0 ? "" : row.value(customer);
      return value.isEmpty() ? null : value;
    }

    /** Makes a row a purchase, or reports what is wrong with it. */
    @Nullable Purchase purchase(CsvRow row) {
      String id = row.value(product);
      if (id.isEmpty()) {
        findings.skip(row.line(), "the product is empty");
        return null;
      }
      String problem = Charsets.problem(id);
      if (problem != null) {
        findings.skip(row.line(), "the product " + problem);
        return null;
      }
      if (!row.has(time, lastTime)) {
        lastTime = row.value(time);
        lastInstant = ColumnType.instant(lastTime);
      }
      if (lastInstant == null) {
        findings.skip(row.line(), badTime(lastTime));
        return null;
      }
      noteFuture(row.line(), lastTime, lastInstant, soon, findings);
      long pieces = 1;
      String number = quantity < 0 ? "" : row.value(quantity);
      if (ColumnType.isMissing(number)) {
        if (!missingNoted) {
          findings.note(
              row.line(),
              "the quantity is \"" + number + "\", taken for a missing value, which means 1");
        }
        missingNoted = true;
      } else if (!number.isEmpty()) {
        pieces = wholeNumber(number);
        if (pieces == 0) {
          findings.skip(
              row.line(),
              "the quantity is \""
                  + number
                  + "\", expected a whole number from 1, or to -1 for what came back");
          return null;
        }
      }
      String event = eventIds.of(row);
      String badEvent = event == null ? null : Charsets.problem(event);
      if (badEvent != null) {
        findings.skip(row.line(), "the id " + badEvent);
        return null;
      }
      String buyer = customer(row);
      String badBuyer = buyer == null ? null : Charsets.problem(buyer);
      if (badBuyer != null) {
        findings.skip(row.line(), "the customer " + badBuyer);
        return null;
      }
      return new Purchase(id, lastInstant, pieces, event);
    }

    /** As pandas writes it too, {@code 2.0}. */
    private static long wholeNumber(String value) {
      try {
        return Long.parseLong(value);
      } catch (NumberFormatException e) {
        return ColumnType.NUMBER.parse(value) instanceof Number number
                && number.doubleValue() == number.longValue()
            ? number.longValue()
            : 0;
      }
    }
  }
}
