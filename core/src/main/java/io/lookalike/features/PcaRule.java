package io.lookalike.features;

import java.io.DataInput;
import java.io.IOException;
import java.util.function.IntFunction;

/**
 * Fits a {@link PcaTransform}.
 *
 * @param name what the rule is stored as
 * @param settings by the number of products
 */
record PcaRule(String name, IntFunction<Settings> settings) implements FeatureTransform.Rule {

  /**
   * What to fit.
   *
   * @param dimensions number of axes to keep, at least 1
   * @param exponent to which power of the eigenvalues coordinates are divided by, from 0 to 0.5
   */
  record Settings(int dimensions, double exponent) {
    Settings {
      if (dimensions < 1) {
        throw new IllegalArgumentException("dimensions is " + dimensions + ", expected 1 or more");
      }
      if (!(exponent >= 0 && exponent <= 0.5)) {
        throw new IllegalArgumentException("exponent is " + exponent + ", expected at most 0.5");
      }
    }
  }

  @Override
  public FeatureTransform fit(FeatureSet features) {
    int products = CatalogueTransform.products(features);
    if (products < CatalogueTransform.MIN_PRODUCTS) {
      return FeatureTransform.identity(features.dimension());
    }
    Settings chosen = settings.apply(products);
    PrincipalAxes axes = PrincipalAxes.of(features, chosen.dimensions);
    if (axes.rank() < Math.min(features.dimension(), CatalogueTransform.MIN_AXES)) {
      return FeatureTransform.identity(features.dimension());
    }
    return PcaTransform.of(axes, products, chosen.exponent);
  }

  @Override
  public boolean reads(String rule) {
    return WrittenTransform.isOf(rule);
  }

  @Override
  public FeatureTransform read(DataInput in) throws IOException {
    return WrittenTransform.read(in);
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return name;
  }
}
