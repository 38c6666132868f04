package io.lookalike;

/**
 * How near a product is of which there are several photos; see {@link RecommenderBuilder#photos}.
 */
public enum PhotoPolicy {
  /**
   * As near as its nearest photo: a shirt whose second photo shows its back is found by a photo of
   * a back. The index holds a vector for each photo. The default.
   */
  BEST,
  /**
   * As near as the mean of its photos: their unit vectors added up, and made one of length 1. The
   * index holds one vector a product.
   */
  MEAN
}
