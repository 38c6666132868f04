package io.lookalike.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.store.jdbc.JdbcStore;
import io.lookalike.store.jdbc.SqliteStoreProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.TypeConversionException;

/**
 * Where a store is, as the command line names it: a folder with an SQLite database, or the address
 * of a PostgreSQL database. What it shows of an address never has a password in it.
 */
final class StorePlace {

  /** What help says of an option that takes one. */
  static final String LABEL = "DIR";

  private static final String DATABASE = "jdbc:";
  private static final String POSTGRES = "jdbc:postgresql:";
  private static final int CONNECTIONS = 8;
  private static final int SECONDS = 10;

  /** What a folder of a version before this one holds. */
  private static final String OLD_MANIFEST = "manifest.properties";

  private static final Pattern OURS = Pattern.compile("lookalike[.].*|index");

  /** What may lie in a folder before the first store does, as the store itself has it. */
  private static final Pattern LET_BE = Pattern.compile(OURS + "|lost[+]found|[.].*");

  private final @Nullable Path folder;
  private final @Nullable PGSimpleDataSource database;
  private final String shown;

  private StorePlace(@Nullable Path folder, @Nullable PGSimpleDataSource database, String shown) {
    this.folder = folder;
    this.database = database;
    this.shown = shown;
  }

  /** Reads an option's value. */
  static StorePlace of(String text) {
    if (!text.startsWith(DATABASE)) {
      Path path = Main.path(text);
      return new StorePlace(path, null, path.toString());
    }
    if (!text.startsWith(POSTGRES)) {
      throw new TypeConversionException(
          "it is another database, expected a folder, or jdbc:postgresql://HOST/DATABASE");
    }
    var source = new PGSimpleDataSource();
    try {
      source.setUrl(text);
    } catch (IllegalArgumentException e) { // whose message has the whole address in it
      throw new TypeConversionException(
          "it is no address of PostgreSQL, expected jdbc:postgresql://HOST/DATABASE?user=NAME");
    }
    source.setLoginTimeout(SECONDS);
    source.setReWriteBatchedInserts(true);
    return new StorePlace(null, source, text.replaceAll("[?].*", "").replaceAll("//.*@", "//"));
  }

  /** The folder; null if it is a database elsewhere. */
  @Nullable Path folder() {
    return folder;
  }

  /** Whether there is a store, or, of a database, there may be one. */
  boolean mayExist() {
    return folder == null || new SqliteStoreProvider().exists(folder);
  }

  /** Whether there is a catalogue that a version before this one saved. */
  static boolean isOld(Path folder) {
    return Files.isRegularFile(folder.resolve(OLD_MANIFEST));
  }

  /**
   * Opens what is there.
   *
   * @throws UserErrorException if there is none, or it is one of an earlier version
   */
  CatalogueStore open(Console console) throws IOException {
    if (folder != null) {
      if (!Files.isDirectory(folder)) {
        throw new UserErrorException(folder + " is no folder; index a catalogue into it first");
      }
      checkNotOld(folder);
      if (!mayExist()) {
        throw new UserErrorException(
            folder + " holds no store; index a catalogue into it first, or name its folder");
      }
    }
    CatalogueStore found = opened(console, false);
    if (found == null) {
      throw new UserErrorException(shown + " holds no store; index a catalogue into it first");
    }
    return found;
  }

  /** Opens what is there, or begins an empty store. {@link #checkWritable} comes first. */
  CatalogueStore openOrCreate(Console console) throws IOException {
    if (folder != null) {
      Files.createDirectories(Objects.requireNonNull(folder.toAbsolutePath().getParent()));
    }
    return Objects.requireNonNull(opened(console, true));
  }

  private @Nullable CatalogueStore opened(Console console, boolean orNew) throws StoreException {
    if (folder != null) {
      return JdbcStore.sqlite(folder);
    }
    PGSimpleDataSource server = Objects.requireNonNull(database);
    try (Connection first = server.getConnection()) {
      first.isValid(SECONDS);
    } catch (SQLException e) {
      throw new StoreException(
          shown
              + " is out of reach: "
              + e.getMessage()
              + "; look whether the server runs, and at the address; a user and a password are given"
              + " as ?user=NAME&password=..., or in a file that the variable PGPASSFILE names",
          e);
    }
    var config = new HikariConfig();
    config.setDataSource(server);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(SECONDS * 1_000L);
    var pool = new HikariDataSource(config);
    console.atEnd(pool);
    return orNew || JdbcStore.exists(pool) ? JdbcStore.of(pool) : null;
  }

  private void checkNotOld(Path there) {
    if (isOld(there)) {
      throw new UserErrorException(
          there
              + " holds a catalogue of an earlier version; convert it into a new folder: lookalike"
              + " store convert "
              + there
              + " NEW");
    }
  }

  /**
   * Checks that a store can be made or changed, before hours of work go into it.
   *
   * @throws UserErrorException if the folder holds something else, or cannot be written to
   */
  void checkWritable() throws IOException {
    if (folder == null) {
      return;
    }
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UserErrorException(folder + " is a file; name a folder for the store");
    }
    Path existing = folder.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw new UserErrorException(
          "cannot write " + folder + ": " + existing + " is no folder that can be written to");
    }
    checkNotOld(folder);
    if (Files.isDirectory(folder) && !mayExist()) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          if (!LET_BE.matcher(file.getFileName().toString()).matches()) {
            throw new UserErrorException(
                folder
                    + " holds other files ("
                    + file.getFileName()
                    + ") and no store; name an empty or a new folder");
          }
        }
      }
    }
  }

  /**
   * Deletes a closed store of a folder, unless there is a product in it or that cannot be told.
   * What cannot be deleted stays: it is not why the command failed.
   *
   * @param withFolder whether the folder goes too
   */
  void discardIfEmpty(boolean withFolder) {
    Path there = Objects.requireNonNull(folder);
    try {
      try (CatalogueStore store = JdbcStore.sqlite(there)) {
        if (store.count(0) > 0) {
          return;
        }
      }
      List<Path> files;
      try (Stream<Path> all = Files.walk(there)) {
        files = all.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        boolean goes =
            file.equals(there)
                ? withFolder
                : OURS.matcher(there.relativize(file).getName(0).toString()).matches();
        if (goes) {
          Files.delete(file);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // stays
    }
  }

  /** Returns the place, without a user's name or password. */
  @Override
  public String toString() {
    return shown;
  }
}
