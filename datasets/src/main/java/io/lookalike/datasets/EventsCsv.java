package io.lookalike.datasets;

import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.ProgressListener;
import io.lookalike.catalog.Ids;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What customers did, in a CSV file: UTF-8, commas, a header with the columns {@code time}, {@code
 * customer}, {@code event} and {@code product}, and, if wanted, {@code tenant} and {@code id};
 * other columns are ignored.
 *
 * <p>A time is as in {@link PurchasesCsv}; an event is viewed, clicked, added, bought or dismissed.
 * Of events with the same id, which a queue may deliver twice, the first counts; the ids of a file
 * are in memory while it is read. {@code NULL}, {@code NaN} and the like mean none. What cannot be
 * used is reported and the rest is read. Instances are immutable and safe for use by several
 * threads.
 */
public final class EventsCsv {
  private static final List<String> REQUIRED = List.of("time", "customer", "event", "product");

  private final Path file;
  private final boolean strict;

  private EventsCsv(Path file, boolean strict) {
    this.file = Objects.requireNonNull(file, "file");
    this.strict = strict;
  }

  /**
   * The events in a file.
   *
   * @param file the file
   * @return the events; nothing is read yet
   */
  public static EventsCsv of(Path file) {
    return new EventsCsv(file, false);
  }

  /**
   * A copy whose reading fails at the first row that would be skipped.
   *
   * @return the strict events
   */
  public EventsCsv strict() {
    return new EventsCsv(file, true);
  }

  /**
   * Reads the events.
   *
   * @param sink receives each event, in the file's order, on the calling thread
   * @return what was read, and what was not and why
   * @throws DatasetException if there is no such file; if its header lacks a column, names one
   *     twice or cannot be read; and, if {@linkplain #strict() strict}, at the first row that would
   *     be skipped
   * @throws IOException if reading fails
   */
  public ReadReport read(Consumer<Event> sink) throws IOException {
    Objects.requireNonNull(sink, "sink");
    var findings = new Findings(file, strict);
    try (CsvTable table = CsvTable.open(file, REQUIRED, findings)) {
      List<String> columns = table.columns();
      var ids = new EventIds(columns, findings);
      var lineOfId = new HashMap<String, Long>();
      Instant soon = Instant.now().plus(PurchasesCsv.ONE_DAY);
      table.forEach(
          ProgressListener.NONE,
          row -> {
            Event event = event(row, columns, ids, findings);
            if (event != null && isFirst(event.id(), row.line(), lineOfId, findings)) {
              int time = columns.indexOf("time");
              PurchasesCsv.noteFuture(row.line(), row.value(time), event.time(), soon, findings);
              sink.accept(event);
              findings.accept();
            }
          });
    }
    return findings.report();
  }

  /** Whether an event is met for the first time, as it always is without an id. */
  private static boolean isFirst(
      @Nullable String id, long line, Map<String, Long> lineOfId, Findings findings) {
    Long first = id == null ? null : lineOfId.putIfAbsent(id, line);
    if (id != null && first != null) {
      findings.skip(line, "the event " + Ids.shown(id) + " is already on line " + first);
    }
    return first == null;
  }

  /** Makes a row an event, or reports what is wrong with it. */
  private static @Nullable Event event(
      CsvRow row, List<String> columns, EventIds ids, Findings findings) {
    String product = row.value(columns.indexOf("product"));
    String customer = row.value(columns.indexOf("customer"));
    String time = row.value(columns.indexOf("time"));
    String event = row.value(columns.indexOf("event"));
    int tenantColumn = columns.indexOf("tenant");
    String tenant = tenantColumn < 0 ? "" : row.value(tenantColumn);
    Instant instant = ColumnType.instant(time);
    Event.Kind kind = kind(event);
    if (product.isEmpty() || customer.isEmpty()) {
      findings.skip(
          row.line(), "the " + (product.isEmpty() ? "product" : "customer") + " is empty");
    } else if (Charsets.problem(product) != null) {
      findings.skip(row.line(), "the product " + Charsets.problem(product));
    } else if (Charsets.problem(customer) != null) {
      findings.skip(row.line(), "the customer " + Charsets.problem(customer));
    } else if (tenant.indexOf(Charsets.LOST) >= 0) {
      findings.skip(row.line(), "the tenant " + Charsets.problem(tenant));
    } else if (instant == null) {
      findings.skip(row.line(), PurchasesCsv.badTime(time));
    } else if (kind == null) {
      findings.skip(
          row.line(),
          "the event is \""
              + Ids.shown(event)
              + "\", expected viewed, clicked, added, bought or dismissed");
    } else {
      String id = ids.of(row);
      String problem = id == null ? null : Charsets.problem(id);
      if (problem == null) {
        return new Event(new Customer(tenant, customer), kind, product, instant, id);
      }
      findings.skip(row.line(), "the id " + problem);
    }
    return null;
  }

  private static Event.@Nullable Kind kind(String name) {
    for (Event.Kind kind : Event.Kind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
        return kind;
      }
    }
    return null;
  }
}
