package io.lookalike.features;

import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Centres a unit vector and projects it on scaled axes; {@link CatalogueTransform} has the formula.
 */
final class PcaTransform implements FeatureTransform {

  /**
   * What a written transform begins with; negative, because the identity begins with more than 0.
   */
  private static final int FORMAT = -1;

  /** Shorter than this, a projection is rounding and has no direction: unit vectors went in. */
  private static final double NO_DIRECTION = 1e-6;

  private final int products;
  private final double exponent;
  private final double shrinkage;
  private final double explained;
  private final float[] mean;

  /** One after the other, each divided by its eigenvalue's power. */
  private final float[] axes;

  private final int[] axisOffsets;

  private PcaTransform(
      int products,
      double exponent,
      double shrinkage,
      double explained,
      float[] mean,
      float[] axes) {
    this.products = products;
    this.exponent = exponent;
    this.shrinkage = shrinkage;
    this.explained = explained;
    this.mean = mean;
    this.axes = axes;
    this.axisOffsets = offsets(axes.length / mean.length, mean.length);
  }

  static PcaTransform of(PrincipalAxes fitted, int products, double exponent) {
    int dimension = fitted.mean().length;
    double shrinkage = exponent == 0 ? 0 : fitted.shrinkage();
    double average = fitted.totalVariance() / dimension;
    var axes = new float[fitted.count() * dimension];
    double kept = 0;
    for (int a = 0; a < fitted.count(); a++) {
      double eigenvalue = fitted.eigenvalues()[a];
      kept += eigenvalue;
      double shrunk = (1 - shrinkage) * eigenvalue + shrinkage * average;
      // StrictMath, so that the result does not depend on the JVM.
      double scale = exponent == 0 ? 1 : StrictMath.pow(shrunk, -exponent);
      for (int i = 0; i < dimension; i++) {
        axes[a * dimension + i] = (float) (fitted.axes()[a * dimension + i] * scale);
      }
    }
    var mean = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      mean[i] = (float) fitted.mean()[i];
    }
    return new PcaTransform(
        products, exponent, shrinkage, kept / fitted.totalVariance(), mean, axes);
  }

  @Override
  public int inputDimension() {
    return mean.length;
  }

  @Override
  public int outputDimension() {
    return axisOffsets.length;
  }

  @Override
  public float[] apply(float[] features) {
    int dimension = mean.length;
    if (features.length != dimension) {
      throw new IllegalArgumentException(
          "features have " + features.length + " dimensions, expected " + dimension);
    }
    float[] centred = UnitVector.of(features).toArray();
    for (int i = 0; i < dimension; i++) {
      centred[i] -= mean[i];
    }
    var result = new float[outputDimension()];
    VectorMath.active()
        .dots(centred, new int[1], 1, axes, axisOffsets, result.length, dimension, result);
    double squares = 0;
    for (float r : result) {
      squares += (double) r * r;
    }
    if (squares < NO_DIRECTION * NO_DIRECTION) {
      Arrays.fill(result, 0);
      result[0] = 1;
    }
    return result;
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
    for (float value : mean) {
      out.writeFloat(value);
    }
    for (float value : axes) {
      out.writeFloat(value);
    }
  }

  static PcaTransform read(int format, DataInput in) throws IOException {
    if (format != FORMAT) {
      throw new IOException(
          "the transform begins with " + format + ", expected " + FORMAT + "; fit it again");
    }
    int input = in.readInt();
    int output = in.readInt();
    if (input < 1 || output < 1 || output > input) {
      throw new IOException(
          "the transform maps " + input + " to " + output + " dimensions; fit it again");
    }
    int products = in.readInt();
    double exponent = in.readDouble();
    double shrinkage = in.readDouble();
    double explained = in.readDouble();
    float[] mean = readFloats(in, input);
    return new PcaTransform(
        products,
        exponent,
        shrinkage,
        explained,
        mean,
        readFloats(in, Math.multiplyExact(input, output)));
  }

  private static float[] readFloats(DataInput in, int count) throws IOException {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.readFloat();
      if (!Float.isFinite(values[i])) {
        throw new IOException("the transform holds " + values[i] + "; fit it again");
      }
    }
    return values;
  }

  private static int[] offsets(int count, int step) {
    return IntStream.range(0, count).map(i -> i * step).toArray();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PcaTransform that
        && products == that.products
        && exponent == that.exponent
        && shrinkage == that.shrinkage
        && explained == that.explained
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(axes, that.axes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(axes);
  }

  /** Returns the description. */
  @Override
  public String toString() {
    return description();
  }
}
