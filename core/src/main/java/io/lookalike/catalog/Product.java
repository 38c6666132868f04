package io.lookalike.catalog;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * What a shop sells: an id and typed attributes. Immutable.
 *
 * <p>The id is an opaque text, compared exactly; an id such as {@code 0215303002} keeps its leading
 * zero because it is never read as a number.
 *
 * @param id as the {@linkplain Ids rule for ids} has it
 * @param attributes the properties that filters choose by
 */
public record Product(String id, Attributes attributes) {

  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids}
   */
  public Product {
    Ids.checked(id, "a product's id");
    Objects.requireNonNull(attributes, "attributes");
  }

  /**
   * A product without attributes.
   *
   * @param id as the {@linkplain Ids rule for ids} has it
   * @return the product
   */
  public static Product of(String id) {
    return new Product(id, Attributes.none());
  }

  /**
   * A copy that also has a text attribute.
   *
   * @param name the attribute
   * @param value its value
   * @return the new product
   */
  public Product with(String name, String value) {
    return new Product(id, attributes.with(name, value));
  }

  /**
   * A copy that also has a number.
   *
   * @param name the attribute
   * @param value its value, finite, as {@link Attributes#with(String, Number)} takes it
   * @return the new product
   * @throws IllegalArgumentException if the value is NaN, infinite or has too many digits
   */
  public Product with(String name, Number value) {
    return new Product(id, attributes.with(name, value));
  }

  /**
   * A copy that also has a truth value.
   *
   * @param name the attribute
   * @param value its value
   * @return the new product
   */
  public Product with(String name, boolean value) {
    return new Product(id, attributes.with(name, value));
  }

  /**
   * A copy that also has an instant.
   *
   * @param name the attribute
   * @param value its value
   * @return the new product
   */
  public Product with(String name, Instant value) {
    return new Product(id, attributes.with(name, value));
  }

  /**
   * A copy that also has a set of texts.
   *
   * @param name the attribute
   * @param values its members
   * @return the new product
   */
  public Product with(String name, Set<String> values) {
    return new Product(id, attributes.with(name, values));
  }
}
