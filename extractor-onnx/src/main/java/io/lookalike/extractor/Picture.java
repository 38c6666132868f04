package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;

/**
 * A picture's pixels, upright, in 8 bits each of red, green and blue: what the extractors here see,
 * for an application's own {@link io.lookalike.features.FeatureExtractor}.
 *
 * <p>JPEG (also grey, CMYK and progressive), PNG, WebP, GIF and BMP are read, within limits that
 * are checked before anything is decoded. The picture is turned as its Exif orientation says,
 * transparent parts are laid onto white, of an animation the first picture counts, and embedded
 * colour profiles of RGB pictures are ignored. Immutable, but for the array, which belongs to the
 * caller.
 */
public final class Picture {
  private static final PictureReader READER = ReadingSettings.defaultReader();

  private final int width;
  private final int height;
  private final byte[] rgb;

  private Picture(int width, int height, byte[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /**
   * Reads and decodes a picture on the calling thread: at most 64 MiB, 64,000,000 pixels, and
   * 65,535 pixels a side. All decoding together takes at most half of the heap; a call waits for
   * its share.
   *
   * @param source the picture
   * @return its pixels
   * @throws UnreadableImageException if it cannot be read, saying why
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted; it
   *     stays interrupted
   */
  public static Picture read(ImageSource source) {
    return READER.read(
        source,
        pixels -> {
          byte[] rgb = pixels.upright();
          boolean given = source.image() != null; // and may be in use
          return new Picture(
              pixels.uprightWidth(), pixels.uprightHeight(), given ? rgb.clone() : rgb);
        });
  }

  /**
   * The width of the upright picture.
   *
   * @return in pixels, at least 1
   */
  public int width() {
    return width;
  }

  /**
   * The height of the upright picture.
   *
   * @return in pixels, at least 1
   */
  public int height() {
    return height;
  }

  /**
   * The pixels.
   *
   * @return 3 x {@link #width()} x {@link #height()} samples of 0 to 255 as unsigned bytes: red,
   *     green, blue, pixel by pixel, row by row from the upper left; not a copy
   */
  public byte[] rgb() {
    return rgb;
  }
}
