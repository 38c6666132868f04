package io.lookalike.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What stops a native library that is copied from its jar to a folder for temporary files: more
 * often than anything else, that folder.
 */
public final class TemporaryFolder {
  /** The folder of the whole JVM. */
  public static final String PROPERTY = "java.io.tmpdir";

  private TemporaryFolder() {}

  /**
   * Looks for what is wrong with a folder, by making another one in it and removing that.
   *
   * @param what cannot be had without it, such as "ONNX Runtime cannot be loaded"
   * @param name the folder
   * @param property that names it
   * @param why it is needed at all, in brackets, or empty
   * @param bytes that are to go there
   * @param executed whether these are to be executed
   * @return one line with the cure, or null if it can be used
   */
  public static @Nullable String problem(
      String what, String name, String property, String why, long bytes, boolean executed) {
    String start = what + ": the folder for temporary files, \"" + name + "\" (" + property + "), ";
    String cure = "; make it usable, or name another with -D" + property + "=FOLDER";
    try {
      Path folder = Path.of(name);
      if (!Files.exists(folder)) {
        return start + "does not exist" + why + cure;
      }
      if (!Files.isDirectory(folder)) {
        return start + "is no folder" + why + cure;
      }
      Path inner = Files.createTempDirectory(folder, "lookalike");
      Path probe = inner.resolve("probe");
      try {
        if (bytes > 0) {
          write(probe, bytes);
          // Not so on a file system that is mounted noexec, whoever asks.
          if (executed && !(probe.toFile().setExecutable(true) && Files.isExecutable(probe))) {
            return start + "lets nothing be executed (noexec)" + cure;
          }
        }
      } finally {
        Files.deleteIfExists(probe);
        Files.delete(inner);
      }
      return null;
    } catch (InvalidPathException e) {
      return start + "has a name that is no path: " + e.getMessage() + cure;
    } catch (IOException e) {
      return start
          + (bytes > 0 && !(e instanceof NoSuchFileException) && Files.isWritable(Path.of(name))
              ? String.format(
                  Locale.ROOT, "has no room for %,d MB: ", (bytes + 999_999) / 1_000_000)
              : "cannot be written to" + why + ": ")
          + reason(e)
          + cure;
    }
  }

  private static void write(Path file, long bytes) throws IOException {
    byte[] block = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = bytes; left > 0; left -= block.length) {
        out.write(block, 0, (int) Math.min(left, block.length));
      }
    }
  }

  private static String reason(IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return reason == null
        ? e instanceof NoSuchFileException
            ? "it takes no new folders"
            : e.getClass().getSimpleName()
        : reason;
  }
}
