package io.lookalike.math;

import java.util.Objects;

/** Plain Java, in eight partial sums so that the additions do not wait for one another. */
final class ScalarVectorMath implements VectorMath {

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
    Objects.checkFromIndexSize(aOffset, length, a.length);
    Objects.checkFromIndexSize(bOffset, length, b.length);
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    // Not Math.fma: where the processor lacks the instruction it is a BigDecimal.
    for (int end = length & -8; i < end; i += 8) {
      s0 += a[aOffset + i] * b[bOffset + i];
      s1 += a[aOffset + i + 1] * b[bOffset + i + 1];
      s2 += a[aOffset + i + 2] * b[bOffset + i + 2];
      s3 += a[aOffset + i + 3] * b[bOffset + i + 3];
      s4 += a[aOffset + i + 4] * b[bOffset + i + 4];
      s5 += a[aOffset + i + 5] * b[bOffset + i + 5];
      s6 += a[aOffset + i + 6] * b[bOffset + i + 6];
      s7 += a[aOffset + i + 7] * b[bOffset + i + 7];
    }
    float rest = 0;
    for (; i < length; i++) {
      rest += a[aOffset + i] * b[bOffset + i];
    }
    return (((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))) + rest;
  }

  @Override
  public void dots(
      float[] queries,
      int[] queryOffsets,
      int queryCount,
      float[] rows,
      int[] rowOffsets,
      int rowCount,
      int length,
      float[] target) {
    BlockBounds.check(
        queries, queryOffsets, queryCount, rows, rowOffsets, rowCount, length, target);
    for (int q = 0; q < queryCount; q++) {
      for (int r = 0; r < rowCount; r++) {
        target[q * rowCount + r] = dot(queries, queryOffsets[q], rows, rowOffsets[r], length);
      }
    }
  }

  @Override
  public void dots(float[] query, float[][] rows, int count, float[] target) {
    BlockBounds.check(query, rows, count, target);
    for (int r = 0; r < count; r++) {
      target[r] = dot(query, 0, rows[r], 0, query.length);
    }
  }
}
