package io.lookalike.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.StoreInfo;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.vectors.NpyMatrix;
import io.lookalike.datasets.vectors.NpyWriter;
import io.lookalike.datasets.vectors.RowIds;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A store's catalogue as files that other programs read, and that a store is made of again: {@code
 * products.csv} ({@link ProductTable}), {@code features.npy} with {@code features.ids.csv} in the
 * same order, {@code sales.csv} by product and day, {@code purchase-ids.csv}, {@code events.csv} of
 * the sessions, {@code transform.bin}, and {@code manifest.json}, which is written last.
 */
final class StoreFiles {

  private static final String FORMAT = "lookalike-export-1";
  private static final String MANIFEST = "manifest.json";
  private static final String PRODUCTS = "products.csv";
  private static final String FEATURES = "features.npy";
  private static final String TRANSFORM = "transform.bin";
  private static final String SALES = "sales.csv";
  private static final String PURCHASE_IDS = "purchase-ids.csv";
  private static final String EVENTS = "events.csv";
  private static final List<String> EVENTS_COLUMNS =
      List.of("time", "customer", "event", "product", "tenant", "id");
  private static final List<String> SALES_COLUMNS = List.of("product", "day", "pieces");

  private StoreFiles() {}

  /** How much went through. */
  record Count(long products, long features, long pieces, long events) {
    @Override
    public String toString() {
      return products
          + " products, "
          + features
          + " of them with features, "
          + pieces
          + " pieces sold, and "
          + events
          + " events of sessions";
    }
  }

  // ---- writing

  /**
   * Writes a store's files.
   *
   * @param folder a new or empty folder
   */
  static Count export(CatalogueStore store, StoreInfo info, Path folder) throws IOException {
    Files.createDirectories(folder);
    long change = store.lastChange();
    Count count;
    try (NewFile products = NewFile.at(folder.resolve(PRODUCTS));
        NewFile features = NewFile.at(folder.resolve(FEATURES));
        NewFile ids = NewFile.at(RowIds.beside(folder.resolve(FEATURES)));
        NewFile sales = NewFile.at(folder.resolve(SALES));
        NewFile purchaseIds = NewFile.at(folder.resolve(PURCHASE_IDS));
        NewFile events = NewFile.at(folder.resolve(EVENTS))) {
      long[] rows = writeProducts(store, info, products, features, ids);
      count = new Count(rows[0], rows[1], writeSales(store, sales), writeEvents(store, events));
      writeIds(store, purchaseIds);
      Optional<StoredTransform> transform = store.transform(info.network());
      if (transform.isPresent()) {
        try (NewFile body = NewFile.at(folder.resolve(TRANSFORM))) {
          Channels.newOutputStream(body.channel()).write(transform.get().body());
          body.commit();
        }
      }
      if (store.lastChange() != change) {
        throw new StoreException(
            "the store was changed by another process while it was exported; do it again");
      }
      for (NewFile file : List.of(products, features, ids, sales, purchaseIds, events)) {
        file.commit();
      }
      try (NewFile manifest = NewFile.at(folder.resolve(MANIFEST))) {
        manifest.write(manifest(info, transform, count));
        manifest.commit();
      }
    }
    return count;
  }

  private static String manifest(StoreInfo info, Optional<StoredTransform> transform, Count count)
      throws IOException {
    var manifest = new LinkedHashMap<String, Object>();
    manifest.put("format", FORMAT);
    manifest.put("extractor", info.extractor());
    manifest.put("dimension", info.dimension());
    transform.ifPresent(
        fitted ->
            manifest.put(
                "transform",
                Map.of(
                    "rule", fitted.rule(),
                    "version", fitted.version(),
                    "description", fitted.description())));
    manifest.put("products", count.products);
    manifest.put("features", count.features);
    manifest.put("pieces", count.pieces);
    manifest.put("events", count.events);
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(manifest) + "\n";
  }

  private static CsvWriter csv(NewFile file) {
    return CsvWriter.builder()
        .lineDelimiter(LineDelimiter.LF)
        .build(Channels.newWriter(file.channel(), StandardCharsets.UTF_8));
  }

