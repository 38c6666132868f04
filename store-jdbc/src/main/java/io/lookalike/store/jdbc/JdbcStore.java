package io.lookalike.store.jdbc;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Ids;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A durable catalogue: an SQLite file in a folder of its own, for one process, or a schema of a
 * PostgreSQL database, for several. Both have the same tables, which any SQL tool reads; the
 * project's {@code docs/store.md} tells them, with queries, backup and sizes.
 *
 * <pre>{@code
 * CatalogueStore store = JdbcStore.sqlite(Path.of("shop"));
 * }</pre>
 *
 * <p>A write has returned when it is on disk: {@code synchronous=FULL} in SQLite's WAL mode, {@code
 * synchronous_commit} on in PostgreSQL. No wait for the database, another writer or a connection is
 * longer than {@linkplain Builder#patience some seconds}.
 *
 * <p>The latest 100,000 removals, erasures and purchases are told one by one, and the ids of the
 * latest 200,000 purchases are known; {@link #forgottenUpTo} counts what is older. Safe for use by
 * several threads; on virtual threads, too, but SQLite's calls are native and keep their carrier.
 */
public final class JdbcStore implements CatalogueStore {

  private static final Logger LOG = LoggerFactory.getLogger(JdbcStore.class);

  /** Rows that PostgreSQL sends at a time: with 1,280 features, about 1 MB. */
  private static final int FETCHED = 200;

  private static final String SCHEMA = "lookalike";
  private static final String LAST_CHANGE = "SELECT last_change FROM ${in}store";

  private static final int CHANGES_KEPT = 100_000;
  private static final int PURCHASES_KEPT = 200_000;

  private final Database database;
  private final boolean half;
  private final Duration patience;
  private final int changesKept;
  private final int purchasesKept;
  private final String id;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean closed;

  private JdbcStore(Builder builder) throws StoreException {
    half = builder.half;
    patience = builder.patience;
    changesKept = builder.changesKept;
    purchasesKept = builder.purchasesKept;
    database = builder.database();
    boolean open = false;
    try {
      id =
          read(
              "SELECT id FROM ${in}store",
              query -> {},
              rows -> {
                rows.next();
                return rows.getString(1);
              });
      open = true;
    } finally {
      if (!open) {
        database.close();
      }
    }
  }

  /**
   * Loads SQLite's native library, which every SQLite store of this JVM needs, if that has not been
   * done.
   *
   * @return why it cannot be loaded and what to do, in one line; empty if it is loaded
   */
  public static Optional<String> sqliteObstacle() {
    return SqliteLibrary.obstacle();
  }

  /**
   * Opens the SQLite store of a folder, or makes an empty one.
   *
   * @param folder of this store alone, as long as it is open; made if it is not there, in a folder
   *     that is
   * @return the store, to be closed by the caller
   * @throws StoreException if the folder is in use, cannot be written, or holds something else, a
   *     store of a newer version or a damaged one, or if SQLite {@linkplain #sqliteObstacle cannot
   *     be loaded}; nothing has been changed
   */
  public static JdbcStore sqlite(Path folder) throws StoreException {
    return builder(folder).open();
  }

  /**
   * Opens the store in the schema {@code lookalike} of a PostgreSQL database, or makes an empty
   * one. Several processes may have it open. No folder is used, so no index is saved.
   *
   * @param source gives connections, at least three at a time for each store: one writes, one reads
   *     and one waits for news. With {@code reWriteBatchedInserts=true} writing is quicker. Not
   *     closed by the store
   * @return the store, to be closed by the caller
   * @throws StoreException if the database cannot be reached, is no PostgreSQL, or the schema holds
   *     something else or a newer version; nothing has been changed
   */
  public static JdbcStore of(DataSource source) throws StoreException {
    return builder(source).open();
  }

  /**
   * Whether a PostgreSQL database has a store in its schema {@code lookalike}. Nothing is made.
   *
   * @param source gives connections
   * @return whether {@link #of(DataSource)} would open one, rather than make one
   * @throws StoreException if the database cannot be reached
   */
  public static boolean exists(DataSource source) throws StoreException {
    try (Connection connection = source.getConnection();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = ?"
                    + " AND table_name = 'store'")) {
      query.setString(1, SCHEMA);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next();
      }
    } catch (SQLException e) {
      throw new StoreException("the database cannot be reached: " + e.getMessage(), e);
    }
  }

  /**
   * As {@link #of(DataSource)}, with a folder of this process where derived files lie, such as the
   * saved index.
   *
   * @param source gives connections
   * @param indexFolder of this store alone, as long as it is open; made if it is not there
   * @return the store, to be closed by the caller
   * @throws StoreException as {@link #of(DataSource)}, or if the folder is in use or cannot be
   *     written
   */
  public static JdbcStore of(DataSource source, Path indexFolder) throws StoreException {
    return builder(source).indexFolder(indexFolder).open();
  }

  /**
   * Settings of an SQLite store.
   *
   * @param folder as for {@link #sqlite}
   * @return settings to be changed and opened
   */
  public static Builder builder(Path folder) {
    return new Builder(Objects.requireNonNull(folder, "folder"), null);
  }

  /**
   * Settings of a PostgreSQL store.
   *
   * @param source as for {@link #of(DataSource)}
   * @return settings to be changed and opened
   */
  public static Builder builder(DataSource source) {
    return new Builder(null, Objects.requireNonNull(source, "source"));
  }

  /** Settings of a store that is to be opened. For one thread. */
  public static final class Builder {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,40}");

    private final @Nullable Path folder;
    private final @Nullable DataSource source;
    private @Nullable Path indexFolder;
    private String schema = SCHEMA;
    private boolean half;
    private Duration patience = Duration.ofSeconds(30);
    private int changesKept = CHANGES_KEPT;
    private int purchasesKept = PURCHASES_KEPT;

    private Builder(@Nullable Path folder, @Nullable DataSource source) {
      this.folder = folder;
      this.source = source;
    }

    /**
     * Writes features in half precision (IEEE 754 binary16): half the space, and each value off by
     * at most 2<sup>-11</sup> of the product's largest. Features that are too large or too small
     * for it are written whole; what was written before stays as it is.
     *
     * @return this
     */
    public Builder halfPrecision() {
      half = true;
      return this;
    }

    /**
     * The longest wait for the database, another writer or a connection.
     *
     * @param longest 1 ms or more; 30 s unless set
     * @return this
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder patience(Duration longest) {
      if (longest.toMillis() < 1) {
        throw new IllegalArgumentException("patience is " + longest + ", expected 1 ms or more");
      }
      patience = longest;
      return this;
    }

    /**
     * In which schema of PostgreSQL the tables are.
     *
     * @param name lower-case letters, digits and underscores, at most 41, a letter first; {@code
     *     lookalike} unless set. Made if it is not there
     * @return this
     * @throws IllegalArgumentException if it is another name
     * @throws IllegalStateException if this is an SQLite store
     */
    public Builder schema(String name) {
      checkPostgres("a schema");
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "schema is \""
                + Ids.shown(name)
                + "\", expected at most 41 lower-case letters, digits and underscores, a letter"
                + " first");
      }
      schema = name;
      return this;
    }

    /**
     * Where files lie that are derived from a PostgreSQL store.
     *
     * @param path of this store alone, as long as it is open; made if it is not there
     * @return this
     * @throws IllegalStateException if this is an SQLite store, which has its own
     */
    public Builder indexFolder(Path path) {
      checkPostgres("an index folder");
      indexFolder = Objects.requireNonNull(path, "path");
      return this;
    }

    private void checkPostgres(String what) {
      if (source == null) {
        throw new IllegalStateException(
            "an SQLite store in a folder takes no " + what.substring(what.indexOf(' ') + 1));
      }
    }

    /** For tests. */
    Builder kept(int changes, int purchases) {
      changesKept = changes;
      purchasesKept = purchases;
      return this;
    }

    private Database database() throws StoreException {
      return source != null
          ? PostgresDatabase.open(source, schema, indexFolder, patience)
          : SqliteDatabase.open(Objects.requireNonNull(folder), half, patience);
    }

    /**
     * Opens the store.
     *
     * @return the store, to be closed by the caller
     * @throws StoreException as {@link JdbcStore#sqlite} and {@link JdbcStore#of(DataSource)}
     */
    public JdbcStore open() throws StoreException {
      return new JdbcStore(this);
    }
  }

  // ---- reading

  /** Sets a query's parameters. */
  @FunctionalInterface
  private interface Asking {
    void set(PreparedStatement query) throws SQLException;
  }

  private <T> T read(String sql, Asking asking, RowCursor.Reading<T> reading)
      throws StoreException {
    checkOpen();
    try (Database.Lease lease = database.read();
        PreparedStatement query = lease.connection().prepareStatement(database.sql(sql))) {
      asking.set(query);
      try (ResultSet rows = query.executeQuery()) {
        return reading.of(rows);
      }
    } catch (SQLException e) {
      throw database.problem("read", e);
    } catch (RuntimeException e) {
      throw RowCursor.damaged(database, e);
    }
  }

  private <T> StoreCursor<T> cursor(String sql, Asking asking, RowCursor.Reading<T> reading)
      throws StoreException {
    checkOpen();
    Database.Lease lease = null;
    PreparedStatement query = null;
    try {
      lease = database.read();
      database.holdMoment(lease.connection());
      long change = Schema.number(lease.connection(), database.sql(LAST_CHANGE));
      query = lease.connection().prepareStatement(database.sql(sql));
      query.setFetchSize(FETCHED);
      asking.set(query);
      return new RowCursor<>(database, lease, query, change, reading);
    } catch (SQLException e) {
      if (query != null) {
        try {
          query.close();
        } catch (SQLException again) {
          e.addSuppressed(again);
        }
      }
      if (lease != null) {
        lease.close();
      }
      throw database.problem("read", e);
    }
  }

  private void checkOpen() throws StoreException {
    if (closed) {
      throw new StoreException(database.name() + " is closed; open it again");
    }
  }

  /** A key as it was given, which is elsewhere if it is long. */
  private String text(ResultSet row, int at) throws SQLException, StoreException {
    String stored = row.getString(at);
    if (!stored.startsWith(Texts.LONG)) {
      return Texts.read(stored);
    }
    try (PreparedStatement query =
        row.getStatement()
            .getConnection()
            .prepareStatement(database.sql("SELECT text FROM ${in}long_text WHERE short = ?"))) {
      query.setString(1, stored);
      try (ResultSet rows = query.executeQuery()) {
        if (!rows.next()) {
          throw damaged("table long_text", "it lacks " + stored, "restore the last backup");
        }
        return Texts.read(rows.getString(1));
      }
    }
  }

  private @Nullable String textOrNull(ResultSet row, int at) throws SQLException, StoreException {
    return row.getString(at) == null ? null : text(row, at);
  }

  private StoreException damaged(String what, String how, String cure) {
    return new StoreException(
        database.name() + ": the " + what + " is damaged: " + how + "; " + cure);
  }

  /** Features of a row, of which three columns from {@code at} on are all that tells them. */
  private float[] features(ResultSet row, int at, String whose)
      throws SQLException, StoreException {
    try {
      return Vectors.decode(row.getInt(at), row.getBytes(at + 2), row.getLong(at + 1));
    } catch (IllegalArgumentException e) {
      throw damaged(
          "row with the features of " + whose,
          String.valueOf(e.getMessage()),
          "add the product again, or restore the last backup");
    }
  }

  private static String product(String id) {
    return "product \"" + Ids.shown(id) + '"';
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public long lastChange() throws StoreException {
    return number(LAST_CHANGE, query -> {});
  }

  @Override
  public long forgottenUpTo() throws StoreException {
    return number("SELECT forgotten FROM ${in}store", query -> {});
  }

  private long number(String sql, Asking asking) throws StoreException {
    return read(sql, asking, rows -> rows.next() ? rows.getLong(1) : 0);
  }

  @Override
  public StoreCursor<StoredProduct> products(int network, long after) throws StoreException {
    String columns =
        "SELECT p.id, p.attributes, f.change, f.encoding, f.checksum,"
            + " CASE WHEN f.change > ? THEN f.vector END"
            + " FROM ${in}product p"
            + " LEFT JOIN ${in}features f ON f.product = p.num AND f.network = ?";
    String which =
        after == 0
            ? " WHERE p.attributes IS NOT NULL ORDER BY p.num"
            : " WHERE p.change > ? ORDER BY p.change, p.num";
    return cursor(
        columns + which,
        query -> {
          query.setLong(1, after);
          query.setInt(2, network);
          if (after != 0) {
            query.setLong(3, after);
          }
        },
        this::product);
  }

  @Override
  public StoreCursor<StoredProduct> withoutLooks(int network) throws StoreException {
    return cursor(
        "SELECT p.id, p.attributes, f.change, f.encoding, f.checksum, f.vector"
            + " FROM ${in}product p"
            + " LEFT JOIN ${in}features f ON f.product = p.num AND f.network = ?"
            + " WHERE p.attributes IS NOT NULL AND f.product IS NULL ORDER BY p.num",
        query -> query.setInt(1, network),
        this::product);
  }

  private StoredProduct product(ResultSet row) throws SQLException, StoreException {
    String product = text(row, 1);
    String json = row.getString(2);
    Attributes attributes = json == null ? null : attributes(product, json);
    row.getLong(3);
    boolean hasLooks = !row.wasNull();
    float[] features = row.getBytes(6) == null ? null : features(row, 4, product(product));
    return new StoredProduct(product, attributes, features, hasLooks);
  }

  private Attributes attributes(String product, String json) throws StoreException {
    try {
      return AttributesJson.read(json);
    } catch (IllegalArgumentException e) {
      throw damaged(
          "row with the attributes of " + product(product),
          String.valueOf(e.getMessage()),
          "give it its attributes again, or restore the last backup");
    }
  }

  @Override
  public Map<String, float[]> features(int network, Collection<String> ids) throws StoreException {
    if (ids.isEmpty()) {
      return Map.of();
    }
    var byKey = new HashMap<String, String>();
    ids.forEach(product -> byKey.put(Texts.key(product), product));
    return read(
        "SELECT p.id, f.encoding, f.checksum, f.vector FROM ${in}product p"
            + " JOIN ${in}features f ON f.product = p.num AND f.network = ? WHERE p.id IN "
            + blanks(byKey.size()),
        query -> {
          query.setInt(1, network);
          setAll(query, byKey.keySet());
        },
        rows -> {
          var found = new HashMap<String, float[]>();
          while (rows.next()) {
            String product = Objects.requireNonNull(byKey.get(rows.getString(1)));
            found.put(product, features(rows, 2, product(product)));
          }
          return found;
        });
  }

  @Override
  public Map<String, float[]> pictures(int network, Collection<String> pictures)
      throws StoreException {
    if (pictures.isEmpty()) {
      return Map.of();
    }
    return read(
        "SELECT picture, encoding, checksum, vector FROM ${in}features"
            + " WHERE network = ? AND picture IN "
            + blanks(pictures.size()),
        query -> {
          query.setInt(1, network);
          setAll(query, pictures);
        },
        rows -> {
          var found = new HashMap<String, float[]>();
          while (rows.next()) {
            String picture = rows.getString(1);
            try {
              found.put(picture, features(rows, 2, "the picture " + picture));
            } catch (StoreException e) { // else nobody could add the product again
              LOG.warn("A picture is embedded again: {}", e.getMessage());
            }
          }
          return found;
        });
  }

  private static String blanks(int size) {
    return "(" + String.join(", ", Collections.nCopies(size, "?")) + ")";
  }

  private static void setAll(PreparedStatement query, Collection<String> texts)
      throws SQLException {
    int at = 2;
    for (String text : texts) {
      query.setString(at++, text);
    }
  }

  @Override
  public long count(int network) throws StoreException {
    return network == 0
        ? number(
            "SELECT count(*) - (SELECT count(*) FROM ${in}product WHERE attributes IS NULL)"
                + " FROM ${in}product",
            query -> {})
        : number(
            "SELECT count(*) FROM ${in}features WHERE network = ?",
            query -> query.setInt(1, network));
  }

  @Override
  public StoreCursor<StoreChange> sales(long after) throws StoreException {
    // Added up, what was sold comes before what came back.
    return after == 0
        ? cursor(
            "SELECT product_id, day, pieces, NULL FROM ${in}sold_day WHERE pieces <> 0"
                + " ORDER BY product_id, pieces DESC, day",
            query -> {},
            this::sale)
        : cursor(
            "SELECT product_id, day, pieces, purchase_id FROM ${in}sold WHERE change > ?"
                + " ORDER BY change, num",
            query -> query.setLong(1, after),
            this::sale);
  }

  private StoreChange sale(ResultSet row) throws SQLException, StoreException {
    String product = text(row, 1);
    String day = row.getString(2);
    return day == null
        ? new StoreChange.Unsold(product)
        : new StoreChange.Sold(product, LocalDate.parse(day), row.getLong(3), textOrNull(row, 4));
  }

  @Override
  public StoreCursor<String> purchaseIds() throws StoreException {
    return cursor("SELECT id FROM ${in}purchase ORDER BY num", query -> {}, row -> text(row, 1));
  }

  @Override
  public StoreCursor<StoreChange> events(long after) throws StoreException {
    String columns =
        "SELECT tenant, customer, kind, product_id, at_second, at_nano, event_id FROM ${in}event";
    return after == 0
        ? cursor(columns + " WHERE kind IS NOT NULL ORDER BY num", query -> {}, this::event)
        : cursor(
            columns + " WHERE change > ? ORDER BY change, num",
            query -> query.setLong(1, after),
            this::event);
  }

  private StoreChange event(ResultSet row) throws SQLException, StoreException {
    String kind = textOrNull(row, 3);
    return kind == null
        ? new StoreChange.Erased(text(row, 2))
        : new StoreChange.Did(
            text(row, 1),
            text(row, 2),
            kind,
            text(row, 4),
            Instant.ofEpochSecond(row.getLong(5), row.getInt(6)),
            textOrNull(row, 7));
  }

  @Override
  public Map<String, String> manifest() throws StoreException {
    return read(
        "SELECT name, value FROM ${in}manifest",
        query -> {},
        rows -> {
          var manifest = new HashMap<String, String>();
          while (rows.next()) {
            manifest.put(text(rows, 1), Texts.read(rows.getString(2)));
          }
          return Map.copyOf(manifest);
        });
  }

  @Override
  public Optional<StoredTransform> transform(int network) throws StoreException {
    return read(
        "SELECT version, rule, description, checksum, body FROM ${in}transform WHERE network = ?",
        query -> query.setInt(1, network),
        rows -> {
          if (!rows.next()) {
            return Optional.empty();
          }
          byte[] body = rows.getBytes(5);
          if (Vectors.checksum(body) != rows.getLong(4)) {
            throw damaged(
                "transform of network " + network,
                "its checksum does not fit",
                "fit it again, or restore the last backup");
          }
          return Optional.of(
              new StoredTransform(
                  network,
                  rows.getInt(1),
                  Texts.read(rows.getString(2)),
                  Texts.read(rows.getString(3)),
                  body));
        });
  }

  // ---- writing

  @Override
  public long write(Batch batch) throws StoreException {
    Objects.requireNonNull(batch, "batch");
    lockWriting();
    try {
      checkOpen();
      boolean committing = false;
      try (Database.Lease lease = database.write()) {
        Counters counters = lock(lease);
        List<StoreChange> changes = List.copyOf(batch.changes(counters.lastChange));
        if (changes.isEmpty()) {
          return counters.lastChange;
        }
        if (database.prepareFor(changes)) {
          counters = lock(lease);
        }
        new BatchWriter(lease.connection(), database, counters, id, half).write(changes);
        database.announce(lease.connection());
        committing = true;
        lease.commit();
        if (changes.stream().anyMatch(StoreChange.Forgotten.class::isInstance)) {
          database.erased();
        }
        return counters.lastChange;
      } catch (SQLException e) {
        StoreException problem = database.problem("write", e);
        throw committing && database.shared()
            ? new StoreException(
                problem.getMessage()
                    + "; whether this last write is durable is not known, lastChange() tells",
                e)
            : problem;
      }
    } finally {
      writing.unlock();
    }
  }

  private Counters lock(Database.Lease lease) throws SQLException {
    return Counters.lock(lease.connection(), database, changesKept, purchasesKept);
  }

  private void lockWriting() throws StoreException {
    boolean locked;
    try {
      locked = writing.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(database.name() + ": interrupted while waiting to write", e);
    }
    if (!locked) {
      throw new StoreException(
          database.name()
              + " is being written by another thread for more than "
              + patience.toSeconds()
              + " s; nothing was written, try again");
    }
    if (writing.getHoldCount() > 1) {
      writing.unlock();
      throw new IllegalStateException("a batch that is being written writes; it may only read");
    }
  }

  @Override
  public Optional<Path> folder() {
    return database.folder();
  }

  @Override
  public boolean shared() {
    return database.shared();
  }

  @Override
  public void onChange(Runnable changed) {
    database.onChange(Objects.requireNonNull(changed, "changed"));
  }

  /** {@inheritDoc} Waits for a write that is under way. */
  @Override
  public void close() {
    closed = true;
    writing.lock();
    try {
      database.close();
    } finally {
      writing.unlock();
    }
  }
}
