package io.lookalike.store.jdbc;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoredTransform;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes the changes of one transaction. What several of them do to one row is worked out first, so
 * that each row is written once, and rows of one kind go as one batch.
 */
final class BatchWriter {

  /** Rows that are handed to the driver at a time, since features fill memory. */
  private static final int ROWS = 1_000;

  private final Connection out;
  private final Database database;
  private final Counters counters;
  private final String storeId;
  private final boolean half;

  private final Map<String, Outcome> products = new LinkedHashMap<>();
  private final Set<Integer> dropped = new LinkedHashSet<>();
  private final Map<Integer, StoredTransform> transforms = new LinkedHashMap<>();
  private final Map<String, @Nullable String> settings = new LinkedHashMap<>();
  private final List<StoreChange> sales = new ArrayList<>();
  private final List<StoreChange> events = new ArrayList<>();
  private final Map<String, String> longTexts = new HashMap<>();

  /** What stands for long texts of rows that were erased. */
  private final Set<String> erasedTexts = new LinkedHashSet<>();

  /** What becomes of a product. */
  private static final class Outcome {
    /** Whether its features were removed before {@link #looks}. */
    boolean cleared;

    boolean removed;

    /** Its new attributes, or null if they stay or it is removed. */
    @Nullable Attributes attributes;

    /** What it gets if it is there before all else is done to it. */
    final Map<Integer, Looks> before = new LinkedHashMap<>();

    final Map<Integer, Looks> looks = new LinkedHashMap<>();
  }

  BatchWriter(Connection out, Database database, Counters counters, String storeId, boolean half) {
    this.out = out;
    this.database = database;
    this.counters = counters;
    this.storeId = storeId;
    this.half = half;
  }

  /** Writes all changes, with the number that {@link Counters#lastChange} then has. */
  void write(List<StoreChange> changes) throws SQLException {
    counters.lastChange++;
    changes.forEach(this::sort);
    if (!products.isEmpty() || !dropped.isEmpty()) {
      writeProducts();
    }
    writeTransforms();
    writeSettings();
    writeSales();
    writeEvents();
    writeLongTexts();
    eraseLongTexts();
    forget();
    counters.write(out, database);
  }

  private void sort(StoreChange change) {
    if (change instanceof StoreChange.Put put) {
      Outcome outcome = outcome(put.id());
      outcome.attributes = put.attributes();
      outcome.removed = false;
      if (put.looks() != null) {
        outcome.looks.put(put.looks().network(), put.looks());
      }
    } else if (change instanceof StoreChange.Embedded embedded) {
      Outcome outcome = outcome(embedded.id());
      if (outcome.attributes != null) {
        outcome.looks.put(embedded.looks().network(), embedded.looks());
      } else if (!outcome.removed) {
        outcome.before.put(embedded.looks().network(), embedded.looks());
      }
    } else if (change instanceof StoreChange.Remove remove) {
      Outcome outcome = outcome(remove.id());
      outcome.cleared = true;
      outcome.removed = true;
      outcome.attributes = null;
      outcome.before.clear();
      outcome.looks.clear();
    } else if (change instanceof StoreChange.Sold
        || change instanceof StoreChange.Unsold
        || change instanceof StoreChange.Counted) {
      sales.add(change);
    } else if (change instanceof StoreChange.Setting setting) {
      settings.put(setting.name(), setting.value());
    } else if (change instanceof StoreChange.Transformed transformed) {
      transforms.put(transformed.transform().network(), transformed.transform());
    } else if (change instanceof StoreChange.NetworkDropped drop) {
      dropped.add(drop.network());
      transforms.remove(drop.network());
      products
          .values()
          .forEach(
              outcome -> {
                outcome.before.remove(drop.network());
                outcome.looks.remove(drop.network());
              });
    } else {
      events.add(change);
    }
  }

  private Outcome outcome(String id) {
    return products.computeIfAbsent(id, any -> new Outcome());
  }

  // ---- batches

  /** Statements of one kind, which the driver gets some at a time. */
  private final class Batch implements AutoCloseable {
    final PreparedStatement statement;
    private int rows;

    Batch(String sql) throws SQLException {
      statement = out.prepareStatement(database.sql(sql));
    }

