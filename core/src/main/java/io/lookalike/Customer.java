package io.lookalike;

import io.lookalike.catalog.Ids;
import java.util.Objects;

/**
 * Whose {@linkplain Sessions session} it is.
 *
 * @param tenant the shop, where several share {@link Sessions}; the same id in two tenants is two
 *     customers
 * @param id an opaque text, such as an account's id or a cookie
 */
public record Customer(String tenant, String id) {

  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException if it breaks the {@linkplain Ids rule for ids}
   */
  public Customer {
    Objects.requireNonNull(tenant, "tenant");
    Ids.checked(id, "a customer's id");
  }

  /**
   * A customer where there is one shop only.
   *
   * @param id an opaque text
   * @return the customer of the tenant ""
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids}
   */
  public static Customer of(String id) {
    return new Customer("", id);
  }

  /** Returns the id, and before it the tenant if there is one. */
  @Override
  public String toString() {
    return tenant.isEmpty() ? id : tenant + "/" + id;
  }
}
