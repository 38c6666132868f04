package io.lookalike.catalog;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A picture that cannot be turned into features: missing, truncated, too large, or not a picture.
 * The message is one line that names the picture and the reason.
 */
public final class UnreadableImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The picture's name, kept apart from the reason so that a report can show them in columns. */
  private final String image;

  /** Why, without the picture's name. */
  private final String reason;

  /**
   * Creates the exception.
   *
   * @param image the picture's {@linkplain ImageSource#name() name}
   * @param reason what was found, what was expected and what to do, in one line
   * @param cause what the decoder threw, or null
   */
  public UnreadableImageException(String image, String reason, @Nullable Throwable cause) {
    super(image + ": " + reason, cause);
    this.image = Objects.requireNonNull(image, "image");
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /**
   * Which picture.
   *
   * @return the name of its source
   */
  public String image() {
    return image;
  }

  /**
   * Why it cannot be read.
   *
   * @return one line, without the picture's name
   */
  public String reason() {
    return reason;
  }
}