    void add() throws SQLException {
      statement.addBatch();
      if (++rows % ROWS == 0) {
        flush();
      }
    }

    void flush() throws SQLException {
      if (rows > 0) {
        statement.executeBatch();
        rows = 0;
      }
    }

    @Override
    public void close() throws SQLException {
      statement.close();
    }
  }

  private String key(String text) {
    return Texts.key(text, longTexts);
  }

  private static void setText(PreparedStatement row, int at, @Nullable String text)
      throws SQLException {
    if (text == null) {
      row.setNull(at, Types.VARCHAR);
    } else {
      row.setString(at, text);
    }
  }

  // ---- products

  private void writeProducts() throws SQLException {
    if (!dropped.isEmpty()) {
      try (Batch batch = new Batch("DELETE FROM ${in}features WHERE network = ?")) {
        for (int network : dropped) {
          batch.statement.setInt(1, network);
          batch.add();
        }
        batch.flush();
      }
    }
    writeLooks(outcome -> outcome.before);
    try (Batch clear =
            new Batch(
                "DELETE FROM ${in}features"
                    + " WHERE product IN (SELECT num FROM ${in}product WHERE id = ?)");
        Batch remove =
            new Batch(
                "UPDATE ${in}product SET attributes = NULL, change = ?"
                    + " WHERE id = ? AND attributes IS NOT NULL");
        Batch put =
            new Batch(
                "INSERT INTO ${in}product (num, id, change, attributes)"
                    + " VALUES (?, ?, ?, ${asjson}) ON CONFLICT (id) DO UPDATE"
                    + " SET change = excluded.change, attributes = excluded.attributes")) {
      for (Map.Entry<String, Outcome> entry : products.entrySet()) {
        String id = key(entry.getKey());
        Outcome outcome = entry.getValue();
        if (outcome.cleared) {
          clear.statement.setString(1, id);
          clear.add();
        }
        if (outcome.removed) {
          remove.statement.setLong(1, counters.lastChange);
          remove.statement.setString(2, id);
          remove.add();
        } else if (outcome.attributes != null) {
          put.statement.setLong(1, ++counters.lastProduct);
          put.statement.setString(2, id);
          put.statement.setLong(3, counters.lastChange);
          put.statement.setString(4, AttributesJson.write(outcome.attributes));
          put.add();
        }
      }
      clear.flush();
      remove.flush();
      put.flush();
    }
    writeLooks(outcome -> outcome.looks);
  }

  private void writeLooks(Function<Outcome, Map<Integer, Looks>> which) throws SQLException {
    try (Batch batch =
        new Batch(
            "INSERT INTO ${in}features"
                + " (product, network, change, encoding, checksum, picture, vector)"
                + " SELECT num, ?, ?, ?, ?, ?, ? FROM ${in}product"
                + " WHERE id = ? AND attributes IS NOT NULL"
                + " ON CONFLICT (product, network) DO UPDATE SET change = excluded.change,"
                + " encoding = excluded.encoding, checksum = excluded.checksum,"
                + " picture = excluded.picture, vector = excluded.vector")) {
      for (Map.Entry<String, Outcome> entry : products.entrySet()) {
        for (Looks looks : which.apply(entry.getValue()).values()) {
          Vectors.Encoded vector = Vectors.encode(looks.features(), half);
          PreparedStatement row = batch.statement;
          row.setInt(1, looks.network());
          row.setLong(2, counters.lastChange);
          row.setInt(3, vector.encoding());
          row.setLong(4, vector.checksum());
          setText(row, 5, looks.picture());
          row.setBytes(6, vector.bytes());
          row.setString(7, Texts.key(entry.getKey()));
          batch.add();
        }
      }
      batch.flush();
    }
  }

