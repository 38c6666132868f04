package io.lookalike;

import io.lookalike.catalog.Ids;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sale, or pieces that came back. Immutable.
 *
 * @param productId what was bought; it need not be in the catalogue yet
 * @param time when
 * @param quantity how many pieces, at least 1; or -1 or less for pieces that came back, which count
 *     on the day on which they did
 * @param id what tells this purchase from all others, such as the order's number with that of the
 *     line: {@code order-17/2}. A purchase that is delivered twice then counts once. Null if it has
 *     none
 */
public record Purchase(String productId, Instant time, long quantity, @Nullable String id) {

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if an id breaks the {@linkplain Ids rule for ids} or the
   *     quantity is 0
   */
  public Purchase {
    Ids.checked(productId, "a purchase's product id");
    Objects.requireNonNull(time, "time");
    if (quantity == 0) {
      throw new IllegalArgumentException(
          "a purchase of "
              + productId
              + " has quantity 0, expected 1 or more, or -1 or less for what came back");
    }
    if (id != null) {
      Ids.checked(id, "a purchase's id");
    }
  }

  /**
   * A purchase without an id.
   *
   * @param productId what was bought
   * @param time when
   * @param quantity how many pieces, less than 0 for what came back
   * @throws IllegalArgumentException if the product's id breaks the {@linkplain Ids rule for ids}
   *     or the quantity is 0
   */
  public Purchase(String productId, Instant time, long quantity) {
    this(productId, time, quantity, null);
  }

  /**
   * A sale of one piece.
   *
   * @param productId what was bought
   * @param time when
   * @return the purchase
   * @throws IllegalArgumentException if the product's id breaks the {@linkplain Ids rule for ids}
   */
  public static Purchase of(String productId, Instant time) {
    return new Purchase(productId, time, 1);
  }

  /**
   * The return of one piece.
   *
   * @param productId what came back
   * @param time when
   * @return the purchase, of quantity -1
   * @throws IllegalArgumentException if the product's id breaks the {@linkplain Ids rule for ids}
   */
  public static Purchase returned(String productId, Instant time) {
    return new Purchase(productId, time, -1);
  }

  /**
   * The same purchase with an id, by which it counts once however often it is delivered. A {@link
   * PurchaseLog} says how many ids it remembers.
   *
   * @param id unlike that of any other purchase, also of other products and of returns
   * @return the purchase
   * @throws IllegalArgumentException if it breaks the {@linkplain Ids rule for ids}
   */
  public Purchase withId(String id) {
    return new Purchase(productId, time, quantity, Objects.requireNonNull(id, "id"));
  }

  /** Returns the purchase in words, such as {@code 2 of a at 2024-05-01T12:00:00Z (order-17/2)}. */
  @Override
  public String toString() {
    String pieces = quantity < 0 ? "return of " + -quantity : "" + quantity;
    return pieces + " of " + productId + " at " + time + (id == null ? "" : " (" + id + ")");
  }
}
