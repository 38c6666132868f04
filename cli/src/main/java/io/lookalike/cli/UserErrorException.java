package io.lookalike.cli;

import java.util.function.Supplier;
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

  /**
   * Does what an option asks for. What the library says of a bad value is said of the option.
   *
   * @param option its name
   * @param value as it was given
   */
  static <T> T unlessRefused(String option, Object value, Supplier<T> making) {
    try {
      return making.get();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      int expected = message.lastIndexOf(", expected ");
      throw new UserErrorException(
          option + " is " + value + (expected < 0 ? ": " + message : message.substring(expected)),
          e);
    }
  }
}
