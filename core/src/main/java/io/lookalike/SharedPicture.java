package io.lookalike;

import java.util.List;

/**
 * Products that all have one picture, as {@link Recommender#sharedPictures} finds them: a
 * placeholder, such as "no image", or a photo that was used for many. Immutable.
 *
 * @param productIds their ids in order, at least two
 */
public record SharedPicture(List<String> productIds) {

  /** Copies the ids. */
  public SharedPicture {
    productIds = List.copyOf(productIds);
  }
}
