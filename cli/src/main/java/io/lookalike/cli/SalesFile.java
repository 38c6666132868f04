package io.lookalike.cli;

import io.lookalike.Purchase;
import io.lookalike.PurchaseLog;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.datasets.ReadReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a file says was sold, read to its end before any of it is counted. So that the same file may
 * come again: where every row has an id, and the store remembers so many, what was counted before
 * is recognised by them; any other file is all that was sold, in whose place it comes.
 */
final class SalesFile {

  /** How many ids a store remembers. */
  private static final int REMEMBERED = 200_000;

  private final Path file;
  private final Predicate<String> products;

  /** What is sold by this file alone. */
  private final PurchaseLog sums = new PurchaseLog();

  /** The rows, as long as all have ids; then null. */
  private @Nullable List<Purchase> rows = new ArrayList<>();

  private long repeated;
  private boolean namesCustomers;

  private SalesFile(Path file, Predicate<String> products) {
    this.file = file;
    this.products = products;
  }

  /**
   * Reads a CSV file.
   *
   * @param products those that count
   */
  static SalesFile csv(
      Path file, Predicate<String> products, CatalogueOptions options, Console console)
      throws IOException {
    return csv(
        file, products, options.strict(), reason -> options.unusable(reason, console), console);
  }

  /**
   * As {@link #csv(Path, Predicate, CatalogueOptions, Console)}, where anything wrong is an error.
   */
  static SalesFile csv(Path file, Predicate<String> products, Console console) throws IOException {
    return csv(
        file,
        products,
        true,
        reason -> {
          throw new UserErrorException(reason);
        },
        console);
  }

  private static SalesFile csv(
      Path file,
      Predicate<String> products,
      boolean strict,
      Consumer<String> wrong,
      Console console)
      throws IOException {
    var read = new SalesFile(file, products);
    var returns = new ArrayList<Purchase>(); // which may stand before their sales
    try (Console.Progress bar = console.progress("purchases", "bytes", size(file))) {
      PurchasesCsv source = PurchasesCsv.of(file).products(products).progress(bar);
      ReadReport report =
          (strict ? source.strict() : source)
              .read(
                  (purchase, customer) -> {
                    if (purchase.quantity() < 0) {
                      returns.add(purchase);
                    } else {
                      read.add(purchase);
                      read.namesCustomers |= customer != null;
                    }
                  });
      CataloguePath.report(report, console);
    }
    for (Purchase back : returns) {
      try {
        read.add(back);
      } catch (IllegalArgumentException e) {
        wrong.accept(file + ": " + e.getMessage());
      }
    }
    return read;
  }

  /**
   * Reads H&amp;M's transactions.
   *
   * @param products those that count
   * @param byCustomers whether only rows count that tell who bought
   */
  static SalesFile hm(
      Path file,
      Predicate<String> products,
      boolean byCustomers,
      CatalogueOptions options,
      Console console)
      throws IOException {
    var read = new SalesFile(file, products);
    read.rows = null;
    HmDataset all = HmDataset.in(Path.of("")).products(products);
    HmDataset files = options.strict() ? all.strict() : all;
    if (!byCustomers) {
      HmCatalogue.readSales(files, file, read.sums::record, console);
      return read;
    }
    Map<String, Map<LocalDate, Long>> daily = new HashMap<>();
    try (Console.Progress bar = console.progress("purchases", "bytes", size(file))) {
      ReadReport report =
          files
              .transactions(file)
              .progress(bar)
              .readPurchases(
                  (customer, id, day) ->
                      daily.computeIfAbsent(id, sold -> new TreeMap<>()).merge(day, 1L, Long::sum));
      HmCatalogue.report(report, console);
    }
    daily.forEach(read.sums::record);
    read.namesCustomers = !daily.isEmpty();
    return read;
  }

  /** Whether it says of anything that was sold who bought it. */
  boolean namesCustomers() {
    return namesCustomers;
  }

  /** How long a file is, which may lie in a jar; 0 if it is not there, as its reader will say. */
  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private void add(Purchase purchase) {
    if (!sums.record(purchase)) {
      repeated++;
    } else if (rows != null) {
      if (purchase.id() == null || rows.size() == REMEMBERED) {
        rows = null;
      } else {
        rows.add(purchase);
      }
    }
  }

  /** Counts what was sold. */
  void count(PurchaseLog log, Console console) {
    if (rows == null) {
      replace(log);
    } else {
      for (Purchase purchase : rows) {
        try {
          if (!log.record(purchase)) {
            repeated++;
          }
        } catch (IllegalArgumentException e) {
          console.warn(file + ": " + e.getMessage());
        }
      }
    }
    if (repeated > 0) {
      console.note(
          file + ": rows with an id that was met before, which do not count again: " + repeated);
    }
  }

  private void replace(PurchaseLog log) {
    Set<String> ids = new HashSet<>(sums.soldIds());
    log.soldIds().stream().filter(products).forEach(ids::add);
    for (String id : ids) {
      var difference = new TreeMap<LocalDate, Long>(sums.daily(id));
      for (Map.Entry<LocalDate, Long> day : log.daily(id).entrySet()) {
        difference.merge(day.getKey(), -day.getValue(), Long::sum);
      }
      difference.values().removeIf(pieces -> pieces == 0);
      if (!difference.isEmpty()) {
        log.record(id, difference);
      }
    }
  }
}
