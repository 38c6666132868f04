package io.lookalike.catalog;

import java.util.List;
import java.util.Objects;

/**
 * A product and its photos, on their way into the catalogue.
 *
 * @param product the product
 * @param images its photos, from 1 to {@value #MOST_IMAGES}: the first is the one that pages show
 */
public record ProductImage(Product product, List<ImageSource> images) implements CatalogueItem {

  /** So many photos may a product have. */
  public static final int MOST_IMAGES = 100;

  /**
   * Checks that all are there.
   *
   * @throws IllegalArgumentException if there is no photo, or there are too many
   */
  public ProductImage {
    Objects.requireNonNull(product, "product");
    images = List.copyOf(images);
    if (images.isEmpty() || images.size() > MOST_IMAGES) {
      throw new IllegalArgumentException(
          "the product "
              + product.id()
              + " has "
              + images.size()
              + " photos, expected 1 to "
              + MOST_IMAGES
              + (images.isEmpty() ? "; add it without looks" : "; leave some out"));
    }
  }

  /**
   * A product of one photo.
   *
   * @param product the product
   * @param image its photo
   */
  public ProductImage(Product product, ImageSource image) {
    this(product, List.of(Objects.requireNonNull(image, "image")));
  }

  /**
   * The first photo.
   *
   * @return that of {@link #images}
   */
  public ImageSource image() {
    return images.get(0);
  }
}
