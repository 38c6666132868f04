package io.lookalike.index.bruteforce;

import io.lookalike.math.VectorMath;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The products of a version as rows 0 to n - 1. The version stays pinned while this is used. */
final class Rows {

  private static final VectorMath MATH = VectorMath.active();
  private static final int TILE = 64;

  private final Segment[] segments;
  private final int rowsPerSegment;
  private final int dimension;
  private final int threads;
  private final int[] slots;

  Rows(Version version, int rowsPerSegment, int dimension, int threads) {
    this.threads = threads;
    this.segments = version.segments();
    this.rowsPerSegment = rowsPerSegment;
    this.dimension = dimension;
    var found = new int[version.size()];
    int n = 0;
    for (int s = 0; s < segments.length; s++) {
      for (int row = 0; row < rowsPerSegment; row++) {
        if (segments[s].entries()[row] != null) {
          found[n++] = s * rowsPerSegment + row;
        }
      }
    }
    this.slots = Arrays.copyOf(found, n);
  }

  int count() {
    return slots.length;
  }

  int dimension() {
    return dimension;
  }

  /** How many threads may work on these rows. */
  int threads() {
    return threads;
  }

  int slot(int row) {
    return slots[row];
  }

  float rounding() {
    return rounding(dimension);
  }

  /** Twice the error of a product of two unit vectors that {@link VectorMath} promises. */
  static float rounding(int dimension) {
    return (dimension / 4 + 32) * 0x1p-23f * 1.01f;
  }

  void copy(int row, float[] target, int offset) {
    int slot = slots[row];
    System.arraycopy(
        segments[slot / rowsPerSegment].vectors(),
        slot % rowsPerSegment * dimension,
        target,
        offset,
        dimension);
  }

  /** Rows evenly spread over all, one after the other. */
  float[] sample(int rows) {
    var sample = new float[rows * dimension];
    for (int i = 0; i < rows; i++) {
      copy((int) ((long) i * count() / rows), sample, i * dimension);
    }
    return sample;
  }

  /** Receives a row's coordinates; rows come in any order, one at a time. */
  interface Coordinates {
    void row(int number, float[] values, int offset);
  }

  /** Rotates the rows {@code from} to {@code to - 1}. */
  void rotated(Rotation rotation, int coordinates, int from, int to, Coordinates target) {
    rotated(rotation, coordinates, null, from, to, target);
  }

  /** Rotates the rows at the places {@code from} to {@code to - 1} of an order. */
  void rotated(
      Rotation rotation,
      int coordinates,
      int @Nullable [] order,
      int from,
      int to,
      Coordinates target) {
    var calls = new Object();
    Workers.run(
        threads,
        (to - from + TILE - 1) / TILE,
        () -> {
          var tile = new float[TILE * dimension];
          var offsets = new int[TILE];
          Arrays.setAll(offsets, i -> i * dimension);
          var values = new float[TILE * coordinates];
          return number -> {
            int start = from + number * TILE;
            int n = Math.min(TILE, to - start);
            for (int i = 0; i < n; i++) {
              copy(order == null ? start + i : order[start + i], tile, i * dimension);
            }
            rotation.apply(tile, offsets, n, coordinates, values);
            synchronized (calls) {
              for (int i = 0; i < n; i++) {
                target.row(start + i, values, i * coordinates);
              }
            }
          };
        });
  }

  /** Receives the product of a query and some row. */
  interface Products {
    void product(int query, float product);
  }

  /** Multiplies queries with all rows. */
  void products(float[] queries, int[] queryOffsets, int queryCount, Products target) {
    var tile = new float[TILE * dimension];
    var offsets = new int[TILE];
    Arrays.setAll(offsets, i -> i * dimension);
    var products = new float[queryCount * TILE];
    for (int start = 0; start < count(); start += TILE) {
      int n = Math.min(TILE, count() - start);
      for (int i = 0; i < n; i++) {
        copy(start + i, tile, i * dimension);
      }
      MATH.dots(queries, queryOffsets, queryCount, tile, offsets, n, dimension, products);
      for (int q = 0; q < queryCount; q++) {
        for (int i = 0; i < n; i++) {
          target.product(q, products[q * n + i]);
        }
      }
    }
  }
}
