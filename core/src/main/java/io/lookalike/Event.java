package io.lookalike;

import io.lookalike.catalog.Ids;
import java.time.Instant;
import java.util.Objects;

/**
 * What a customer did with a product.
 *
 * @param customer who
 * @param kind what
 * @param productId with which product; it need not be in the catalogue
 * @param time when
 */
public record Event(Customer customer, Kind kind, String productId, Instant time) {

  /** What can be done with a product. */
  public enum Kind {
    /** Its page was opened. */
    VIEWED,
    /** It was chosen from a page of recommendations. */
    CLICKED,
    /** It went into the basket. */
    ADDED,
    /** It was bought. */
    BOUGHT,
    /** "Not for me": it is not to be shown again, nor much that looks like it. */
    DISMISSED
  }

  /**
   * Checks the product's id.
   *
   * @throws IllegalArgumentException if it breaks the {@linkplain Ids rule for ids}
   */
  public Event {
    Objects.requireNonNull(customer, "customer");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(time, "time");
    Ids.checked(productId, "an event's product id");
  }
}
