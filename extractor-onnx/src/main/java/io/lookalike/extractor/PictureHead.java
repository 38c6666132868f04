package io.lookalike.extractor;

import org.jspecify.annotations.Nullable;

/**
 * What is found out about an encoded picture before it is decoded, and what its decoder gets to
 * see: what stands in {@code start}, then the file's bytes from {@code from} to {@code to}. Colour
 * profiles, comments and whatever else is not used do not come to the decoder, so that no damage
 * there can matter.
 *
 * @param start bytes in place of the file's first ones
 * @param from the first of the file's bytes that the decoder sees
 * @param to one past the last
 * @param orientation from Exif, 1 to 8; 1 where there is none, or a damaged one
 * @param frame where the picture lies on its canvas; null if it covers it
 * @param rgb whether the JDK's decoder can deliver rows of red, green, blue
 * @param lossy a lossy WebP picture, which no ImageIO reader decodes; null if it is another one
 * @param profile the ICC profile of what the samples mean; null where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PictureHead(
    byte[] start,
    int from,
    int to,
    int orientation,
    @Nullable Frame frame,
    boolean rgb,
    @Nullable WebpLossy lossy,
    byte @Nullable [] profile) {

  /** Without a profile. */
  PictureHead(
      byte[] start,
      int from,
      int to,
      int orientation,
      @Nullable Frame frame,
      boolean rgb,
      @Nullable WebpLossy lossy) {
    this(start, from, to, orientation, frame, rgb, lossy, null);
  }

  /** The same that must be turned otherwise. */
  PictureHead turned(int otherOrientation) {
    return new PictureHead(start, from, to, otherOrientation, frame, rgb, lossy, profile);
  }

  /** The same with an ICC profile, if there is one. */
  PictureHead with(byte @Nullable [] icc) {
    return new PictureHead(start, from, to, orientation, frame, rgb, lossy, icc);
  }

  /**
   * A first picture that covers a part of its canvas, the rest of which is transparent.
   *
   * @param x left edge, in pixels of the canvas
   * @param y upper edge
   * @param width of the canvas, which reaches at least as far as the picture
   * @param height of the canvas
   */
  record Frame(int x, int y, int width, int height) {

    /** Null if the picture covers the canvas; the canvas grows where the picture leaves it. */
    static @Nullable Frame of(
        int x, int y, int width, int height, int canvasWidth, int canvasHeight) {
      Frame frame =
          new Frame(x, y, Math.max(canvasWidth, x + width), Math.max(canvasHeight, y + height));
      return frame.width == width && frame.height == height ? null : frame;
    }
  }

  /** The file as it is. */
  static PictureHead whole(byte[] file) {
    return new PictureHead(new byte[0], 0, file.length, 1, null, false, null);
  }
}
