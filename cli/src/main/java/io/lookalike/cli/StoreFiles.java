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
import io.lookalike.catalog.Ids;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.vectors.NpyMatrix;
import io.lookalike.datasets.vectors.NpyWriter;
import io.lookalike.datasets.vectors.RowIds;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import io.lookalike.math.UnitVector;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
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
 * the customers, {@code transform.bin}, and {@code manifest.json}, which is written last.
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

  /**
   * How much went through.
   *
   * @param events of sessions
   * @param bought purchases that are kept with their customers
   */
  record Count(long products, long features, long pieces, long events, long bought) {
    @Override
    public String toString() {
      return products
          + " products, "
          + features
          + " of them with features, "
          + pieces
          + " pieces sold, "
          + events
          + " events of sessions, and "
          + bought
          + " purchases kept with their customers";
    }
  }

  /** Takes what files tell. */
  interface Sink {
    /** A product. */
    void put(StoreChange.Put product) throws StoreException;

    /** Pieces that were sold of a product on a day, less than 0 if more came back. */
    void sold(String productId, LocalDate day, long pieces) throws StoreException;

    /** What a customer did. */
    void did(Event event) throws StoreException;
  }

  // ---- writing

  /** A store's rows, all as of one moment. */
  private static final class Moment implements AutoCloseable {

    /** How often all is asked for beside others who write. */
    private static final int TRIES = 10;

    private final List<StoreCursor<?>> cursors = new ArrayList<>();
    final StoreInfo info;
    final Optional<StoredTransform> transform;
    final StoreCursor<StoredProduct> attributes;
    final StoreCursor<StoredProduct> products;
    final StoreCursor<StoreChange> sales;
    final StoreCursor<StoreChange> events;
    final StoreCursor<String> purchaseIds;
    private final boolean isOne;

    private Moment(StorePlace place, CatalogueStore store) throws StoreException {
      boolean open = false;
      try {
        long change = store.lastChange();
        info = Store.info(place, store);
        transform = store.transform(info.network());
        attributes = opened(store.products(0, 0));
        products = opened(store.products(info.network(), 0));
        sales = opened(store.sales(0));
        events = opened(store.events(0));
        purchaseIds = opened(store.purchaseIds());
        isOne = cursors.stream().allMatch(cursor -> cursor.change() == change);
        open = true;
      } finally {
        if (!open) {
          close();
        }
      }
    }

    private <T> StoreCursor<T> opened(StoreCursor<T> cursor) {
      cursors.add(cursor);
      return cursor;
    }

    static Moment of(StorePlace place, CatalogueStore store) throws StoreException {
      for (int i = 0; i < TRIES; i++) {
        var moment = new Moment(place, store);
        if (moment.isOne) {
          return moment;
        }
        moment.close();
      }
      // Who writes all the time waits until all has been asked for.
      var alone = new ArrayList<Moment>();
      store.write(
          last -> {
            alone.add(new Moment(place, store));
            return List.of();
          });
      return alone.get(0);
    }

    @Override
    public void close() {
      cursors.forEach(StoreCursor::close);
    }
  }

  /**
   * Writes a store's files, as of one moment.
   *
   * @param folder a new or empty folder
   */
  static Count export(StorePlace place, CatalogueStore store, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Moment moment = Moment.of(place, store);
        NewFile products = NewFile.at(folder.resolve(PRODUCTS));
        NewFile features = NewFile.at(folder.resolve(FEATURES));
        NewFile ids = NewFile.at(RowIds.beside(folder.resolve(FEATURES)));
        NewFile sales = NewFile.at(folder.resolve(SALES));
        NewFile purchaseIds = NewFile.at(folder.resolve(PURCHASE_IDS));
        NewFile events = NewFile.at(folder.resolve(EVENTS));
        NewFile body = NewFile.at(folder.resolve(TRANSFORM));
        NewFile manifest = NewFile.at(folder.resolve(MANIFEST))) {
      long[] rows = writeProducts(moment, products, features, ids);
      long pieces = writeSales(moment.sales, sales);
      long[] did = writeEvents(moment.events, events);
      var count = new Count(rows[0], rows[1], pieces, did[0], did[1]);
      long counted = writeIds(moment.purchaseIds, purchaseIds);
      manifest.write(manifest(moment.info, moment.transform, count, counted));
      var files = new ArrayList<>(List.of(products, features, ids, sales, purchaseIds, events));
      if (moment.transform.isPresent()) {
        Channels.newOutputStream(body.channel()).write(moment.transform.get().body());
        files.add(body);
      }
      files.add(manifest); // last: it tells that all are there
      for (NewFile file : files) {
        file.commit();
      }
      return count;
    }
  }

  private static String manifest(
      StoreInfo info, Optional<StoredTransform> transform, Count count, long purchaseIds)
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
    manifest.put("purchase-ids", purchaseIds);
    manifest.put("events", count.events + count.bought);
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(manifest) + "\n";
  }

  private static CsvWriter csv(NewFile file) {
    return CsvWriter.builder()
        .lineDelimiter(LineDelimiter.LF)
        .build(Channels.newWriter(file.channel(), StandardCharsets.UTF_8));
  }

  private static long[] writeProducts(
      Moment moment, NewFile products, NewFile features, NewFile ids) throws IOException {
    var columns = new TreeSet<ProductTable.Column>();
    while (moment.attributes.hasNext()) {
      ProductTable.collect(Objects.requireNonNull(moment.attributes.next().attributes()), columns);
    }
    var table = new ProductTable(columns);
    CsvWriter rows = csv(products);
    CsvWriter named = csv(ids);
    int length = moment.info.dimension();
    var vectors = new NpyWriter(features.channel(), length);
    rows.writeRecord(table.titles());
    named.writeRecord(RowIds.COLUMN);
    long count = 0;
    long withFeatures = 0;
    while (moment.products.hasNext()) {
      StoredProduct product = moment.products.next();
      rows.writeRecord(table.row(product.id(), Objects.requireNonNull(product.attributes())));
      float[] photos = product.features();
      for (int from = 0; photos != null && from < photos.length; from += length) {
        vectors.write(Arrays.copyOfRange(photos, from, from + length));
        named.writeRecord(product.id());
      }
      count++;
      withFeatures += photos == null ? 0 : 1;
    }
    rows.flush();
    named.flush();
    vectors.finish();
    return new long[] {count, withFeatures};
  }

  private static long writeSales(StoreCursor<StoreChange> sales, NewFile file) throws IOException {
    CsvWriter rows = csv(file);
    rows.writeRecord(SALES_COLUMNS);
    long pieces = 0;
    while (sales.hasNext()) {
      if (sales.next() instanceof StoreChange.Sold sold) {
        rows.writeRecord(sold.productId(), sold.day().toString(), Long.toString(sold.pieces()));
        pieces += sold.pieces();
      }
    }
    rows.flush();
    return pieces;
  }

  private static long writeIds(StoreCursor<String> ids, NewFile file) throws IOException {
    CsvWriter rows = csv(file);
    rows.writeRecord(RowIds.COLUMN);
    long count = 0;
    while (ids.hasNext()) {
      rows.writeRecord(ids.next());
      count++;
    }
    rows.flush();
    return count;
  }

  /** As {@link io.lookalike.datasets.EventsCsv} reads them. */
  private static long[] writeEvents(StoreCursor<StoreChange> events, NewFile file)
      throws IOException {
    CsvWriter rows = csv(file);
    rows.writeRecord(EVENTS_COLUMNS);
    var count = new long[2];
    while (events.hasNext()) {
      if (events.next() instanceof StoreChange.Did did) {
        rows.writeRecord(
            did.time().toString(),
            did.customer(),
            did.kind().toLowerCase(Locale.ROOT),
            did.productId(),
            did.tenant(),
            did.id() == null ? "" : did.id());
        count[StoreCommand.isPurchase(did) ? 1 : 0]++;
      }
    }
    rows.flush();
    return count;
  }

  // ---- reading

  /** What files tell beside what went into a {@link Sink}. */
  private record Contents(
      StoreInfo info, Optional<StoredTransform> transform, List<String> purchaseIds, Count count) {}

  /**
   * Checks that a store can be made of files, so that nothing is begun where it cannot.
   *
   * @throws UserErrorException if the folder holds no exported store
   * @throws StoreException if the files are not whole, or not such as a store is opened with
   */
  static void check(Path folder) throws IOException {
    read(
        folder,
        new Sink() {
          @Override
          public void put(StoreChange.Put product) {}

          @Override
          public void sold(String productId, LocalDate day, long pieces) {}

          @Override
          public void did(Event event) {}
        });
  }

  /** Fills a store with what files tell. */
  static Count load(Path folder, StorePlace place, CatalogueStore store) throws IOException {
    var filler =
        new StoreFiller(place, store, "the import of " + folder.toAbsolutePath().normalize());
    Contents contents = read(folder, filler);
    filler.finish(contents.info, contents.transform, contents.purchaseIds);
    return contents.count;
  }

  private static Contents read(Path folder, Sink sink) throws IOException {
    Map<String, Object> manifest = manifest(folder);
    int network = 1;
    int dimension = atLeastOne(folder, manifest, "dimension");
    Optional<StoredTransform> transform = transform(folder, manifest, network, dimension);
    var info =
        new StoreInfo(
            network,
            value(folder, manifest, "extractor", String.class),
            dimension,
            transform.map(StoredTransform::rule).orElse("none"));
    long[] rows = readProducts(folder, info, sink);
    long pieces = readSales(folder.resolve(SALES), sink);
    long[] did = readEvents(folder.resolve(EVENTS), sink);
    List<String> purchaseIds = readIds(folder.resolve(PURCHASE_IDS));
    checkWhole(folder, manifest, "products", rows[0]);
    checkWhole(folder, manifest, "features", rows[1]);
    checkWhole(folder, manifest, "pieces", pieces);
    if (manifest.containsKey("purchase-ids")) { // which no export told before
      checkWhole(folder, manifest, "purchase-ids", purchaseIds.size());
    }
    if (Files.exists(folder.resolve(EVENTS))) {
      checkWhole(folder, manifest, "events", did[0] + did[1]);
    }
    return new Contents(
        info, transform, purchaseIds, new Count(rows[0], rows[1], pieces, did[0], did[1]));
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

  private static int atLeastOne(Path folder, Map<?, ?> manifest, String name)
      throws StoreException {
    int number = value(folder, manifest, name, Integer.class);
    if (number < 1) {
      throw damaged(folder, name, number);
    }
    return number;
  }

  private static Optional<StoredTransform> transform(
      Path folder, Map<String, Object> manifest, int network, int dimension) throws IOException {
    if (!manifest.containsKey("transform")) {
      return Optional.empty();
    }
    Map<?, ?> fitted = value(folder, manifest, "transform", Map.class);
    Path file = folder.resolve(TRANSFORM);
    byte[] body;
    try {
      body = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw missing(file, e);
    }
    String rule = value(folder, fitted, "rule", String.class);
    checkTransform(file, rule, body, dimension);
    return Optional.of(
        new StoredTransform(
            network,
            atLeastOne(folder, fitted, "version"),
            rule,
            value(folder, fitted, "description", String.class),
            body));
  }

  private static StoreException missing(Path file, NoSuchFileException e) {
    return new StoreException(
        "there is no file " + file + "; export again, or copy all of it again", e);
  }

  /** No store is opened whose transform cannot be read. Those of a shop's own rules it knows. */
  private static void checkTransform(Path file, String rule, byte[] body, int dimension)
      throws StoreException {
    FeatureTransform.Rule ours = CatalogueTransform.byCatalogueSize();
    if (!ours.reads(rule)) {
      return;
    }
    String problem = null;
    try {
      var in = new DataInputStream(new ByteArrayInputStream(body));
      FeatureTransform transform = ours.read(in);
      if (transform.inputDimension() != dimension) {
        problem = "it takes " + transform.inputDimension() + " features, expected " + dimension;
      } else if (in.available() > 0) {
        problem = "it has " + in.available() + " bytes too many";
      }
    } catch (EOFException e) {
      problem = "it ends too early";
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (problem != null) {
      throw new StoreException(
          file + " is damaged: " + problem + "; export again, or copy all of it again");
    }
  }

  /** Goes through a table's rows. */
  private interface Rows {
    void row(long line, List<String> fields) throws IOException;
  }

  private static void read(Path file, Rows first, Rows rest) throws IOException {
    long line = 1;
    try (CsvReader<CsvRecord> records =
        // Strict: what is not UTF-8 would come as U+FFFD, and several ids as one.
        CsvReader.builder().ofCsvRecord(Files.newBufferedReader(file))) {
      Rows next = first;
      for (CsvRecord row : records) {
        line = row.getStartingLineNumber();
        next.row(line, row.getFields());
        next = rest;
      }
    } catch (NoSuchFileException e) {
      throw missing(file, e);
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
    return (line, fields) -> {
      if (!fields.equals(expected)) {
        throw new IllegalArgumentException("found columns " + fields + ", expected " + expected);
      }
    };
  }

  private static long[] readProducts(Path folder, StoreInfo info, Sink sink) throws IOException {
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
            long haveFeatures;
          };
      var lines = new HashMap<String, Long>();
      read(
          folder.resolve(PRODUCTS),
          (line, titles) -> next.table = ProductTable.of(titles),
          (line, fields) -> {
            String id = Ids.checked(fields.get(0), "the id");
            Long before = lines.putIfAbsent(id, line);
            if (before != null) {
              throw new IllegalArgumentException(
                  "the id " + id + " occurs twice, first in line " + before);
            }
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
                    : new Looks(info.network(), rows(npy, matrix, id, first, next.row), null);
            sink.put(new StoreChange.Put(id, attributes, looks));
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
      return new long[] {lines.size(), next.haveFeatures};
    }
  }

  /** The rows of a product's photos, one after the other. */
  private static float[] rows(Path npy, NpyMatrix matrix, String id, int first, int end)
      throws StoreException {
    var rows = new float[(end - first) * matrix.dimension()];
    for (int row = first; row < end; row++) {
      float[] one = matrix.row(row);
      try {
        UnitVector.of(one);
      } catch (IllegalArgumentException e) {
        throw new StoreException(
            npy + ", row " + row + " (id " + id + "): " + e.getMessage() + "; export again", e);
      }
      System.arraycopy(one, 0, rows, (row - first) * one.length, one.length);
    }
    return rows;
  }

  /** What was sold of a product in all, and the last line that tells of it. */
  private record Sold(long pieces, long line) {}

  private static long readSales(Path file, Sink sink) throws IOException {
    Map<String, Sold> products = new LinkedHashMap<>();
    long[] counted = {0};
    read(
        file,
        titles(SALES_COLUMNS),
        (line, fields) -> {
          String id = Ids.checked(fields.get(0), "the product");
          LocalDate day = LocalDate.parse(fields.get(1));
          long pieces = Long.parseLong(fields.get(2));
          if (pieces == 0) {
            throw new IllegalArgumentException("0 pieces, expected more or less");
          }
          try { // one by one, as they are counted
            counted[0] = Math.addExact(counted[0], Math.absExact(pieces));
          } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                "with " + pieces + " pieces, there are more in all than can be counted", e);
          }
          Sold before = products.get(id);
          products.put(id, new Sold((before == null ? 0 : before.pieces) + pieces, line));
          sink.sold(id, day, pieces);
        });
    long sum = 0;
    for (Map.Entry<String, Sold> product : products.entrySet()) {
      Sold sold = product.getValue();
      if (sold.pieces < 0) {
        throw new StoreException(
            String.format(
                Locale.ROOT,
                "%s:%d: of %s %d pieces were sold in all, expected 0 or more, as no more can come"
                    + " back than were sold; export again, or mend it",
                file,
                sold.line,
                product.getKey(),
                sold.pieces));
      }
      sum += sold.pieces;
    }
    return sum;
  }

  /** Without the file there are none: somebody did not want to hand them on. */
  private static long[] readEvents(Path file, Sink sink) throws IOException {
    var count = new long[2];
    if (Files.exists(file)) {
      read(
          file,
          titles(EVENTS_COLUMNS),
          (line, fields) -> {
            var event =
                new Event(
                    new Customer(fields.get(4), fields.get(1)),
                    Event.Kind.valueOf(fields.get(2).toUpperCase(Locale.ROOT)),
                    fields.get(3),
                    Instant.parse(fields.get(0)),
                    fields.get(5).isEmpty() ? null : fields.get(5));
            sink.did(event);
            count[event.kind() == Event.Kind.BOUGHT ? 1 : 0]++;
          });
    }
    return count;
  }

  private static List<String> readIds(Path file) throws IOException {
    var ids = new ArrayList<String>();
    read(
        file,
        titles(List.of(RowIds.COLUMN)),
        (line, fields) -> ids.add(Ids.checked(fields.get(0), "the purchase's id")));
    return ids;
  }
}