  private void writeTransforms() throws SQLException {
    if (!dropped.isEmpty()) {
      try (Batch batch = new Batch("DELETE FROM ${in}transform WHERE network = ?")) {
        for (int network : dropped) {
          batch.statement.setInt(1, network);
          batch.add();
        }
        batch.flush();
      }
    }
    if (transforms.isEmpty()) {
      return;
    }
    try (Batch batch =
        new Batch(
            "INSERT INTO ${in}transform (network, version, rule, description, checksum, body)"
                + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (network) DO UPDATE"
                + " SET version = excluded.version, rule = excluded.rule,"
                + " description = excluded.description, checksum = excluded.checksum,"
                + " body = excluded.body")) {
      for (StoredTransform transform : transforms.values()) {
        PreparedStatement row = batch.statement;
        row.setInt(1, transform.network());
        row.setInt(2, transform.version());
        row.setString(3, Texts.plain(transform.rule()));
        row.setString(4, Texts.plain(transform.description()));
        row.setLong(5, Vectors.checksum(transform.body()));
        row.setBytes(6, transform.body());
        batch.add();
      }
      batch.flush();
    }
  }

  private void writeSettings() throws SQLException {
    if (settings.isEmpty()) {
      return;
    }
    try (Batch remove = new Batch("DELETE FROM ${in}manifest WHERE name = ?");
        Batch set =
            new Batch(
                "INSERT INTO ${in}manifest (name, value) VALUES (?, ?)"
                    + " ON CONFLICT (name) DO UPDATE SET value = excluded.value")) {
      for (Map.Entry<String, @Nullable String> entry : settings.entrySet()) {
        String value = entry.getValue();
        Batch batch = value == null ? remove : set;
        batch.statement.setString(1, key(entry.getKey()));
        if (value != null) {
          batch.statement.setString(2, Texts.plain(value));
        }
        batch.add();
      }
      remove.flush();
      set.flush();
    }
  }

  // ---- sales

  private void writeSales() throws SQLException {
    if (sales.isEmpty()) {
      return;
    }
    var unsold = new LinkedHashSet<String>();
    var sums = new LinkedHashMap<String, Map<String, Long>>();
    try (Batch log =
            new Batch(
                "INSERT INTO ${in}sold (change, num, product_id, day, pieces, purchase_id)"
                    + " VALUES (?, ?, ?, ?, ?, ?)");
        Batch ids = new Batch("INSERT INTO ${in}purchase (num, id) VALUES (?, ?)")) {
      for (StoreChange change : sales) {
        if (change instanceof StoreChange.Counted counted) {
          addId(ids, key(counted.purchaseId()));
          continue;
        }
        PreparedStatement row = log.statement;
        row.setLong(1, counters.lastChange);
        row.setLong(2, ++counters.lastSold);
        if (change instanceof StoreChange.Sold sold) {
          String product = key(sold.productId());
          String day = sold.day().toString();
          String purchase = sold.id() == null ? null : key(sold.id());
          row.setString(3, product);
          row.setString(4, day);
          row.setLong(5, sold.pieces());
          setText(row, 6, purchase);
          sums.computeIfAbsent(product, p -> new LinkedHashMap<>())
              .merge(day, sold.pieces(), Math::addExact);
          if (purchase != null) {
            addId(ids, purchase);
          }
        } else {
          String product = key(((StoreChange.Unsold) change).productId());
          row.setString(3, product);
          row.setNull(4, Types.VARCHAR);
          row.setNull(5, Types.BIGINT);
          row.setNull(6, Types.VARCHAR);
          unsold.add(product);
          sums.remove(product);
        }
        log.add();
      }
      log.flush();
      ids.flush();
    }
    addUp(unsold, sums);
  }

  private void addId(Batch ids, String purchase) throws SQLException {
    ids.statement.setLong(1, ++counters.lastPurchase);
    ids.statement.setString(2, purchase);
    ids.add();
  }

  private void addUp(Set<String> unsold, Map<String, Map<String, Long>> sums) throws SQLException {
    try (Batch clear = new Batch("DELETE FROM ${in}sold_day WHERE product_id = ?");
        Batch add =
            new Batch(
                "INSERT INTO ${in}sold_day (product_id, day, pieces) VALUES (?, ?, ?)"
                    + " ON CONFLICT (product_id, day)"
                    + " DO UPDATE SET pieces = sold_day.pieces + excluded.pieces")) {
      for (String product : unsold) {
        clear.statement.setString(1, product);
        clear.add();
      }
      clear.flush();
      for (Map.Entry<String, Map<String, Long>> product : sums.entrySet()) {
        for (Map.Entry<String, Long> day : product.getValue().entrySet()) {
          add.statement.setString(1, product.getKey());
          add.statement.setString(2, day.getKey());
          add.statement.setLong(3, day.getValue());
          add.add();
        }
      }
      add.flush();
    }
  }

