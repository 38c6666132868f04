package io.lookalike.index;

import io.lookalike.catalog.Attributes;
import io.lookalike.math.UnitVector;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A product near a query with what the index holds of it, so that nothing need be looked up again.
 *
 * @param id the product's id
 * @param similarity as in {@link Neighbor}
 * @param attributes the product's
 * @param vector the product's, or null where it was not asked for
 * @param photo which of the product's photos was found, from 1
 */
public record Hit(
    String id, float similarity, Attributes attributes, @Nullable UnitVector vector, int photo) {

  /**
   * What an index finds, which knows of one vector a product.
   *
   * @param id the product's id
   * @param similarity as in {@link Neighbor}
   * @param attributes the product's
   * @param vector the product's, or null where it was not asked for
   */
  public Hit(String id, float similarity, Attributes attributes, @Nullable UnitVector vector) {
    this(id, similarity, attributes, vector, 1);
  }

  /** Checks that nothing but the vector is missing. */
  public Hit {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(attributes, "attributes");
  }
}
