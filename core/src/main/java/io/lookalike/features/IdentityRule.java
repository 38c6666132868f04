package io.lookalike.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The rule that leaves features as they are. */
final class IdentityRule implements FeatureTransform.Rule {

  @Override
  public String name() {
    return "none";
  }

  @Override
  public FeatureTransform fit(FeatureSet features) {
    return new Identity(features.dimension());
  }

  @Override
  public FeatureTransform read(DataInput in) throws IOException {
    return new Identity(in.readInt());
  }

  record Identity(int dimension) implements FeatureTransform {
    @Override
    public int inputDimension() {
      return dimension;
    }

    @Override
    public int outputDimension() {
      return dimension;
    }

    @Override
    public float[] apply(float[] features) {
      if (features.length != dimension) {
        throw new IllegalArgumentException(
            "features have " + features.length + " dimensions, expected " + dimension);
      }
      return features.clone();
    }

    @Override
    public String description() {
      return "none";
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeInt(dimension);
    }
  }
}
