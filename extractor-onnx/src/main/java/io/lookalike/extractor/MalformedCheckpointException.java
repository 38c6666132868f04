package io.lookalike.extractor;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file of weights whose list of tensors cannot be read; the message does not name the file. */
final class MalformedCheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedCheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
