package io.lookalike.cli;

import org.jspecify.annotations.Nullable;

/** What was asked for cannot be done as asked. The message is one line for the user. */
final class UserErrorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserErrorException(String message) {
    super(message);
  }

  UserErrorException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
