package io.lookalike.examples;

import io.lookalike.Recommender;

/** A shop of one's own parts. */
public final class OwnParts {

  private OwnParts() {}

  /**
   * Makes an empty shop.
   *
   * @return to be closed
   */
  public static Recommender shop() {
    // snippet: own parts
    Recommender shop =
        Recommender.builder().extractor(new ColourHistogram()).index(ListIndex::new).build();
    // end
    return shop;
  }
}
