package io.lookalike.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What stops SQLite's native library, each seen in a JVM of its own. */
@Timeout(120)
@EnabledOnOs({OS.LINUX, OS.MAC})
class SqliteLibraryTest {
  @TempDir private Path folder;

  @Test
  void aFolderForTemporaryFilesThatCannotBeUsedIsNamedWithItsCure() throws Exception {
    Path missing = folder.resolve("missing");
    Path file = Files.createFile(folder.resolve("file"));

    assertThat(opened("-Djava.io.tmpdir=" + missing))
        .isEqualTo(
            store()
                + " cannot be opened: SQLite cannot be loaded: the folder for temporary files, \""
                + missing
                + "\" (java.io.tmpdir), does not exist; make it usable, or name another with"
                + " -Djava.io.tmpdir=FOLDER\n");
    assertThat(opened("-Dorg.sqlite.tmpdir=" + file))
        .isEqualTo(
            store()
                + " cannot be opened: SQLite cannot be loaded: the folder for temporary files, \""
                + file
                + "\" (org.sqlite.tmpdir), is no folder; make it usable, or name another with"
                + " -Dorg.sqlite.tmpdir=FOLDER\n");
    assertThat(store()).doesNotExist();
  }

  @Test
  void aFolderOfItsOwnIsEnough() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));

    assertThat(
            opened("-Djava.io.tmpdir=" + folder.resolve("missing") + " -Dorg.sqlite.tmpdir=" + own))
        .isEqualTo("done\n");
  }

  private Path store() {
    return folder.resolve("shop");
  }

  /** All that a JVM with these flags prints when it opens a store, but for its own warnings. */
  private String opened(String flags) throws Exception {
    return Child.run("export JDK_JAVA_OPTIONS='" + flags + "';", "open", store().toString())
        .replaceAll("(NOTE: Picked up|WARNING:).*\n", "")
        .replaceAll("(?m)^\n", "");
  }
}
