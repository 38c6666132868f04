package io.lookalike.features;

import java.io.DataInput;
import java.io.IOException;
import java.util.regex.Pattern;

/** Transforms of {@link CatalogueTransform}'s rules in files: each rule reads those of all. */
final class WrittenTransform {

  private static final Pattern RULES =
      Pattern.compile("none|catalogue-size|pairs|(pca|whitening|designs)-.*");

  private WrittenTransform() {}

  /** Whether a rule of this name writes what {@link #read} reads. */
  static boolean isOf(String rule) {
    return RULES.matcher(rule).matches();
  }

  static FeatureTransform read(DataInput in) throws IOException {
    int format = in.readInt();
    if (format != CheckedTransform.FORMAT) {
      return read(format, in);
    }
    HeldOutCheck check = CheckedTransform.readCheck(in);
    return new CheckedTransform(read(in.readInt(), in), check);
  }

  private static FeatureTransform read(int format, DataInput in) throws IOException {
    if (format > 0) {
      // The identity, which a small catalogue gets, writes its dimension and nothing before it.
      return FeatureTransform.identity(format);
    }
    return switch (format) {
      case PcaTransform.FORMAT -> PcaTransform.read(in);
      case GroupTransform.FORMAT -> GroupTransform.read(in);
      default ->
          throw new IOException(
              "the transform begins with " + format + ", expected -3 to -1; fit it again");
    };
  }
}
