package io.lookalike.store.jdbc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A small disk of a test's own, which root alone may make.
 *
 * @param path where it is
 */
record SmallDisk(Path path) implements AutoCloseable {

  /**
   * Makes one in a folder, of a size such as {@code 3m}.
   *
   * @throws org.opentest4j.TestAbortedException if this user may not
   */
  static SmallDisk of(Path folder, String size) throws Exception {
    Path path = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        runs("mount", "-t", "tmpfs", "-o", "size=" + size, "none", path.toString()),
        "only root may make a small disk");
    return new SmallDisk(path);
  }

  /** Gives it another size. */
  void grow(String size) throws Exception {
    remount("size=" + size);
  }

  /** Mounts it in another way, such as {@code ro}. */
  void remount(String options) throws Exception {
    if (!runs("mount", "-o", "remount," + options, path.toString())) {
      throw new IllegalStateException("mount -o remount," + options + " failed");
    }
  }

  private static boolean runs(String... command) throws Exception {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }

  @Override
  public void close() throws Exception {
    runs("umount", "-l", path.toString());
  }
}
