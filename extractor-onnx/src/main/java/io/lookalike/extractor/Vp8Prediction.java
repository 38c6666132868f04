package io.lookalike.extractor;

/**
 * Predicts blocks from the samples above and on the left, and adds to them what the prediction
 * missed (RFC 6386, 12 and 14). The loop filter has not been there yet.
 */
final class Vp8Prediction {
  /** Ways to predict a macroblock, or its colors: the first of those of a block, too. */
  static final int MEAN = 0;

  static final int GRADIENT = 1;
  static final int ABOVE = 2;
  static final int LEFT = 3;

  /** How many samples lie around a block: four on its left, one, and eight above. */
  private static final int AROUND = 13;

  /**
   * Blocks' other ways, from {@link #ABOVE} on (12.3): for each of 4 x 4 samples which mean it is.
   * 2i is that of samples i and i + 1 around the block, 2i + 1 that of i - 1, twice i, and i + 1;
   * these are numbered from 1, from the lowest on the left to the last above. Both ends are there
   * twice.
   */
  private static final byte[][] MEANS = {
    {13, 15, 17, 19, 13, 15, 17, 19, 13, 15, 17, 19, 13, 15, 17, 19}, // above
    {9, 9, 9, 9, 7, 7, 7, 7, 5, 5, 5, 5, 3, 3, 3, 3}, // left
    {15, 17, 19, 21, 17, 19, 21, 23, 19, 21, 23, 25, 21, 23, 25, 27}, // down to the left
    {11, 13, 15, 17, 9, 11, 13, 15, 7, 9, 11, 13, 5, 7, 9, 11}, // down to the right
    {10, 12, 14, 16, 11, 13, 15, 17, 9, 10, 12, 14, 7, 11, 13, 15}, // steeply to the right
    {12, 14, 16, 18, 15, 17, 19, 21, 14, 16, 18, 23, 17, 19, 21, 25}, // steeply to the left
    {8, 11, 13, 15, 6, 9, 8, 11, 4, 7, 6, 9, 2, 5, 4, 7}, // gently down
    {6, 7, 4, 5, 4, 5, 2, 3, 2, 3, 0, 0, 0, 0, 0, 0}, // gently up
  };

  private final int[] around = new int[AROUND + 2];
  private final int[] columns = new int[16];

  /**
   * Predicts a macroblock of one plane.
   *
   * @param x its column
   * @param y its row
   * @param size how wide and high: 16 or 8
   * @param mode {@link #MEAN}, {@link #GRADIENT}, {@link #ABOVE} or {@link #LEFT}
   */
  static void macroblock(Vp8Plane plane, int x, int y, int size, int mode) {
    byte[] s = plane.samples;
    int stride = plane.stride;
    int at = plane.at(size * x, size * y);
    int mean = mode == MEAN ? mean(plane, at, size, x > 0, y > 0) : 0;
    int corner = s[at - stride - 1] & 0xff;
    for (int row = 0; row < size; row++) {
      int to = at + row * stride;
      int left = s[to - 1] & 0xff;
      for (int i = 0; i < size; i++) {
        int above = s[at - stride + i] & 0xff;
        s[to + i] =
            switch (mode) {
              case MEAN -> (byte) mean;
              case GRADIENT -> Vp8LoopFilter.clamped(left + above - corner);
              case ABOVE -> (byte) above;
              default -> (byte) left;
            };
      }
    }
  }

  /** Of the samples next to a macroblock, as far as they belong to the picture. */
  private static int mean(Vp8Plane plane, int at, int size, boolean left, boolean above) {
    if (!left && !above) {
      return 128;
    }
    int sum = 0;
    for (int i = 0; i < size; i++) {
      sum += left ? plane.samples[at + i * plane.stride - 1] & 0xff : 0;
      sum += above ? plane.samples[at - plane.stride + i] & 0xff : 0;
    }
    int count = left && above ? 2 * size : size;
    return (sum + count / 2) / count;
  }

