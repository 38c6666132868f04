package io.lookalike;

import io.lookalike.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * With what settings a saved catalogue was made, so that a program that did not save it can open
 * it.
 *
 * @param extractor the extractor's {@linkplain io.lookalike.features.FeatureExtractor#identity
 *     identity}; empty if the features were made elsewhere
 * @param dimension the length of the features, at least 1
 * @param transform the {@linkplain io.lookalike.features.FeatureTransform.Rule#name name} of the
 *     transform's rule; {@code none} if no transform has been fitted
 */
public record StoreInfo(String extractor, int dimension, String transform) {

  /**
   * Whether a folder holds a saved catalogue. A first save that was cut off has left none.
   *
   * @param folder any path
   * @return true if {@link RecommenderBuilder#open} finds one there
   */
  public static boolean exists(Path folder) {
    return StoreFolder.exists(folder);
  }

  /**
   * Reads a saved catalogue's manifest and nothing else.
   *
   * @param folder what {@link Recommender#save} wrote
   * @return its settings
   * @throws StoreException if the folder is no store, or the manifest is damaged
   * @throws IOException if reading fails
   */
  public static StoreInfo read(Path folder) throws IOException {
    return StoreFolder.info(folder);
  }
}
