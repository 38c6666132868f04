package io.lookalike.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A transform and what made it be chosen. */
record CheckedTransform(FeatureTransform chosen, HeldOutCheck measured)
    implements FeatureTransform {

  /** What a written transform begins with; the one that was chosen follows at the end. */
  static final int FORMAT = -3;

  @Override
  public int inputDimension() {
    return chosen.inputDimension();
  }

  @Override
  public int outputDimension() {
    return chosen.outputDimension();
  }

  @Override
  public float[] apply(float[] features) {
    return chosen.apply(features);
  }

  @Override
  public String description() {
    return chosen.description() + "; " + measured;
  }

  @Override
  public Optional<HeldOutCheck> check() {
    return Optional.of(measured);
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeInt(FORMAT);
    out.writeUTF(measured.question());
    out.writeInt(measured.products());
    out.writeUTF(measured.chosen());
    out.writeInt(measured.shares().size());
    for (Map.Entry<String, Double> each : measured.shares().entrySet()) {
      out.writeUTF(each.getKey());
      out.writeDouble(each.getValue());
    }
    chosen.write(out);
  }

  /** Reads the check, which follows the format; the transform is left. */
  static HeldOutCheck readCheck(DataInput in) throws IOException {
    String question = in.readUTF();
    int products = in.readInt();
    String chosen = in.readUTF();
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      shares.put(in.readUTF(), in.readDouble());
    }
    try {
      return new HeldOutCheck(question, products, shares, chosen);
    } catch (IllegalArgumentException e) {
      throw new IOException("the transform's check is damaged; fit it again", e);
    }
  }

  /** Returns the description. */
  @Override
  public String toString() {
    return description();
  }
}
