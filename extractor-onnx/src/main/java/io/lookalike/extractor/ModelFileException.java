package io.lookalike.extractor;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of weights, or a network in a file, that cannot be used: missing, truncated, in an unknown
 * format, or not the network that was asked for. The message is one line that names the file, what
 * was found and what was expected.
 */
public final class ModelFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param file the file
   * @param reason what was found and what was expected, in one line, without the file's name
   * @param cause what a library threw, or null
   */
  public ModelFileException(Path file, String reason, @Nullable Throwable cause) {
    super(file + ": " + oneLine(reason), cause);
  }

  /** What stands in a file may stand in the reason. */
  private static String oneLine(String reason) {
    return reason.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cntrl}", "?");
  }
}
