package io.lookalike.features;

import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Centres a unit vector and takes its products with axes. */
final class Projection {

  /** Shorter than this, a projection is rounding and has no direction: unit vectors went in. */
  private static final double NO_DIRECTION = 1e-6;

  private final float[] mean;

  /** One after the other. */
  private final float[] axes;

  private final int[] axisOffsets;

  private Projection(float[] mean, float[] axes) {
    this.mean = mean;
    this.axes = axes;
    this.axisOffsets =
        IntStream.range(0, axes.length / mean.length).map(i -> i * mean.length).toArray();
  }

  /**
   * Rounds to float.
   *
   * @param axes one after the other, each as long as the mean
   */
  static Projection of(double[] mean, double[] axes) {
    return new Projection(floats(mean), floats(axes));
  }

  private static float[] floats(double[] values) {
    var rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    return rounded;
  }

  int inputDimension() {
    return mean.length;
  }

  int outputDimension() {
    return axisOffsets.length;
  }

  /** As {@link FeatureTransform#apply}. */
  float[] apply(float[] features) {
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

  /** Writes the numbers, without how many they are. */
  void write(DataOutput out) throws IOException {
    for (float value : mean) {
      out.writeFloat(value);
    }
    for (float value : axes) {
      out.writeFloat(value);
    }
  }

  static Projection read(int input, int output, DataInput in) throws IOException {
    float[] mean = readFloats(in, input);
    return new Projection(mean, readFloats(in, Math.multiplyExact(input, output)));
  }

  static void check(int input, int output) throws IOException {
    if (input < 1 || output < 1 || output > input) {
      throw new IOException(
          "the transform maps " + input + " to " + output + " dimensions; fit it again");
    }
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Projection that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(axes, that.axes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(axes);
  }
}
