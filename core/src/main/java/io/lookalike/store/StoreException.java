package io.lookalike.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A store that cannot be opened, read or written: missing, damaged, of another extractor or a newer
 * version, in use by another process, full, or out of reach. The message names the store, what was
 * found and what to do.
 */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Without a cause.
   *
   * @param message which store, what was found, what to do
   */
  public StoreException(String message) {
    super(message);
  }

  /**
   * With a cause.
   *
   * @param message which store, what was found, what to do
   * @param cause what went wrong below
   */
  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
