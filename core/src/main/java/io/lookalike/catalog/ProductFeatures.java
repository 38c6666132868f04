package io.lookalike.catalog;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A product and its features, made elsewhere, on their way into the catalogue.
 *
 * @param product the product
 * @param features as the extractor would make them, before any transform: finite numbers, not all
 *     zero. Not copied: the array must not be changed afterwards
 */
public record ProductFeatures(Product product, float[] features) implements CatalogueItem {

  /** Checks that both are there. */
  public ProductFeatures {
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(features, "features");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ProductFeatures that
        && product.equals(that.product)
        && Arrays.equals(features, that.features);
  }

  @Override
  public int hashCode() {
    return 31 * product.hashCode() + Arrays.hashCode(features);
  }

  /** Returns the product and the number of its features. */
  @Override
  public String toString() {
    return "ProductFeatures[" + product + ", " + features.length + " features]";
  }
}