  /**
   * Predicts a block of 4 x 4.
   *
   * @param at its first sample
   * @param right holds the four samples that follow those above it
   * @param rightAt the first of these
   * @param mode 0 to 9
   */
  void block(byte[] s, int stride, int at, byte[] right, int rightAt, int mode) {
    for (int i = 0; i < 4; i++) {
      around[4 - i] = s[at + i * stride - 1] & 0xff;
      around[6 + i] = s[at - stride + i] & 0xff;
      around[10 + i] = right[rightAt + i] & 0xff;
    }
    around[5] = s[at - stride - 1] & 0xff;
    around[0] = around[1];
    around[AROUND + 1] = around[AROUND];
    int mean = 4;
    for (int i = 1; i <= 4; i++) {
      mean += around[i] + around[5 + i];
    }
    for (int i = 0; i < 16; i++) {
      int to = at + (i >> 2) * stride + (i & 3);
      if (mode == MEAN) {
        s[to] = (byte) (mean >> 3);
      } else if (mode == GRADIENT) {
        s[to] = Vp8LoopFilter.clamped(around[4 - (i >> 2)] + around[6 + (i & 3)] - around[5]);
      } else {
        int which = MEANS[mode - ABOVE][i];
        int k = which >> 1;
        s[to] =
            (byte)
                ((which & 1) == 0
                    ? around[k] + around[k + 1] + 1 >> 1
                    : around[k - 1] + 2 * around[k] + around[k + 1] + 2 >> 2);
      }
    }
  }

  /**
   * Adds to a block what its coefficients stand for (14.3).
   *
   * @param c the coefficients
   * @param from the block's first
   */
  void add(byte[] s, int stride, int at, short[] c, int from) {
    for (int i = 0; i < 4; i++) {
      int first = c[from + i];
      int second = c[from + 4 + i];
      int third = c[from + 8 + i];
      int fourth = c[from + 12 + i];
      int a = first + third;
      int b = first - third;
      int d = sine(second) - cosine(fourth);
      int e = cosine(second) + sine(fourth);
      columns[4 * i] = a + e;
      columns[4 * i + 1] = b + d;
      columns[4 * i + 2] = b - d;
      columns[4 * i + 3] = a - e;
    }
    for (int row = 0; row < 4; row++, at += stride) {
      int first = columns[row] + 4;
      int second = columns[4 + row];
      int third = columns[8 + row];
      int fourth = columns[12 + row];
      int a = first + third;
      int b = first - third;
      int d = sine(second) - cosine(fourth);
      int e = cosine(second) + sine(fourth);
      plus(s, at, a + e);
      plus(s, at + 1, b + d);
      plus(s, at + 2, b - d);
      plus(s, at + 3, a - e);
    }
  }

  private static void plus(byte[] s, int at, int eighths) {
    s[at] = Vp8LoopFilter.clamped((s[at] & 0xff) + (eighths >> 3));
  }

  /** Times the square root of 2 and the cosine of an eighth of pi. */
  private static int cosine(int value) {
    return (value * 20091 >> 16) + value;
  }

  /** Times the square root of 2 and its sine. */
  private static int sine(int value) {
    return value * 35468 >> 16;
  }

  /**
   * Turns a macroblock's block of means into the first coefficients of its 16 blocks (14.3).
   *
   * @param c the blocks' coefficients, 16 each
   * @param from the first of the block of means
   */
  void means(short[] c, int from) {
    for (int i = 0; i < 4; i++) {
      int a = c[from + i] + c[from + 12 + i];
      int b = c[from + 4 + i] + c[from + 8 + i];
      int d = c[from + 4 + i] - c[from + 8 + i];
      int e = c[from + i] - c[from + 12 + i];
      columns[i] = a + b;
      columns[4 + i] = e + d;
      columns[8 + i] = a - b;
      columns[12 + i] = e - d;
    }
    for (int i = 0; i < 4; i++) {
      int first = columns[4 * i] + 3;
      int a = first + columns[4 * i + 3];
      int b = columns[4 * i + 1] + columns[4 * i + 2];
      int d = columns[4 * i + 1] - columns[4 * i + 2];
      int e = first - columns[4 * i + 3];
      c[64 * i] = (short) (a + b >> 3);
      c[64 * i + 16] = (short) (e + d >> 3);
      c[64 * i + 32] = (short) (a - b >> 3);
      c[64 * i + 48] = (short) (e - d >> 3);
    }
  }
}
