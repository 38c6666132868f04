package io.lookalike.index.bruteforce;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of slots. The entries never change, a later segment takes their place; the vectors are
 * shared with that one, and a row changes only while no reader can see an entry for it.
 *
 * @param vectors one row after the other
 * @param entries one for each row, null where it is free
 * @param written at which of the index's writes each row's vector was written
 * @param fresh one bit for each row: written since the version's pruner was built
 */
record Segment(float[] vectors, @Nullable Entry[] entries, int[] written, long[] fresh) {

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
    return new Segment(
        new float[Math.multiplyExact(rows, dimension)],
        new @Nullable Entry[rows],
        new int[rows],
        new long[(rows + Long.SIZE - 1) / Long.SIZE]);
  }

  /** A copy that shares the vectors. */
  Segment copy() {
    return new Segment(vectors, entries.clone(), written.clone(), fresh.clone());
  }

  boolean isFresh(int row) {
    return (fresh[row / Long.SIZE] & 1L << row % Long.SIZE) != 0;
  }

  void markFresh(int row) {
    fresh[row / Long.SIZE] |= 1L << row % Long.SIZE;
  }

  /** A copy in which only the rows written after some write are fresh. */
  Segment since(int write) {
    var later = new Segment(vectors, entries, written, new long[fresh.length]);
    for (int row = 0; row < entries.length; row++) {
      if (entries[row] != null && written[row] - write > 0) {
        later.markFresh(row);
      }
    }
    return later;
  }
}
