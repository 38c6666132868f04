package io.lookalike.cli;

import io.lookalike.Recommender;
import io.lookalike.SharedPicture;
import io.lookalike.catalog.Product;
import io.lookalike.datasets.Catalogue;
import java.util.List;

/** Tells of pictures that many products of a store have, by what the network sees of them. */
final class SharedLooks {

  /** A picture of so many designs is taken for a placeholder. */
  static final int MANY = 20;

  private static final int NAMED = 3;

  private SharedLooks() {}

  /**
   * A line for each picture that many designs have.
   *
   * @param least number of designs
   * @param variantsBy what products of one design have in common
   */
  static List<String> lines(Recommender shop, int least, String variantsBy) {
    return shop.sharedPictures(least).stream()
        .filter(picture -> designs(shop, picture, variantsBy) >= least)
        .map(SharedLooks::line)
        .toList();
  }

  private static long designs(Recommender shop, SharedPicture picture, String variantsBy) {
    return picture.productIds().stream()
        .flatMap(id -> shop.product(id).stream())
        .map(product -> design(product, variantsBy))
        .distinct()
        .count();
  }

  /** What stands for a product's design: the product itself where nothing is known of one. */
  static Object design(Product product, String variantsBy) {
    Object text = product.attributes().get(variantsBy + Catalogue.TEXT_SUFFIX);
    Object value = text == null ? product.attributes().get(variantsBy) : text;
    return value == null ? product : value;
  }

  private static String line(SharedPicture picture) {
    List<String> ids = picture.productIds();
    int named = Math.min(NAMED, ids.size());
    return ids.size()
        + " products have the same picture, or nearly: "
        + String.join(", ", ids.subList(0, named))
        + (named < ids.size() ? " and " + (ids.size() - named) + " more" : "")
        + "; they are each other's look-alikes by it: if it is a placeholder, index them without it";
  }
}
