package io.lookalike.index.bruteforce;

import java.util.Arrays;
import java.util.Random;

/**
 * Puts like products next to each other: halves the set across its widest direction, then each
 * half, down to single blocks. A query then needs few blocks, and the others are passed over whole.
 */
final class BlockOrder {

  private static final int ITERATIONS = 8;

  /** The number of a set's members on which its widest direction is found. */
  private static final int SAMPLE = 1024;

  private final float[] coordinates;
  private final int dimension;
  private final int block;
  private final int[] order;
  private final long[] keys;

  private BlockOrder(float[] coordinates, int count, int dimension, int block) {
    this.coordinates = coordinates;
    this.dimension = dimension;
    this.block = block;
    this.order = new int[count];
    this.keys = new long[count];
    Arrays.setAll(order, i -> i);
  }

  /**
   * Orders rows.
   *
   * @param coordinates one row after the other
   * @param count number of rows
   * @param dimension of each
   * @param block number of rows that belong together
   * @return the rows' numbers; those of one block are at a multiple of {@code block}
   */
  static int[] of(float[] coordinates, int count, int dimension, int block) {
    var order = new BlockOrder(coordinates, count, dimension, block);
    order.split(0, count);
    return order.order;
  }

  private void split(int from, int to) {
    if (to - from <= block) {
      return;
    }
    float[] direction = widest(from, to);
    for (int i = from; i < to; i++) {
      float key = 0;
      int at = order[i] * dimension;
      for (int c = 0; c < dimension; c++) {
        key += direction[c] * coordinates[at + c];
      }
      int bits = Float.floatToIntBits(key);
      int sortable = bits ^ (bits >> 31 & Integer.MAX_VALUE);
      keys[i] = (long) sortable << 32 | order[i];
    }
    Arrays.sort(keys, from, to);
    for (int i = from; i < to; i++) {
      order[i] = (int) keys[i];
    }
    int blocks = (to - from + block - 1) / block;
    int middle = from + (blocks + 1) / 2 * block;
    split(from, middle);
    split(middle, to);
  }

  /** The first principal axis, by power iteration. */
  private float[] widest(int from, int to) {
    int step = Math.max(1, (to - from) / SAMPLE);
    var mean = new float[dimension];
    int n = 0;
    for (int i = from; i < to; i += step) {
      n++;
      for (int c = 0; c < dimension; c++) {
        mean[c] += coordinates[order[i] * dimension + c];
      }
    }
    for (int c = 0; c < dimension; c++) {
      mean[c] /= n;
    }
    var random = new Random(1);
    var direction = new float[dimension];
    for (int c = 0; c < dimension; c++) {
      direction[c] = (float) random.nextGaussian();
    }
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      var next = new float[dimension];
      for (int i = from; i < to; i += step) {
        int at = order[i] * dimension;
        float along = 0;
        for (int c = 0; c < dimension; c++) {
          along += (coordinates[at + c] - mean[c]) * direction[c];
        }
        for (int c = 0; c < dimension; c++) {
          next[c] += along * (coordinates[at + c] - mean[c]);
        }
      }
      double squares = 0;
      for (float value : next) {
        squares += (double) value * value;
      }
      if (!(squares > 0)) {
        return direction; // all alike: any order will do
      }
      float scale = (float) (1 / Math.sqrt(squares));
      for (int c = 0; c < dimension; c++) {
        direction[c] = next[c] * scale;
      }
    }
    return direction;
  }
}
