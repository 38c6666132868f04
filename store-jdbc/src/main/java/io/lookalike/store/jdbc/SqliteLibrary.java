package io.lookalike.store.jdbc;

import io.lookalike.internal.TemporaryFolder;
import io.lookalike.store.StoreException;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's native library, which the driver copies from its jar to the folder for temporary files.
 * That folder is looked at before: the driver logs a stack trace for each of its own tries, and
 * then says only that it found no library.
 */
final class SqliteLibrary {
  private static final String TEMPORARY = "org.sqlite.tmpdir";

  /** The driver looks here first, and copies nothing. */
  private static final String PATH = "org.sqlite.lib.path";

  /** More than its library takes on any platform. */
  private static final long BYTES = 2_000_000;

  private static boolean loaded;

  private SqliteLibrary() {}

  static void load(Path folder) throws StoreException {
    String obstacle = obstacle().orElse(null);
    if (obstacle != null) {
      throw new StoreException(folder + " cannot be opened: " + obstacle);
    }
  }

  static synchronized Optional<String> obstacle() {
    if (loaded) {
      return Optional.empty();
    }
    String problem = unpacked() ? null : folderProblem();
    if (problem == null) {
      try {
        SQLiteJDBCLoader.initialize();
        loaded = true;
      } catch (Exception | LinkageError e) { // it declares no other
        problem = "SQLite cannot be loaded: " + e.getMessage();
      }
    }
    return Optional.ofNullable(problem);
  }

  private static @Nullable String folderProblem() {
    String own = System.getProperty(TEMPORARY);
    return TemporaryFolder.problem(
        "SQLite cannot be loaded",
        own == null ? System.getProperty(TemporaryFolder.PROPERTY, "") : own,
        own == null ? TemporaryFolder.PROPERTY : TEMPORARY,
        "",
        BYTES,
        true);
  }

  /** Whether the library lies where the driver loads it without a copy. */
  private static boolean unpacked() {
    String name = System.mapLibraryName("sqlitejdbc");
    return System.getProperty(PATH) != null
        || Arrays.stream(System.getProperty("java.library.path", "").split(File.pathSeparator))
            .anyMatch(folder -> new File(folder.isEmpty() ? "." : folder, name).exists());
  }
}
