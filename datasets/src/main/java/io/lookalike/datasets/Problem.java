package io.lookalike.datasets;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Something in a file that could not be used as it stands.
 *
 * @param file the file or folder
 * @param line where in the file, from 1; a row that spans lines is known by its first; 0 if the
 *     whole file is meant
 * @param reason what was found, what was expected, in one line
 */
public record Problem(Path file, long line, String reason) {

  /** Checks that everything is there. */
  public Problem {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(reason, "reason");
  }

  /** Returns {@code file:line: reason}, or {@code file: reason} where there is no line. */
  @Override
  public String toString() {
    return line > 0 ? file + ":" + line + ": " + reason : file + ": " + reason;
  }
}
