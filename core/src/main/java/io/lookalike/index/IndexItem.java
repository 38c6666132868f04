package io.lookalike.index;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Ids;
import io.lookalike.math.UnitVector;
import java.util.Objects;

/**
 * What an index holds of a product. The vector was checked and normalised when it became a {@link
 * UnitVector}, so an index never sees a zero, NaN or infinite one.
 *
 * @param id the product's id
 * @param vector its direction
 * @param attributes what filters choose by
 */
public record IndexItem(String id, UnitVector vector, Attributes attributes) {

  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids}
   */
  public IndexItem {
    Ids.checked(id, "an item's id");
    Objects.requireNonNull(vector, "vector");
    Objects.requireNonNull(attributes, "attributes");
  }

  /**
   * An item without attributes.
   *
   * @param id as the {@linkplain Ids rule for ids} has it
   * @param vector finite numbers, not all zero, of any length greater than 0; copied
   * @return the item
   * @throws IllegalArgumentException if the id or the vector is not as described
   */
  public static IndexItem of(String id, float[] vector) {
    return new IndexItem(id, UnitVector.of(vector), Attributes.none());
  }
}
