package io.lookalike;

import io.lookalike.catalog.Ids;
import java.text.Normalizer;

/** An id that is not in the catalogue. */
public final class UnknownProductException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Which id. */
  private final String productId;

  UnknownProductException(String id, LiveCatalogue catalogue) {
    super(
        "no product has the id \""
            + Ids.shown(id)
            + "\" among the "
            + catalogue.size()
            + " in the catalogue; "
            + advice(id, catalogue));
    this.productId = id;
  }

  private static String advice(String id, LiveCatalogue catalogue) {
    for (String form : Ids.forms(id)) {
      if (catalogue.product(form) != null) {
        return "one has it in another Unicode form ("
            + (Normalizer.isNormalized(form, Normalizer.Form.NFC) ? "NFC" : "NFD")
            + "), so ask for that, and normalize ids where they come in";
      }
    }
    return "add it first, or ask with its picture";
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
