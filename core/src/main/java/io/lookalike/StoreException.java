package io.lookalike;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A saved catalogue that cannot be opened or written: missing, damaged, from another extractor, or
 * in use. The message names the folder or file, what was found and what to do.
 */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