  private static long[] writeProducts(
      CatalogueStore store, StoreInfo info, NewFile products, NewFile features, NewFile ids)
      throws IOException {
    var columns = new TreeSet<ProductTable.Column>();
    try (StoreCursor<StoredProduct> all = store.products(info.network(), 0)) {
      while (all.hasNext()) {
        ProductTable.collect(Objects.requireNonNull(all.next().attributes()), columns);
      }
    }
    var table = new ProductTable(columns);
    CsvWriter rows = csv(products);
    CsvWriter named = csv(ids);
    var vectors = new NpyWriter(features.channel(), info.dimension());
    rows.writeRecord(table.titles());
    named.writeRecord(RowIds.COLUMN);
    long count = 0;
    long withFeatures = 0;
    try (StoreCursor<StoredProduct> all = store.products(info.network(), 0)) {
      while (all.hasNext()) {
        StoredProduct product = all.next();
        rows.writeRecord(table.row(product.id(), Objects.requireNonNull(product.attributes())));
        float[] photos = product.features();
        int length = info.dimension();
        for (int from = 0; photos != null && from < photos.length; from += length) {
          vectors.write(Arrays.copyOfRange(photos, from, from + length));
          named.writeRecord(product.id());
        }
        count++;
        withFeatures += photos == null ? 0 : 1;
      }
    }
    rows.flush();
    named.flush();
    vectors.finish();
    return new long[] {count, withFeatures};
  }

  private static long writeSales(CatalogueStore store, NewFile file) throws IOException {
    CsvWriter rows = csv(file);
    rows.writeRecord(SALES_COLUMNS);
    long pieces = 0;
    try (StoreCursor<StoreChange> sales = store.sales(0)) {
      while (sales.hasNext()) {
        if (sales.next() instanceof StoreChange.Sold sold) {
          rows.writeRecord(sold.productId(), sold.day().toString(), Long.toString(sold.pieces()));
          pieces += sold.pieces();
        }
      }
    }
    rows.flush();
    return pieces;
  }

  private static void writeIds(CatalogueStore store, NewFile file) throws IOException {
    CsvWriter rows = csv(file);
    rows.writeRecord(RowIds.COLUMN);
    try (StoreCursor<String> ids = store.purchaseIds()) {
      while (ids.hasNext()) {
        rows.writeRecord(ids.next());
      }
    }
    rows.flush();
  }

  /** As {@link io.lookalike.datasets.EventsCsv} reads them. */
  private static long writeEvents(CatalogueStore store, NewFile file) throws IOException {
    CsvWriter rows = csv(file);
    rows.writeRecord(EVENTS_COLUMNS);
    long count = 0;
    try (StoreCursor<StoreChange> events = store.events(0)) {
      while (events.hasNext()) {
        if (events.next() instanceof StoreChange.Did did) {
          rows.writeRecord(
              did.time().toString(),
              did.customer(),
              did.kind().toLowerCase(Locale.ROOT),
              did.productId(),
              did.tenant(),
              did.id() == null ? "" : did.id());
          count++;
        }
      }
    }
    rows.flush();
    return count;
  }

  // ---- reading

  /** Fills a store with what files tell. */
  static Count load(Path folder, StorePlace place, CatalogueStore store) throws IOException {
    Map<String, Object> manifest = manifest(folder);
    int network = 1;
    var filler =
        new StoreFiller(place, store, "the import of " + folder.toAbsolutePath().normalize());
    Optional<StoredTransform> transform = transform(folder, manifest, network);
    var info =
        new StoreInfo(
            network,
            value(folder, manifest, "extractor", String.class),
            value(folder, manifest, "dimension", Integer.class),
            transform.map(StoredTransform::rule).orElse("none"));
    long[] rows = readProducts(folder, info, filler);
    long pieces = readSales(folder.resolve(SALES), filler);
    long events = readEvents(folder.resolve(EVENTS), filler);
    List<String> purchaseIds = readIds(folder.resolve(PURCHASE_IDS));
    checkWhole(folder, manifest, "products", rows[0]);
    checkWhole(folder, manifest, "features", rows[1]);
    checkWhole(folder, manifest, "pieces", pieces);
    if (Files.exists(folder.resolve(EVENTS))) {
      checkWhole(folder, manifest, "events", events);
    }
    filler.finish(info, transform, purchaseIds);
    return new Count(rows[0], rows[1], pieces, events);
  }

