package io.lookalike.extractor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** How a map of features, one vector for each place in the picture, becomes one vector. */
public enum Pooling {
  /** The mean over all places. */
  AVERAGE,

  /**
   * The generalised mean with exponent 3, between mean and maximum: the cube root of the mean cube,
   * values below 1e-6 counting as 1e-6 (F. Radenovi&#263;, G. Tolias and O. Chum, <i>Fine-tuning
   * CNN Image Retrieval with No Human Annotation</i>, 2018, section 3.2).
   */
  GEM;

  private static final double LEAST = 1e-6;

  /**
   * What a network's output is as features.
   *
   * @param output for one picture
   * @param shape 1 x features, or 1 x channels x height x width
   * @param pooling of a map; null stands for the mean, and is what it must be for a vector
   * @return one vector
   * @throws IllegalArgumentException if the shape is another, or there is nothing to pool
   */
  public static float[] features(float[] output, long[] shape, @Nullable Pooling pooling) {
    boolean onePicture = shape.length > 0 && shape[0] == 1;
    if (onePicture && shape.length == 4) {
      return (pooling == null ? AVERAGE : pooling).pool(output, (int) (shape[2] * shape[3]));
    }
    if (onePicture && shape.length == 2) {
      if (pooling != null) {
        throw new IllegalArgumentException(
            "its output is a vector of "
                + shape[1]
                + " features, of which there is nothing to pool");
      }
      return output;
    }
    throw new IllegalArgumentException(
        "its output for one picture is "
            + Arrays.toString(shape)
            + ", expected a vector [1, features] or a map [1, channels, height, width]");
  }

  /**
   * Pools.
   *
   * @param map channels, each of the given number of places
   * @param places at least 1
   * @return one value for each channel
   */
  float[] pool(float[] map, int places) {
    float[] features = new float[map.length / places];
    for (int channel = 0; channel < features.length; channel++) {
      double sum = 0;
      for (int i = channel * places; i < (channel + 1) * places; i++) {
        double value = this == GEM ? Math.max(LEAST, map[i]) : map[i];
        sum += this == GEM ? value * value * value : value;
      }
      double mean = sum / places;
      features[channel] = (float) (this == GEM ? Math.cbrt(mean) : mean);
    }
    return features;
  }
}
