package io.lookalike.features;

import java.util.Objects;

/**
 * An extractor has more to do than it allows: too many pictures wait for it, or this one has waited
 * too long. The picture is not to blame; the same call may succeed later. A web service answers
 * with status 503 or 429.
 */
public final class ExtractorBusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Which picture. */
  private final String image;

  /**
   * Creates the exception.
   *
   * @param image the picture's name
   * @param detail which limit was met, and what to do, in one line
   */
  public ExtractorBusyException(String image, String detail) {
    super(image + ": " + detail);
    this.image = Objects.requireNonNull(image, "image");
  }

  /**
   * Which picture was not extracted.
   *
   * @return the name of its source
   */
  public String image() {
    return image;
  }
}
