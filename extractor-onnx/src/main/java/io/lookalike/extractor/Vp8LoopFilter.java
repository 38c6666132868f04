package io.lookalike.extractor;

/** Smooths the edges of blocks where the quantizer made steps (RFC 6386, 15). */
final class Vp8LoopFilter {

  private Vp8LoopFilter() {}

  /**
   * How strongly to smooth.
   *
   * @param limit how large a step across an edge inside a macroblock may be; 0: smooth nothing
   * @param interior how much neighboring samples on either side may differ
   * @param variance from which difference on an edge varies so much that less is changed
   */
  record Strength(int limit, int interior, int variance) {
    /** Edges between macroblocks are smoothed where steps are larger, too. */
    private static final int BETWEEN = 4;

    /** Of a level and a sharpness, as frames tell them. */
    static Strength of(int level, int sharpness) {
      if (level == 0) {
        return new Strength(0, 0, 0);
      }
      int interior = level;
      if (sharpness > 0) {
        interior = Math.min(interior >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
      }
      interior = Math.max(interior, 1);
      return new Strength(2 * level + interior, interior, level >= 40 ? 2 : level >= 15 ? 1 : 0);
    }
  }

  /**
   * Smooths the left, the inner vertical, the upper and the inner horizontal edges of a macroblock,
   * as far as there are any.
   *
   * @param x the macroblock's column
   * @param y its row
   * @param size how many samples of this plane it is wide and high: 16 or 8
   * @param inner whether edges of the blocks inside are smoothed
   * @param simple whether by the simple filter, which changes two samples of an edge
   */
  static void smooth(
      Vp8Plane plane, int x, int y, int size, Strength strength, boolean inner, boolean simple) {
    int at = plane.at(size * x, size * y);
    int stride = plane.stride;
    if (x > 0) {
      edge(plane.samples, at, 1, stride, size, strength, true, simple);
    }
    for (int i = 4; inner && i < size; i += 4) {
      edge(plane.samples, at + i, 1, stride, size, strength, false, simple);
    }
    if (y > 0) {
      edge(plane.samples, at, stride, 1, size, strength, true, simple);
    }
    for (int i = 4; inner && i < size; i += 4) {
      edge(plane.samples, at + i * stride, stride, 1, size, strength, false, simple);
    }
  }

  /**
   * @param at the first sample behind the edge
   * @param across from a sample to the next across the edge
   * @param along from a sample to the next along it
   */
  private static void edge(
      byte[] s,
      int at,
      int across,
      int along,
      int size,
      Strength strength,
      boolean between,
      boolean simple) {
    int limit = 2 * (strength.limit + (between ? Strength.BETWEEN : 0)) + 1;
    int interior = strength.interior;
    int variance = strength.variance;
    for (int i = 0; i < size; i++, at += along) {
      int p1 = s[at - 2 * across] & 0xff;
      int p0 = s[at - across] & 0xff;
      int q0 = s[at] & 0xff;
      int q1 = s[at + across] & 0xff;
      if (4 * Math.abs(p0 - q0) + Math.abs(p1 - q1) > limit) {
        continue;
      }
      if (simple) {
        two(s, at, across, p1, p0, q0, q1);
        continue;
      }
      int p3 = s[at - 4 * across] & 0xff;
      int p2 = s[at - 3 * across] & 0xff;
      int q2 = s[at + 2 * across] & 0xff;
      int q3 = s[at + 3 * across] & 0xff;
      if (Math.abs(p3 - p2) > interior
          || Math.abs(p2 - p1) > interior
          || Math.abs(p1 - p0) > interior
          || Math.abs(q3 - q2) > interior
          || Math.abs(q2 - q1) > interior
          || Math.abs(q1 - q0) > interior) {
        continue;
      }
      if (Math.abs(p1 - p0) > variance || Math.abs(q1 - q0) > variance) {
        two(s, at, across, p1, p0, q0, q1);
      } else if (between) {
        int a = signed(3 * (q0 - p0) + signed(p1 - q1));
        shift(s, at - 3 * across, p2, at + 2 * across, q2, 9 * a + 63 >> 7);
        shift(s, at - 2 * across, p1, at + across, q1, 18 * a + 63 >> 7);
        shift(s, at - across, p0, at, q0, 27 * a + 63 >> 7);
      } else {
        int a = 3 * (q0 - p0);
        int behind = eighth(a + 4);
        s[at - across] = clamped(p0 + eighth(a + 3));
        s[at] = clamped(q0 - behind);
        shift(s, at - 2 * across, p1, at + across, q1, behind + 1 >> 1);
      }
    }
  }

  /** Changes the two samples at an edge. */
  private static void two(byte[] s, int at, int across, int p1, int p0, int q0, int q1) {
    int a = 3 * (q0 - p0) + signed(p1 - q1);
    s[at - across] = clamped(p0 + eighth(a + 3));
    s[at] = clamped(q0 - eighth(a + 4));
  }

  /** Brings two samples nearer to each other. */
  private static void shift(byte[] s, int before, int p, int behind, int q, int by) {
    s[before] = clamped(p + by);
    s[behind] = clamped(q - by);
  }

  private static int signed(int value) {
    return Math.max(-128, Math.min(127, value));
  }

  /** An eighth, rounded down, of 8 bits with sign. */
  private static int eighth(int value) {
    return Math.max(-16, Math.min(15, value >> 3));
  }

  static byte clamped(int value) {
    return (byte) Math.max(0, Math.min(255, value));
  }
}
