package io.lookalike.examples;

import io.lookalike.catalog.ImageSource;
import io.lookalike.extractor.Picture;
import io.lookalike.features.FeatureExtractor;

// snippet: own extractor
/** How much of a picture has each of 64 colours. Needs no network; sees no shapes. */
public final class ColourHistogram implements FeatureExtractor {

  /** Creates the extractor. */
  public ColourHistogram() {}

  @Override
  public String identity() {
    return "colour-histogram/4x4x4"; // another one whenever the features change
  }

  @Override
  public int dimension() {
    return 64;
  }

  @Override
  public float[] extract(ImageSource source) {
    byte[] rgb = Picture.read(source).rgb(); // upright, within limits
    float[] histogram = new float[64];
    for (int i = 0; i < rgb.length; i += 3) {
      // The upper two bits of red, green and blue.
      histogram[(rgb[i] >> 2 & 0b110000) | (rgb[i + 1] >> 4 & 0b1100) | (rgb[i + 2] >> 6 & 0b11)]++;
    }
    return histogram;
  }

  @Override
  public void close() {} // there is nothing to free
}
// end
