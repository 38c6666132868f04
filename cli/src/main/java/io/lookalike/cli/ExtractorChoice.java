package io.lookalike.cli;

import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.features.FeatureExtractor;

/** The networks to choose from, as the command line names them. */
enum ExtractorChoice {
  LITE0("lite0"),
  LITE0_FAST("lite0-fast");

  private final String label;

  ExtractorChoice(String label) {
    this.label = label;
  }

  /** Loads the network, which the caller closes. */
  FeatureExtractor load() {
    return switch (this) {
      case LITE0 -> EfficientNetLite.builtIn();
      case LITE0_FAST -> EfficientNetLite.fast();
    };
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return label;
  }
}
