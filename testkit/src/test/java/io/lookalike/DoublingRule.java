package io.lookalike;

import io.lookalike.features.FeatureSet;
import io.lookalike.features.FeatureTransform;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/** A transform whose effect is easy to see: every vector twice, one behind the other. */
final class DoublingRule implements FeatureTransform.Rule {

  @Override
  public String name() {
    return "doubling";
  }

  @Override
  public FeatureTransform fit(FeatureSet features) {
    return new Doubling(features.dimension(), features.size());
  }

  @Override
  public FeatureTransform read(DataInput in) throws IOException {
    return new Doubling(in.readInt(), in.readInt());
  }

  record Doubling(int inputDimension, int fittedOn) implements FeatureTransform {
    @Override
    public int outputDimension() {
      return 2 * inputDimension;
    }

    @Override
    public float[] apply(float[] features) {
      float[] twice = Arrays.copyOf(features, outputDimension());
      System.arraycopy(features, 0, twice, inputDimension, inputDimension);
      return twice;
    }

    @Override
    public String description() {
      return "doubling, fitted on " + fittedOn;
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeInt(inputDimension);
      out.writeInt(fittedOn);
    }
  }
}
