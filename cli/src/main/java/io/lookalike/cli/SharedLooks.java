package io.lookalike.cli;

import io.lookalike.Recommender;
import io.lookalike.SharedPicture;
import java.util.List;

/** Tells of pictures that many products of a store have, by what the network sees of them. */
final class SharedLooks {

  /** So many products of one picture are taken for products of a placeholder. */
  static final int MANY = 20;

  private static final int NAMED = 3;

  private SharedLooks() {}

  /** A line for each picture that at least so many products have. */
  static List<String> lines(Recommender shop, int least) {
    return shop.sharedPictures(least).stream().map(SharedLooks::line).toList();
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