  /** A table that was cut short at the end of a row looks whole by itself. */
  private static void checkWhole(Path folder, Map<String, Object> manifest, String what, long found)
      throws StoreException {
    Number number = value(folder, manifest, what, Number.class);
    if (!(number instanceof Integer || number instanceof Long)) {
      throw damaged(folder, what, number);
    }
    long written = number.longValue();
    if (found != written) {
      throw new StoreException(
          String.format(
              Locale.ROOT,
              "the files in %s hold %d %s, expected the %d of %s; export again, or copy all of it"
                  + " again; if the files were changed on purpose, put the number there",
              folder,
              found,
              what.equals("features") ? "products with features" : what,
              written,
              MANIFEST));
    }
  }

  /**
   * Checks that there is something to be read.
   *
   * @throws UserErrorException if the folder holds no exported store
   */
  static void check(Path folder) throws IOException {
    manifest(folder);
  }

  private static Map<String, Object> manifest(Path folder) throws IOException {
    Path file = folder.resolve(MANIFEST);
    if (!Files.isRegularFile(file)) {
      throw new UserErrorException(
          folder
              + " holds no exported store (there is no "
              + MANIFEST
              + " in it); name what lookalike store export has written");
    }
    Map<String, Object> manifest;
    try {
      manifest = JSON.std.mapFrom(Files.readString(file));
    } catch (IOException e) {
      throw new StoreException(file + " is damaged: " + e.getMessage() + "; export again", e);
    }
    if (!FORMAT.equals(manifest.get("format"))) {
      throw new StoreException(
          file
              + ": the format is "
              + manifest.get("format")
              + ", expected "
              + FORMAT
              + "; export again");
    }
    return manifest;
  }

  private static <T> T value(Path folder, Map<?, ?> manifest, String name, Class<T> type)
      throws StoreException {
    Object value = manifest.get(name);
    if (!type.isInstance(value)) {
      throw damaged(folder, name, value);
    }
    return type.cast(value);
  }

  private static StoreException damaged(Path folder, String name, @Nullable Object value) {
    return new StoreException(
        folder.resolve(MANIFEST) + " is damaged: " + name + " is " + value + "; export again");
  }

  private static Optional<StoredTransform> transform(
      Path folder, Map<String, Object> manifest, int network) throws IOException {
    if (!manifest.containsKey("transform")) {
      return Optional.empty();
    }
    Map<?, ?> fitted = value(folder, manifest, "transform", Map.class);
    return Optional.of(
        new StoredTransform(
            network,
            value(folder, fitted, "version", Integer.class),
            value(folder, fitted, "rule", String.class),
            value(folder, fitted, "description", String.class),
            Files.readAllBytes(folder.resolve(TRANSFORM))));
  }

  /** Goes through a table's rows. */
  private interface Rows {
    void row(List<String> fields) throws IOException;
  }

  private static void read(Path file, Rows first, Rows rest) throws IOException {
    long line = 1;
    try (CsvReader<CsvRecord> records =
        // Strict: what is not UTF-8 would come as U+FFFD, and several ids as one.
        CsvReader.builder().ofCsvRecord(Files.newBufferedReader(file))) {
      Rows next = first;
      for (CsvRecord row : records) {
        line = row.getStartingLineNumber();
        next.row(row.getFields());
        next = rest;
      }
    } catch (IOException | UncheckedIOException e) {
      if (e instanceof CharacterCodingException
          || e.getCause() instanceof CharacterCodingException) {
        throw new StoreException(
            file + " is not UTF-8, after line " + line + "; export it as UTF-8 again", e);
      }
      throw e;
    } catch (CsvParseException | IllegalArgumentException | DateTimeException e) {
      throw new StoreException(
          file + ":" + line + ": " + e.getMessage() + "; export again, or mend it", e);
    }
  }

