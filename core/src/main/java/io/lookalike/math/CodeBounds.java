package io.lookalike.math;

import java.util.Objects;

/** The bounds of {@link CodeMath#addWeighted}, checked before anything is written. */
final class CodeBounds {
  private CodeBounds() {}

  static void check(
      int blockLength,
      int offset,
      int coordinates,
      float[] weights,
      int weightOffset,
      float[] sums) {
    Objects.checkFromIndexSize(
        (long) offset, (long) coordinates * CodeMath.BLOCK, (long) blockLength);
    Objects.checkFromIndexSize(weightOffset, coordinates, weights.length);
    Objects.checkFromIndexSize(0, CodeMath.BLOCK, sums.length);
  }
}
