package io.lookalike;

import io.lookalike.catalog.Ids;
import java.time.Instant;
import java.util.Objects;

/**
 * A sale.
 *
 * @param productId what was bought; it need not be in the catalogue yet
 * @param time when
 * @param quantity how many pieces, at least 1
 */
public record Purchase(String productId, Instant time, long quantity) {

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids} or the
   *     quantity is less than 1
   */
  public Purchase {
    Ids.checked(productId, "a purchase's product id");
    Objects.requireNonNull(time, "time");
    if (quantity < 1) {
      throw new IllegalArgumentException(
          "a purchase of " + productId + " has quantity " + quantity + ", expected 1 or more");
    }
  }

  /**
   * A sale of one piece.
   *
   * @param productId what was bought
   * @param time when
   * @return the purchase
   */
  public static Purchase of(String productId, Instant time) {
    return new Purchase(productId, time, 1);
  }
}
