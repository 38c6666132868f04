package io.lookalike.catalog;

import java.util.Objects;

/**
 * A product on its way into the catalogue, with what is known of its looks: a {@link ProductImage},
 * {@link ProductFeatures}, or nothing yet. Immutable.
 */
public sealed interface CatalogueItem permits ProductImage, ProductFeatures, CatalogueItem.NoLooks {

  /**
   * The product.
   *
   * @return its id and attributes
   */
  Product product();

  /**
   * A product without a photo. It can be sold, filtered and shown as a best seller, and is found by
   * its looks once it is added again with a photo or features.
   *
   * @param product the product
   * @return the item
   */
  static CatalogueItem of(Product product) {
    return new NoLooks(product);
  }

  /**
   * A product of whose looks nothing is known.
   *
   * @param product the product
   */
  record NoLooks(Product product) implements CatalogueItem {

    /** Checks that it is there. */
    public NoLooks {
      Objects.requireNonNull(product, "product");
    }
  }
}
