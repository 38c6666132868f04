package io.lookalike.catalog;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A picture that cannot be turned into features: missing, truncated, too large, or not a picture.
 * The message is one line that names the picture and what is wrong; {@link #reason()} says whose
 * matter it is.
 */
public final class UnreadableImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a picture cannot be read: by its own fault, its source's, or this program's. */
  public enum Reason {
    /** The picture is empty, cut off or damaged. */
    DAMAGED(true),
    /** A format, or a variant of one, that is not read here; the picture may be sound. */
    UNSUPPORTED(true),
    /** More bytes or pixels than the application allows. */
    TOO_LARGE(true),
    /** It can be read, but the network finds nothing in it. */
    NO_FEATURES(true),
    /** The file or stream that it comes from is missing or fails. */
    UNREACHABLE(false),
    /** This program has too little memory for it. */
    OUT_OF_MEMORY(false),
    /** This program lacks the decoder that it should have. */
    NO_DECODER(false);

    private final boolean inPicture;

    Reason(boolean inPicture) {
      this.inPicture = inPicture;
    }

    /**
     * Whether the picture itself is at fault, so that whoever sent it must send another. A web
     * service answers with a status of 400 to 499 then, with 500 to 599 otherwise.
     *
     * @return false if the same picture may be read another time, or elsewhere
     */
    public boolean inPicture() {
      return inPicture;
    }
  }

  /** The picture's name, kept apart from the rest so that a report can show them in columns. */
  private final String image;

  private final Reason reason;

  /** What is wrong, without the picture's name. */
  private final String detail;

  /**
   * Creates the exception.
   *
   * @param image the picture's {@linkplain ImageSource#name() name}
   * @param reason whose matter it is
   * @param detail what was found, what was expected and what to do, in one line
   * @param cause what the decoder threw, or null
   */
  public UnreadableImageException(
      String image, Reason reason, String detail, @Nullable Throwable cause) {
    super(image + ": " + detail, cause);
    this.image = Objects.requireNonNull(image, "image");
    this.reason = Objects.requireNonNull(reason, "reason");
    this.detail = Objects.requireNonNull(detail, "detail");
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
   * Why it cannot be read, for programs.
   *
   * @return the kind of fault
   */
  public Reason reason() {
    return reason;
  }

  /**
   * Why it cannot be read, for people.
   *
   * @return one line, without the picture's name
   */
  public String detail() {
    return detail;
  }
}
