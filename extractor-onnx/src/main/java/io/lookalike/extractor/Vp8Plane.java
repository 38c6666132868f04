package io.lookalike.extractor;

import java.util.Arrays;

/**
 * One of a VP8 picture's three planes, with a row above and a column on the left, from which what
 * lies at the edges is predicted (RFC 6386, 12.2).
 */
final class Vp8Plane {
  private static final byte ABOVE = 127;
  private static final byte LEFT = (byte) 129;

  final byte[] samples;
  final int stride;

  /** Of so many samples, beside the edges. */
  Vp8Plane(int width, int height) {
    stride = width + 1;
    samples = new byte[stride * (height + 1)];
    Arrays.fill(samples, 0, stride, ABOVE);
    for (int at = stride; at < samples.length; at += stride) {
      samples[at] = LEFT;
    }
  }

  /** Where a sample lies in the array; -1 is the row above, or the column on the left. */
  int at(int x, int y) {
    return (y + 1) * stride + x + 1;
  }
}
