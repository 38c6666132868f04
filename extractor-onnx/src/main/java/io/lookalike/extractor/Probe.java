package io.lookalike.extractor;

import java.nio.FloatBuffer;
import java.nio.file.Path;

/** Tries a network that has just been loaded. */
final class Probe {
  private Probe() {}

  /**
   * Runs the network on an input of zeros.
   *
   * @return how many features it gave
   * @throws ModelFileException if it gave none
   */
  static int dimension(Path file, Network network, InputSize inputSize) {
    InputSize.Size size = inputSize.of(1, 1);
    FloatBuffer zeros = PictureExtractor.planes(3 * size.width() * size.height());
    int dimension;
    try {
      dimension = network.run(zeros, size.width(), size.height()).length;
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new ModelFileException(file, "the network cannot be used: " + e.getMessage(), e);
    }
    if (dimension == 0) {
      throw new ModelFileException(file, "the network gives 0 features, expected 1 or more", null);
    }
    return dimension;
  }
}
