package io.lookalike.index.bruteforce;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of slots. The entries never change, a later segment takes their place; the vectors are
 * shared with that one, and a row changes only while no reader can see an entry for it.
 *
 * @param vectors one row after the other
 * @param entries one for each row, null where it is free
 */
record Segment(float[] vectors, @Nullable Entry[] entries) {

  /**
   * Just below 4 MiB with the array's header, so that it fills whole regions of the garbage
   * collector; larger segments would not be read faster.
   */
  private static final int FLOATS = (1 << 20) - 16;

  /** Every single write copies a segment's entries. */
  private static final int MOST_ROWS = 1024;

  static int rows(int dimension) {
    return Math.max(1, Math.min(MOST_ROWS, FLOATS / dimension));
  }

  static Segment empty(int rows, int dimension) {
    return new Segment(new float[Math.multiplyExact(rows, dimension)], new @Nullable Entry[rows]);
  }
}
