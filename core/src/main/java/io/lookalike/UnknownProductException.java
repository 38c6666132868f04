package io.lookalike;

import io.lookalike.catalog.Ids;

/** An id that is not in the catalogue. */
public final class UnknownProductException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Which id. */
  private final String productId;

  UnknownProductException(String id, int size) {
    super(
        "no product has the id \""
            + Ids.shown(id)
            + "\" among the "
            + size
            + " in the catalogue; add it first, or ask with its picture");
    this.productId = id;
  }

  /**
   * Which id.
   *
   * @return the id that was asked for
   */
  public String productId() {
    return productId;
  }
}