  // ---- events

  private void writeEvents() throws SQLException {
    if (events.isEmpty()) {
      return;
    }
    try (Batch add =
            new Batch(
                "INSERT INTO ${in}event (num, change, tenant, customer, kind, product_id,"
                    + " at_second, at_nano, event_id, fingerprint)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint) DO NOTHING");
        Batch unmark = new Batch("DELETE FROM ${in}event WHERE fingerprint = ?")) {
      for (StoreChange change : events) {
        if (change instanceof StoreChange.Did did) {
          add(add, did);
          continue;
        }
        add.flush(); // what came before is erased, too
        if (change instanceof StoreChange.Forgotten forgotten) {
          erase(forgotten);
          var mark =
              StoreChange.Erased.of(storeId, forgotten.tenant(), forgotten.customer()).mark();
          unmark.statement.setBytes(1, Texts.hash(mark)); // the last alone counts
          unmark.add();
          unmark.flush();
          mark(add, mark);
        } else if (change instanceof StoreChange.Expired expired) {
          erase(expired);
        }
      }
      add.flush();
    }
  }

  private void add(Batch batch, StoreChange.Did did) throws SQLException {
    PreparedStatement row = batch.statement;
    begin(row, did.tenant(), did.customer());
    row.setString(5, key(did.kind()));
    row.setString(6, key(did.productId()));
    Instant time = did.time();
    row.setLong(7, time.getEpochSecond());
    row.setInt(8, time.getNano());
    setText(row, 9, did.id() == null ? null : key(did.id()));
    row.setBytes(
        10,
        did.id() == null
            ? Texts.hash(did.tenant(), did.customer(), did.kind(), did.productId(), time.toString())
            : Texts.hash(did.tenant(), did.customer(), did.id()));
    batch.add();
  }

  private void erase(StoreChange.Forgotten forgotten) throws SQLException {
    String customer = Texts.key(forgotten.customer());
    erasedTexts.add(customer);
    erase(
        "kind IS NOT NULL AND customer = ? AND tenant = ?",
        statement -> {
          statement.setString(1, customer);
          statement.setString(2, Texts.key(forgotten.tenant()));
        });
  }

  private void erase(StoreChange.Expired expired) throws SQLException {
    Instant before = expired.before();
    erase(
        (expired.bought() ? "kind = 'BOUGHT'" : "kind <> 'BOUGHT'")
            + " AND at_second <= ? AND (at_second < ? OR at_nano < ?)",
        statement -> {
          statement.setLong(1, before.getEpochSecond());
          statement.setLong(2, before.getEpochSecond());
          statement.setInt(3, before.getNano());
        });
  }

