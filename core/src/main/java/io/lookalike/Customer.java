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
   * Checks both.
   *
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids}, or half of
   *     a surrogate pair stands alone in the tenant
   */
  public Customer {
    String torn = Ids.tornText(Objects.requireNonNull(tenant, "tenant"));
    if (torn != null) {
      throw new IllegalArgumentException("a customer's tenant " + torn);
    }
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
