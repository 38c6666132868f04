package io.lookalike.evaluation;

import io.lookalike.catalog.Product;
import java.time.Instant;
import java.util.Random;

/** Made-up catalogues. */
final class Shops {

  static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  static final int DAYS = 70;
  static final Instant CUT = Instant.parse("2024-03-04T00:00:00Z");

  private Shops() {}

  /** Products in 20 categories that lie apart, of designs in 4 colors that lie close. */
  static ReplayCatalogue catalogue(int products, long seed) {
    var random = new Random(seed);
    var centers = new float[20][16];
    for (float[] center : centers) {
      for (int i = 0; i < center.length; i++) {
        center[i] = (float) random.nextGaussian();
      }
    }
    ReplayCatalogue.Builder builder =
        ReplayCatalogue.builder().categoryBy("category").variantsBy("design");
    float[] design = {};
    for (int p = 0; p < products; p++) {
      int category = p / 4 % centers.length;
      if (p % 4 == 0) {
        design = near(centers[category], 0.4, random);
      }
      builder.add(
          Product.of(String.format("p%05d", p))
              .with("category", "category " + category)
              .with("design", "design " + p / 4),
          near(design, 0.15, random));
    }
    return builder.build();
  }

  private static float[] near(float[] center, double spread, Random random) {
    float[] near = center.clone();
    for (int i = 0; i < near.length; i++) {
      near[i] += (float) (spread * random.nextGaussian());
    }
    return near;
  }
}
