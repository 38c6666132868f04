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

  static void check(
      int blockLength, int offset, float[] weights, int[] which, int count, float[] sums) {
    Objects.checkFromIndexSize(0, count, which.length);
    if (count > 0) {
      Objects.checkIndex(which[0], weights.length);
    }
    check(blockLength, offset, count == 0 ? 0 : which[count - 1] + 1, weights, 0, sums);
  }
}
