package io.lookalike.examples;

import io.lookalike.catalog.ImageSource;
import io.lookalike.extractor.EfficientNetLite;
import java.nio.file.Path;

/** One photo's features, as docs/features.md shows it. */
public final class PhotoFeatures {

  private PhotoFeatures() {}

  /**
   * Extracts features.
   *
   * @param photo a picture file
   * @return 1,280 numbers
   */
  public static float[] of(Path photo) {
    // snippet: photo features
    try (EfficientNetLite extractor = EfficientNetLite.builtIn()) {
      return extractor.extract(ImageSource.of(photo));
    }
    // end
  }
}
