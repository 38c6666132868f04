package io.lookalike.extractor;

/**
 * Turns VP8's planes into red, green and blue as libwebp does: each color sample is interpolated
 * from the four nearest, weighted 9, 3, 3, 1, and converted (ITU-R BT.601) in whole numbers. To the
 * bit, since features of pixels that differ by a little differ by more than that.
 */
final class Vp8Colors {

  private Vp8Colors() {}

  /**
   * Makes colors of brightness and color differences.
   *
   * @param luma at least as large as the picture
   * @param u at least half as wide and high
   * @param v as large as {@code u}
   * @return rows of red, green, blue
   */
  static byte[] rgb(Vp8Plane luma, Vp8Plane u, Vp8Plane v, int width, int height) {
    var rgb = new byte[3 * width * height];
    var reds = new int[width];
    var blues = new int[width];
    int lastRow = (height - 1) / 2;
    for (int y = 0, out = 0; y < height; y++) {
      int near = y / 2;
      int far = Math.max(0, Math.min(lastRow, near + (y % 2 == 0 ? -1 : 1)));
      interpolate(u, near, far, blues);
      interpolate(v, near, far, reds);
      int at = luma.at(0, y);
      for (int x = 0; x < width; x++, out += 3) {
        int light = (luma.samples[at + x] & 0xff) * 19077 >> 8;
        int cb = blues[x];
        int cr = reds[x];
        rgb[out] = sample(light + (cr * 26149 >> 8) - 14234);
        rgb[out + 1] = sample(light - (cb * 6419 >> 8) - (cr * 13320 >> 8) + 8708);
        rgb[out + 2] = sample(light + (cb * 33050 >> 8) - 17685);
      }
    }
    return rgb;
  }

  /** A row as wide as the picture, from the two nearest rows of half its width. */
  private static void interpolate(Vp8Plane plane, int near, int far, int[] row) {
    byte[] samples = plane.samples;
    int n = plane.at(0, near);
    int f = plane.at(0, far);
    int nearLeft = samples[n] & 0xff;
    int farLeft = samples[f] & 0xff;
    int width = row.length;
    row[0] = 3 * nearLeft + farLeft + 2 >> 2;
    for (int x = 1; x + 1 < width; x += 2) {
      int nearRight = samples[++n] & 0xff;
      int farRight = samples[++f] & 0xff;
      int sum = nearLeft + nearRight + farLeft + farRight + 8;
      row[x] = (sum + 2 * (nearRight + farLeft) >> 3) + nearLeft >> 1;
      row[x + 1] = (sum + 2 * (nearLeft + farRight) >> 3) + nearRight >> 1;
      nearLeft = nearRight;
      farLeft = farRight;
    }
    if (width % 2 == 0) {
      row[width - 1] = 3 * nearLeft + farLeft + 2 >> 2;
    }
  }

  /** Of six more bits than a sample has. */
  private static byte sample(int value) {
    return Vp8LoopFilter.clamped(value >> 6);
  }
}
