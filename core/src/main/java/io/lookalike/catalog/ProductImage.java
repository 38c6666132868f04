package io.lookalike.catalog;

import java.util.Objects;

/**
 * A product and its picture, on their way into the catalogue.
 *
 * @param product the product
 * @param image its picture
 */
public record ProductImage(Product product, ImageSource image) implements CatalogueItem {

  /** Checks that both are there. */
  public ProductImage {
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(image, "image");
  }
}
