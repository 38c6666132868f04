package io.lookalike;

import io.lookalike.catalog.Ids;
import io.lookalike.store.StoreChange;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a customer did with a product. Immutable.
 *
 * <p>{@link Recommender#record(Event)} also counts a {@link Kind#BOUGHT} as a purchase of one
 * piece. A shop that counts its sales by {@link Recommender#recordPurchase} as well must give both
 * the same id, or leave one of them out; otherwise the sale counts twice.
 *
 * @param customer who
 * @param kind what
 * @param productId with which product; it need not be in the catalogue
 * @param time when
 * @param id what tells this event from all others; for a purchase, that of its {@link Purchase}. An
 *     event that is delivered twice then counts once, as long as the session holds it and, for a
 *     purchase, as long as the {@link PurchaseLog} remembers it. Null if it has none; then events
 *     with the same customer, kind, product and time are one for the session, but each a purchase
 */
public record Event(
    Customer customer, Kind kind, String productId, Instant time, @Nullable String id) {

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
   * Checks the ids.
   *
   * @throws IllegalArgumentException if one breaks the {@linkplain Ids rule for ids}
   */
  public Event {
    Objects.requireNonNull(customer, "customer");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(time, "time");
    Ids.checked(productId, "an event's product id");
    if (id != null) {
      Ids.checked(id, "an event's id");
    }
  }

  /**
   * An event without an id.
   *
   * @param customer who
   * @param kind what
   * @param productId with which product
   * @param time when
   * @throws IllegalArgumentException if the product's id breaks the {@linkplain Ids rule for ids}
   */
  public Event(Customer customer, Kind kind, String productId, Instant time) {
    this(customer, kind, productId, time, null);
  }

  /**
   * The same event with an id, by which it counts once however often it is delivered.
   *
   * @param id unlike that of any other event
   * @return the event
   * @throws IllegalArgumentException if it breaks the {@linkplain Ids rule for ids}
   */
  public Event withId(String id) {
    return new Event(customer, kind, productId, time, Objects.requireNonNull(id, "id"));
  }

  /**
   * What a store keeps of it.
   *
   * @return the change that it is to a store
   */
  public StoreChange.Did change() {
    return new StoreChange.Did(customer.tenant(), customer.id(), kind.name(), productId, time, id);
  }

  /** Returns the event in words, such as {@code anna viewed a at 2024-05-01T12:00:00Z}. */
  @Override
  public String toString() {
    String what = kind.name().toLowerCase(Locale.ROOT);
    return customer
        + " "
        + what
        + " "
        + productId
        + " at "
        + time
        + (id == null ? "" : " (" + id + ")");
  }
}
