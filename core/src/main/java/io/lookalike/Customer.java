package io.lookalike;

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
   * @throws IllegalArgumentException if it is blank
   */
  public Customer {
    Objects.requireNonNull(tenant, "tenant");
    if (id.isBlank()) {
      throw new IllegalArgumentException("a customer's id is blank, expected a text");
    }
  }

  /**
   * A customer where there is one shop only.
   *
   * @param id an opaque text
   * @return the customer of the tenant ""
   * @throws IllegalArgumentException if the id is blank
   */
  public static Customer of(String id) {
    return new Customer("", id);
  }
}
