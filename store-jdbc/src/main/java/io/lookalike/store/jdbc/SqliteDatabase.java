package io.lookalike.store.jdbc;

import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A folder with an SQLite file, of this process alone. One connection writes, others read, each the
 * state at which its transaction began, and none waits for another (WAL mode). A commit is on disk
 * when it returns ({@code synchronous=FULL}).
 */
final class SqliteDatabase extends Database {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteDatabase.class);

  static final String FILE = "lookalike.db";

  /** Where derived files lie. */
  static final String DERIVED = "index";

  /** In the file's header, so that {@code file} and others can tell what it is: "Look". */
  private static final int APPLICATION = 0x4c6f6f6b;

  /** Waits for others that write, and keeps them out until the end. */
  private static final String BEGIN = "BEGIN IMMEDIATE";

  /** Cursors and queries at a time. */
  private static final int READERS = 64;

  /** Readers that stay open when nobody reads. */
  private static final int IDLE = 8;

  /** The log is taken into the file when it has become so long, and cut to it. */
  private static final int LOG_BYTES = 16 << 20;

  /** Memory for pages, of the connection that writes. */
  private static final int CACHE_KIB = 32 << 10;

  private final FolderLock lock;
  private final Path file;
  private final boolean half;
  private final Duration patience;
  private final Semaphore readers = new Semaphore(READERS);
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private Connection writer;
  private boolean sized;

  /** Whether the log may hold what was erased. */
  private boolean erased;

  private volatile boolean closed;

  /**
   * Opens or makes the file, and brings its tables up to date.
   *
   * @throws StoreException if that cannot be; nothing has been changed
   */
  static SqliteDatabase open(Path folder, boolean half, Duration patience) throws StoreException {
    SqliteLibrary.load(folder);
    FolderLock lock = FolderLock.of(folder);
    boolean open = false;
    try {
      Path file = lock.folder().resolve(FILE);
      checkPlace(lock.folder(), file);
      var database = new SqliteDatabase(lock, file, half, patience);
      database.begin();
      open = true;
      return database;
    } catch (IOException e) {
      throw e instanceof StoreException mine
          ? mine
          : new StoreException(folder + " cannot be read: " + e, e);
    } finally {
      if (!open) {
        lock.close();
      }
    }
  }

  static boolean exists(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /** A new store wants an empty folder; an old one a file that SQLite knows. */
  private static void checkPlace(Path folder, Path file) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    Set<String> ours = Set.of(FolderLock.FILE, DERIVED, "lost+found");
    try (Stream<Path> there = Files.list(folder)) {
      Optional<String> other =
          there
              .map(path -> path.getFileName().toString())
              .filter(name -> !ours.contains(name))
              .filter(name -> !name.startsWith(".") && !name.startsWith(FILE))
              .sorted()
              .findFirst();
      if (other.isPresent()) {
        throw new StoreException(
            folder
                + " holds no store, but other files, such as "
                + other.get()
                + "; give an empty folder, or one that is not there yet");
      }
    }
  }

  @SuppressWarnings("NullAway.Init") // begin() sets the writer before anyone sees this
  private SqliteDatabase(FolderLock lock, Path file, boolean half, Duration patience) {
    this.lock = lock;
    this.file = file;
    this.half = half;
    this.patience = patience;
  }

  private void begin() throws StoreException {
    boolean known = Files.exists(file);
    try {
      writer = connect(false);
      try {
        // Before anything is set that would change another program's file.
        if (Schema.version(writer, this) == 0) {
          execute("PRAGMA page_size = " + PageSize.SMALLEST);
        }
        keepLog();
        execute("PRAGMA secure_delete = ON"); // what is erased is overwritten
        execute(BEGIN);
        if (Schema.update(writer, this)) {
          execute("PRAGMA application_id = " + APPLICATION);
        }
        execute("COMMIT");
        sized = Schema.number(writer, "SELECT count(*) FROM (SELECT 1 FROM features LIMIT 1)") > 0;
        Files.createDirectories(file.resolveSibling(DERIVED));
        if (!known) {
          force(lock.folder());
        }
      } catch (SQLException | IOException | RuntimeException e) {
        writer.close();
        throw e;
      }
    } catch (SQLException e) {
      throw problem("open", e);
    } catch (IOException e) {
      throw e instanceof StoreException mine
          ? mine
          : new StoreException(file + " cannot be made: " + e, e);
    }
  }

  /** Makes durable that a folder has new files. */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (AccessDeniedException e) {
      LOG.debug("This system does not open folders, so they need no force: {}", e.toString());
    }
  }

  private Connection connect(boolean toRead) throws SQLException {
    var config = new SQLiteConfig();
    config.setBusyTimeout(millis(patience));
    config.setSynchronous(SynchronousMode.FULL);
    if (!toRead) {
      config.setCacheSize(-CACHE_KIB);
    }
    // The driver begins no transaction by itself: it would keep others out between ours.
    return config.createConnection("jdbc:sqlite:" + file);
  }

  private void execute(String sql) throws SQLException {
    Schema.execute(writer, sql);
  }

  /** Writes to a log first, of a bounded length. */
  private void keepLog() throws SQLException {
    execute("PRAGMA journal_mode = WAL");
    long page = Schema.number(writer, "PRAGMA page_size");
    execute("PRAGMA wal_autocheckpoint = " + LOG_BYTES / page);
    execute("PRAGMA journal_size_limit = " + LOG_BYTES);
  }

  @Override
  Dialect dialect() {
    return Dialect.SQLITE;
  }

  @Override
  String prefix() {
    return "";
  }

  @Override
  String name() {
    return file.toString();
  }

  @Override
  String otherPlace() {
    return "give the store another folder";
  }

  @Override
  Lease read() throws SQLException, StoreException {
    try {
      if (!readers.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new StoreException(
            file
                + " is read by "
                + READERS
                + " cursors at a time, and none ended within "
                + patience.toSeconds()
                + " s; close cursors that are not gone through to their end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(file + ": interrupted while waiting to read it", e);
    }
    boolean lent = false;
    try {
      Connection connection;
      synchronized (idle) {
        connection = idle.poll();
      }
      Connection reader = connection == null ? connect(true) : connection;
      lent = true;
      return new Lease() {
        private boolean ended;

        @Override
        public Connection connection() {
          return reader;
        }

        @Override
        public void commit() {}

        @Override
        public void close() {
          if (!ended) {
            ended = true;
            giveBack(reader);
          }
        }
      };
    } finally {
      if (!lent) {
        readers.release();
      }
    }
  }

  @Override
  void holdMoment(Connection reader) throws SQLException {
    reader.setAutoCommit(false);
  }

  private void giveBack(Connection reader) {
    boolean kept = endMoment(reader);
    synchronized (idle) {
      kept &= !closed && idle.size() < IDLE;
      if (kept) {
        idle.push(reader);
      }
    }
    if (!kept) {
      close(reader);
    }
    readers.release();
  }

  private static boolean endMoment(Connection reader) {
    try {
      reader.setAutoCommit(true);
      return true;
    } catch (SQLException e) {
      LOG.debug("A connection is given back broken", e);
      return false;
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debug("A connection did not close", e);
    }
  }

  @Override
  Lease write() throws SQLException {
    execute(BEGIN);
    return new Lease() {
      private boolean ended;

      @Override
      public Connection connection() {
        return writer;
      }

      @Override
      public void commit() throws SQLException {
        execute("COMMIT");
        ended = true;
        if (erased) {
          cutLog();
        }
      }

      @Override
      public void close() {
        if (ended) {
          return;
        }
        ended = true;
        try {
          execute("ROLLBACK");
        } catch (SQLException e) {
          LOG.debug("Nothing to roll back", e); // SQLite has done it, as where the disk is full
        }
      }
    };
  }

  @Override
  void erased() {
    erased = true;
    cutLog();
  }

  /**
   * Takes the log into the file and empties it, where nobody reads what was before; else after the
   * next write.
   */
  private void cutLog() {
    try {
      execute("PRAGMA busy_timeout = 0");
      try {
        erased = Schema.number(writer, "PRAGMA wal_checkpoint(TRUNCATE)") != 0;
      } finally {
        execute("PRAGMA busy_timeout = " + millis(patience));
      }
    } catch (SQLException e) {
      LOG.debug("The log is cut after the next write", e);
    }
  }

  private static int millis(Duration time) {
    return (int) Math.min(Integer.MAX_VALUE, time.toMillis());
  }

  /** Before the first features, the pages are made as large as fits these. */
  @Override
  boolean prepareFor(List<StoreChange> changes) throws SQLException {
    if (sized) {
      return false;
    }
    float[] features = firstFeatures(changes);
    if (features == null) {
      return false;
    }
    int size = PageSize.of(Vectors.encode(features, half).bytes().length);
    boolean fits = Schema.number(writer, "PRAGMA page_size") == size;
    if (!fits) {
      execute("ROLLBACK");
      resize(size);
      execute(BEGIN);
    }
    sized = true;
    return !fits;
  }

  private void resize(int size) throws SQLException {
    synchronized (idle) {
      idle.forEach(SqliteDatabase::close);
      idle.clear();
    }
    try {
      execute("PRAGMA journal_mode = DELETE"); // in WAL mode the size is fixed
      execute("PRAGMA page_size = " + size);
      execute("VACUUM");
      force(lock.folder()); // or the old mode's journal might come back beside the new one's
    } catch (IOException e) {
      throw new SQLException("the folder could not be forced to disk: " + e, e);
    } catch (SQLException e) {
      if (code(e) != SQLiteErrorCode.SQLITE_BUSY) {
        throw e;
      }
      LOG.info("{} is being read, so its pages stay as they are and may waste some space", file);
    } finally {
      keepLog();
    }
  }

  private static float @Nullable [] firstFeatures(List<StoreChange> changes) {
    for (StoreChange change : changes) {
      Looks looks =
          change instanceof StoreChange.Put put
              ? put.looks()
              : change instanceof StoreChange.Embedded embedded ? embedded.looks() : null;
      if (looks != null) {
        return looks.features();
      }
    }
    return null;
  }

  private static SQLiteErrorCode code(SQLException e) {
    int code = e instanceof SQLiteException mine ? mine.getResultCode().code : e.getErrorCode();
    return SQLiteErrorCode.getErrorCode(code & 0xff); // without what it adds to the main code
  }

  @Override
  StoreException problem(String doing, SQLException e) {
    String cause = e.getMessage();
    String what =
        switch (code(e)) {
          case SQLITE_FULL ->
              file + " cannot grow: the disk is full; nothing was written, make room and try again";
          case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH ->
              file
                  + " cannot be written, as it or its folder is read-only; give this user the right"
                  + " to write both";
          case SQLITE_CANTOPEN ->
              file
                  + " cannot be opened: "
                  + cause
                  + "; if there are too many open files, raise their limit (ulimit -n), or else let"
                  + " this user read and write the file and its folder";
          case SQLITE_CORRUPT ->
              file
                  + " is damaged: "
                  + cause
                  + "; stop, keep a copy, and restore the last backup or run sqlite3's .recover";
          case SQLITE_NOTADB ->
              file
                  + " is no SQLite database, or damaged at its beginning; restore the last backup,"
                  + " or give the store another folder";
          case SQLITE_BUSY, SQLITE_LOCKED ->
              file
                  + " is locked by another program, such as an SQL tool with an open transaction,"
                  + " for more than "
                  + patience.toSeconds()
                  + " s; end that transaction and try again";
          case SQLITE_NOMEM -> file + ": there is not enough memory to " + doing + " it";
          case SQLITE_IOERR ->
              file
                  + " cannot be read or written: "
                  + cause
                  + "; nothing was written, look whether the disk is full, gone or failing, and the"
                  + " process's limits (ulimit -a), and try again";
          default -> "could not " + doing + " " + file + ": " + cause;
        };
    return new StoreException(what, e);
  }

  @Override
  Optional<Path> folder() {
    return Optional.of(file.resolveSibling(DERIVED));
  }

  @Override
  boolean shared() {
    return false;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    synchronized (idle) {
      idle.forEach(SqliteDatabase::close);
      idle.clear();
    }
    close(writer);
    lock.close();
  }
}