  /** Sets a statement's parameters. */
  @FunctionalInterface
  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  /** Erases events, and notes which long texts they had. */
  private void erase(String which, Parameters parameters) throws SQLException {
    String from = " FROM ${in}event WHERE " + which;
    for (String column : List.of("customer", "event_id")) {
      String isLong = " AND length(" + column + ") = " + Texts.LONG_KEY;
      try (PreparedStatement query =
          out.prepareStatement(database.sql("SELECT DISTINCT " + column + from + isLong))) {
        parameters.set(query);
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            erasedTexts.add(rows.getString(1));
          }
        }
      }
    }
    try (PreparedStatement delete = out.prepareStatement(database.sql("DELETE" + from))) {
      parameters.set(delete);
      delete.executeUpdate();
    }
  }

  private void mark(Batch batch, String mark) throws SQLException {
    PreparedStatement row = batch.statement;
    begin(row, "", mark);
    row.setNull(5, Types.VARCHAR);
    row.setNull(6, Types.VARCHAR);
    row.setNull(7, Types.BIGINT);
    row.setNull(8, Types.INTEGER);
    row.setNull(9, Types.VARCHAR);
    row.setBytes(10, Texts.hash(mark));
    batch.add();
  }

  private void begin(PreparedStatement row, String tenant, String customer) throws SQLException {
    row.setLong(1, ++counters.lastEvent);
    row.setLong(2, counters.lastChange);
    row.setString(3, key(tenant));
    row.setString(4, key(customer));
  }

  private void writeLongTexts() throws SQLException {
    if (longTexts.isEmpty()) {
      return;
    }
    try (Batch batch =
        new Batch(
            "INSERT INTO ${in}long_text (short, text) VALUES (?, ?)"
                + " ON CONFLICT (short) DO NOTHING")) {
      for (Map.Entry<String, String> entry : longTexts.entrySet()) {
        batch.statement.setString(1, entry.getKey());
        batch.statement.setString(2, entry.getValue());
        batch.add();
      }
      batch.flush();
    }
  }

  /** Erases long texts that no row has any more. */
  private void eraseLongTexts() throws SQLException {
    erasedTexts.removeIf(text -> !text.startsWith(Texts.LONG));
    if (erasedTexts.isEmpty()) {
      return;
    }
    try (Batch batch = new Batch("DELETE FROM ${in}long_text WHERE short = ?${unused}")) {
      for (String text : erasedTexts) {
        batch.statement.setString(1, text);
        batch.add();
      }
      batch.flush();
    }
  }

  // ---- what need not be kept

  /** Forgets old changes, when there is a tenth more of them than are kept. */
  private void forget() throws SQLException {
    if (!sales.isEmpty()) {
      long cut = counters.lastSold - counters.changesKept;
      String oldest = "SELECT num FROM ${in}sold ORDER BY change, num LIMIT 1";
      if (cut - number(oldest, null) > counters.changesKept / 10 && oldestSalesEndBy(cut)) {
        String first = "SELECT change FROM ${in}sold WHERE num > ? ORDER BY change, num LIMIT 1";
        long kept = number(first, cut);
        forgetUpTo(kept - 1);
        delete("DELETE FROM ${in}sold WHERE change < ?", kept);
      }
      cut = counters.lastPurchase - counters.purchasesKept;
      oldest = "SELECT num FROM ${in}purchase ORDER BY num LIMIT 1";
      if (cut - number(oldest, null) > counters.purchasesKept / 10) {
        delete("DELETE FROM ${in}purchase WHERE num <= ?", cut);
      }
    }
    if (products.values().stream().anyMatch(outcome -> outcome.removed)) {
      forgetMarks("product", "attributes IS NULL");
    }
    if (events.stream().anyMatch(StoreChange.Forgotten.class::isInstance)) {
      forgetMarks("event", "kind IS NULL");
    }
  }

  /** Whether the oldest change lies before a purchase; one change may hold a whole first load. */
  private boolean oldestSalesEndBy(long num) throws SQLException {
    String next =
        "SELECT num FROM ${in}sold WHERE change > (SELECT min(change) FROM ${in}sold)"
            + " ORDER BY change, num LIMIT 1";
    long first = number(next, null);
    return first > 0 && first <= num + 1;
  }

  private void forgetMarks(String table, String isMark) throws SQLException {
    String marks = " FROM ${in}" + table + " WHERE " + isMark;
    long count = number("SELECT count(*)" + marks, null);
    if (count > counters.changesKept + counters.changesKept / 10) {
      long cut =
          number(
              "SELECT change" + marks + " ORDER BY change DESC LIMIT 1 OFFSET ?",
              (long) counters.changesKept);
      forgetUpTo(cut);
      delete("DELETE" + marks + " AND change <= ?", cut);
    }
  }

  private void forgetUpTo(long change) {
    counters.forgotten = Math.max(counters.forgotten, change);
  }

  private long number(String sql, @Nullable Long parameter) throws SQLException {
    try (PreparedStatement query = out.prepareStatement(database.sql(sql))) {
      if (parameter != null) {
        query.setLong(1, parameter);
      }
      try (ResultSet rows = query.executeQuery()) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  private void delete(String sql, long parameter) throws SQLException {
    try (PreparedStatement statement = out.prepareStatement(database.sql(sql))) {
      statement.setLong(1, parameter);
      statement.executeUpdate();
    }
  }
}
