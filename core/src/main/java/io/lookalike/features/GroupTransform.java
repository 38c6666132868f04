package io.lookalike.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.ojalgo.matrix.store.R064Store;

/**
 * Centres a unit vector and projects it on directions that tell groups of products apart; {@link
 * CatalogueTransform#byDesigns} has the formula.
 */
final class GroupTransform implements FeatureTransform {

  /** What a written transform begins with. */
  static final int FORMAT = -2;

  private final String attribute;
  private final int groups;
  private final int products;
  private final int principal;
  private final double shrinkage;
  private final Projection projection;

  private GroupTransform(
      String attribute,
      int groups,
      int products,
      int principal,
      double shrinkage,
      Projection projection) {
    this.attribute = attribute;
    this.groups = groups;
    this.products = products;
    this.principal = principal;
    this.shrinkage = shrinkage;
    this.projection = projection;
  }

  static GroupTransform of(
      PrincipalAxes axes,
      WithinCovariance.Normalization normalization,
      RowGroups by,
      int products) {
    int d = axes.mean().length;
    double[] directions =
        PrincipalAxes.product(
                R064Store.wrap(axes.axes(), d), R064Store.wrap(normalization.map(), axes.count()))
            .data;
    for (int a = 0; a < normalization.dimensions(); a++) {
      PrincipalAxes.fixSign(directions, a * d, d);
    }
    return new GroupTransform(
        by.attribute(),
        by.count(),
        products,
        axes.count(),
        normalization.shrinkage(),
        Projection.of(axes.mean(), directions));
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
    return String.format(
        Locale.ROOT,
        "centred, PCA %d -> %d, normalized within %d groups of equal %s (covariance^-0.5, shrunk"
            + " by %.1f %%), %d directions, fitted on %d products",
        inputDimension(),
        principal,
        groups,
        attribute,
        100 * shrinkage,
        outputDimension(),
        products);
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeInt(FORMAT);
    out.writeInt(inputDimension());
    out.writeInt(outputDimension());
    out.writeUTF(attribute);
    out.writeInt(groups);
    out.writeInt(products);
    out.writeInt(principal);
    out.writeDouble(shrinkage);
    projection.write(out);
  }

  /** Reads what follows the format. */
  static GroupTransform read(DataInput in) throws IOException {
    int input = in.readInt();
    int output = in.readInt();
    Projection.check(input, output);
    return new GroupTransform(
        in.readUTF(),
        in.readInt(),
        in.readInt(),
        in.readInt(),
        in.readDouble(),
        Projection.read(input, output, in));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GroupTransform that
        && description().equals(that.description())
        && shrinkage == that.shrinkage
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
