package io.lookalike.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Centres a unit vector and projects it on scaled axes; {@link CatalogueTransform} has the formula.
 */
final class PcaTransform implements FeatureTransform {

  /**
   * What a written transform begins with; negative, because the identity begins with more than 0.
   */
  static final int FORMAT = -1;

  private final int products;
  private final double exponent;
  private final double shrinkage;
  private final double explained;

  /** On axes that are each divided by its eigenvalue's power. */
  private final Projection projection;

  private PcaTransform(
      int products, double exponent, double shrinkage, double explained, Projection projection) {
    this.products = products;
    this.exponent = exponent;
    this.shrinkage = shrinkage;
    this.explained = explained;
    this.projection = projection;
  }

  static PcaTransform of(PrincipalAxes fitted, int products, double exponent) {
    int dimension = fitted.mean().length;
    double shrinkage = exponent == 0 ? 0 : fitted.shrinkage();
    double average = fitted.totalVariance() / dimension;
    var axes = new double[fitted.count() * dimension];
    double kept = 0;
    for (int a = 0; a < fitted.count(); a++) {
      double eigenvalue = fitted.eigenvalues()[a];
      kept += eigenvalue;
      double shrunk = (1 - shrinkage) * eigenvalue + shrinkage * average;
      // StrictMath, so that the result does not depend on the JVM.
      double scale = exponent == 0 ? 1 : StrictMath.pow(shrunk, -exponent);
      for (int i = 0; i < dimension; i++) {
        axes[a * dimension + i] = fitted.axes()[a * dimension + i] * scale;
      }
    }
    return new PcaTransform(
        products,
        exponent,
        shrinkage,
        kept / fitted.totalVariance(),
        Projection.of(fitted.mean(), axes));
  }

  @Override
  public int inputDimension() {
    return projection.inputDimension();
  }

  @Override
  public int outputDimension() {
    return projection.outputDimension();
  }

  @Override
  public float[] apply(float[] features) {
    return projection.apply(features);
  }

  @Override
  public String description() {
    String whitened =
        exponent == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", divided by eigenvalue^%s, shrunk by %.1f %%",
                exponent,
                100 * shrinkage);
    return String.format(
        Locale.ROOT,
        "centred, PCA %d -> %d (%.1f %% of the variance)%s, fitted on %d products",
        inputDimension(),
        outputDimension(),
        100 * explained,
        whitened,
        products);
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeInt(FORMAT);
    out.writeInt(inputDimension());
    out.writeInt(outputDimension());
    out.writeInt(products);
    out.writeDouble(exponent);
    out.writeDouble(shrinkage);
    out.writeDouble(explained);
    projection.write(out);
  }

  /** Reads what follows the format. */
  static PcaTransform read(DataInput in) throws IOException {
    int input = in.readInt();
    int output = in.readInt();
    Projection.check(input, output);
    int products = in.readInt();
    double exponent = in.readDouble();
    double shrinkage = in.readDouble();
    double explained = in.readDouble();
    return new PcaTransform(
        products, exponent, shrinkage, explained, Projection.read(input, output, in));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PcaTransform that
        && products == that.products
        && exponent == that.exponent
        && shrinkage == that.shrinkage
        && explained == that.explained
        && projection.equals(that.projection);
  }

  @Override
  public int hashCode() {
    return projection.hashCode();
  }

  /** Returns the description. */
  @Override
  public String toString() {
    return description();
  }
}
