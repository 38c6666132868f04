package io.lookalike;

/** An id that is not in the catalogue. */
public final class UnknownProductException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnknownProductException(String id, int size) {
    super(
        "no product has the id \""
            + id
            + "\" among the "
            + size
            + " in the catalogue; add it first, or ask with its picture");
  }
}
