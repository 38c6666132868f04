package io.lookalike.datasets.vectors;

import org.jspecify.annotations.Nullable;

/**
 * A file of vectors, or of their ids, that is missing, foreign or damaged. The message is one line:
 * the file, what was found, what was expected, and what to do.
 */
public final class VectorFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  VectorFileException(String message) {
    super(message);
  }

  VectorFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