  private static Rows titles(List<String> expected) {
    return fields -> {
      if (!fields.equals(expected)) {
        throw new IllegalArgumentException("found columns " + fields + ", expected " + expected);
      }
    };
  }

  private static long[] readProducts(Path folder, StoreInfo info, StoreFiller filler)
      throws IOException {
    Path npy = folder.resolve(FEATURES);
    try (NpyMatrix matrix = NpyMatrix.open(npy)) {
      List<String> ids = RowIds.readPhotos(npy, matrix.size());
      if (matrix.size() > 0 && matrix.dimension() != info.dimension()) {
        throw new StoreException(
            npy + " has " + matrix.dimension() + " columns, expected " + info.dimension());
      }
      Iterator<String> withFeatures = ids.iterator();
      var next =
          new Object() {
            @Nullable ProductTable table;
            @Nullable String id = withFeatures.hasNext() ? withFeatures.next() : null;
            int row;
            long products;
            long haveFeatures;
          };
      read(
          folder.resolve(PRODUCTS),
          titles -> next.table = ProductTable.of(titles),
          fields -> {
            String id = fields.get(0);
            Attributes attributes = Objects.requireNonNull(next.table).attributes(fields);
            int first = next.row;
            while (id.equals(next.id)) {
              next.row++;
              next.id = withFeatures.hasNext() ? withFeatures.next() : null;
            }
            if (next.row - first > ProductImage.MOST_IMAGES) {
              throw new StoreException(
                  RowIds.beside(npy)
                      + " names "
                      + id
                      + " "
                      + (next.row - first)
                      + " times, once for each of its photos, expected at most "
                      + ProductImage.MOST_IMAGES
                      + "; export again, or mend it");
            }
            Looks looks =
                first == next.row
                    ? null
                    : new Looks(info.network(), rows(matrix, first, next.row), null);
            filler.put(new StoreChange.Put(id, attributes, looks));
            next.products++;
            next.haveFeatures += looks == null ? 0 : 1;
          });
      if (next.id != null) {
        throw new StoreException(
            RowIds.beside(npy)
                + " names "
                + next.id
                + ", which does not come at its turn in "
                + PRODUCTS
                + "; keep both in one order");
      }
      return new long[] {next.products, next.haveFeatures};
    }
  }

  /** The rows of a product's photos, one after the other. */
  private static float[] rows(NpyMatrix matrix, int first, int end) throws IOException {
    var rows = new float[(end - first) * matrix.dimension()];
    for (int row = first; row < end; row++) {
      float[] one = matrix.row(row);
      System.arraycopy(one, 0, rows, (row - first) * one.length, one.length);
    }
    return rows;
  }

  private static long readSales(Path file, StoreFiller filler) throws IOException {
    long[] sum = {0};
    read(
        file,
        titles(SALES_COLUMNS),
        fields -> {
          long pieces = Long.parseLong(fields.get(2));
          if (pieces == 0) {
            throw new IllegalArgumentException("0 pieces, expected more or less");
          }
          filler.sold(fields.get(0), LocalDate.parse(fields.get(1)), pieces);
          sum[0] += pieces;
        });
    return sum[0];
  }

  /** Without the file there are no sessions: somebody did not want to hand them on. */
  private static long readEvents(Path file, StoreFiller filler) throws IOException {
    long[] count = {0};
    if (Files.exists(file)) {
      read(
          file,
          titles(EVENTS_COLUMNS),
          fields -> {
            var event =
                new Event(
                    new Customer(fields.get(4), fields.get(1)),
                    Event.Kind.valueOf(fields.get(2).toUpperCase(Locale.ROOT)),
                    fields.get(3),
                    Instant.parse(fields.get(0)),
                    fields.get(5).isEmpty() ? null : fields.get(5));
            filler.did(event);
            count[0]++;
          });
    }
    return count[0];
  }

  private static List<String> readIds(Path file) throws IOException {
    var ids = new ArrayList<String>();
    read(file, titles(List.of(RowIds.COLUMN)), fields -> ids.add(fields.get(0)));
    return ids;
  }
}
