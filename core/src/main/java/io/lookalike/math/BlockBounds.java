package io.lookalike.math;

import java.util.Objects;

/** The bounds of both {@code VectorMath.dots}, checked before anything is written. */
final class BlockBounds {

  private BlockBounds() {}

  static void check(
      float[] queries,
      int[] queryOffsets,
      int queryCount,
      float[] rows,
      int[] rowOffsets,
      int rowCount,
      int length,
      float[] target) {
    Objects.checkFromIndexSize(0, queryCount, queryOffsets.length);
    Objects.checkFromIndexSize(0, rowCount, rowOffsets.length);
    for (int q = 0; q < queryCount; q++) {
      Objects.checkFromIndexSize(queryOffsets[q], length, queries.length);
    }
    for (int r = 0; r < rowCount; r++) {
      Objects.checkFromIndexSize(rowOffsets[r], length, rows.length);
    }
    long products = (long) queryCount * rowCount;
    Objects.checkFromIndexSize(0L, products, (long) target.length);
  }

  static void check(float[] query, float[][] rows, int count, float[] target) {
    Objects.checkFromIndexSize(0, count, rows.length);
    Objects.checkFromIndexSize(0, count, target.length);
    for (int r = 0; r < count; r++) {
      Objects.checkFromIndexSize(0, query.length, rows[r].length);
    }
  }
}
