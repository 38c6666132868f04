package io.lookalike.store.jdbc;

/**
 * How large SQLite's pages are to be. A row with features is long, and what it leaves of a page is
 * lost: at 512 features a page of 4,096 bytes holds one row and wastes almost as much. The rules by
 * which a row is split are in "B-tree Cell Format" of SQLite's file format.
 */
final class PageSize {

  static final int SMALLEST = 4_096;
  private static final int LARGEST = 65_536;

  /** Small pages are quicker to change, so the smallest that wastes no more than this will do. */
  private static final double GOOD = 1.12;

  /** What lies in a row beside the vector: numbers, the picture's hash, the row's own header. */
  private static final int BESIDE = 100;

  private PageSize() {}

  /**
   * The page size for rows that hold vectors of so many bytes.
   *
   * @param bytes at least 1
   * @return a power of two
   */
  static int of(int bytes) {
    int best = SMALLEST;
    for (int size = SMALLEST; size <= LARGEST; size *= 2) {
      if (ratio(size, bytes) <= GOOD) {
        return size;
      }
      if (ratio(size, bytes) < ratio(best, bytes)) {
        best = size;
      }
    }
    return best;
  }

  /** Bytes on disk for each byte of a vector. */
  static double ratio(int page, int bytes) {
    int row = bytes + BESIDE;
    int most = page - 35; // what fits a page stays there whole
    int local = row;
    int overflow = 0;
    if (row > most) {
      int least = (page - 12) * 32 / 255 - 23;
      local = least + (row - least) % (page - 4);
      if (local > most) {
        local = least;
      }
      overflow = (row - local + page - 5) / (page - 4);
    }
    int perPage = (page - 8) / (local + 12);
    return ((double) page / perPage + (double) overflow * page) / bytes;
  }
}
