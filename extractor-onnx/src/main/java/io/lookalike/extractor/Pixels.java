package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * A decoded picture.
 *
 * @param rgb the samples, 8 bits each, three to a pixel, row by row from the top left; may be
 *     longer than the picture needs
 * @param width in pixels, as stored
 * @param height in pixels, as stored
 * @param orientation how the stored pixels must be turned to stand upright: 1 to 8 as in Exif 2.32,
 *     4.6.4, tag Orientation; 1 is upright already
 */
@SuppressWarnings(
    "ArrayRecordComponent") // handed from the decoder to the resampler, never compared
record Pixels(byte[] rgb, int width, int height, int orientation) {

  /** Shares that differ from a pixel's edge by less mean the edge. */
  private static final double SAME_PIXEL = 1e-6;

  /** Whether the stored rows are the upright picture's columns. */
  boolean sideways() {
    return orientation >= 5;
  }

  /** Whether the stored rows, or what they become, run from right to left or from below. */
  boolean columnsBackwards() {
    return orientation == 2 || orientation == 3 || orientation >= 7;
  }

  /** Whether the stored columns, or what they become, run from below or from right to left. */
  boolean rowsBackwards() {
    return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  }

  /** The width of the upright picture, in pixels. */
  int uprightWidth() {
    return sideways() ? height : width;
  }

  /** The height of the upright picture, in pixels. */
  int uprightHeight() {
    return sideways() ? width : height;
  }

  /**
   * The pixels turned upright, three bytes to each and no more; may be this picture's own array.
   */
  byte[] upright() {
    int pixels = width * height;
    if (orientation == 1) {
      return rgb.length == 3 * pixels ? rgb : Arrays.copyOf(rgb, 3 * pixels);
    }
    byte[] upright = new byte[3 * pixels];
    for (int y = 0, i = 0; y < height; y++) {
      int row = rowsBackwards() ? height - 1 - y : y;
      for (int x = 0; x < width; x++, i += 3) {
        int column = columnsBackwards() ? width - 1 - x : x;
        int o = 3 * (sideways() ? column * height + row : row * width + column);
        upright[o] = rgb[i];
        upright[o + 1] = rgb[i + 1];
        upright[o + 2] = rgb[i + 2];
      }
    }
    return upright;
  }

  /**
   * A part of the picture, as it is stored.
   *
   * @param part of the upright picture; at least one pixel of it, and those that it cuts are in it
   * @param own whether the samples may be moved within their array
   */
  Pixels part(ImageSource.Part part, boolean own) {
    int left = first(part.x(), uprightWidth());
    int right = last(part.x() + part.width(), left, uprightWidth());
    int top = first(part.y(), uprightHeight());
    int bottom = last(part.y() + part.height(), top, uprightHeight());
    int fromColumn = sideways() ? top : left;
    int toColumn = sideways() ? bottom : right;
    int fromRow = sideways() ? left : top;
    int toRow = sideways() ? right : bottom;
    int x = columnsBackwards() ? width - toColumn : fromColumn;
    int y = rowsBackwards() ? height - toRow : fromRow;
    int columns = toColumn - fromColumn;
    int rows = toRow - fromRow;
    byte[] cut = own ? rgb : new byte[3 * columns * rows];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(rgb, 3 * ((y + row) * width + x), cut, 3 * row * columns, 3 * columns);
    }
    return new Pixels(cut, columns, rows, orientation);
  }

  private static int first(double share, int pixels) {
    return Math.min(pixels - 1, (int) Math.floor(share * pixels + SAME_PIXEL));
  }

  private static int last(double share, int first, int pixels) {
    return Math.min(pixels, Math.max(first + 1, (int) Math.ceil(share * pixels - SAME_PIXEL)));
  }

  /** The picture on its canvas, white where it does not reach. */
  Pixels on(PictureHead.Frame frame) {
    byte[] canvas = new byte[3 * frame.width() * frame.height()];
    Arrays.fill(canvas, (byte) 255);
    for (int y = 0; y < height; y++) {
      int to = 3 * ((frame.y() + y) * frame.width() + frame.x());
      System.arraycopy(rgb, 3 * y * width, canvas, to, 3 * width);
    }
    return new Pixels(canvas, frame.width(), frame.height(), orientation);
  }

  /**
   * Takes the pixels out of an image, transparent ones laid onto white.
   *
   * <p>Samples of grey and sRGB images are taken as they are: {@link BufferedImage#getRGB} would
   * brighten grey ones, because Java holds that grey images are linear, which photos never are.
   *
   * @param image any image
   * @param orientation of the image, 1 to 8
   * @return the pixels; they share memory with the image where its layout is the same
   */
  static Pixels of(BufferedImage image, int orientation) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb;
    if (!samplesAreColours(image.getColorModel())) {
      rgb = converted(image);
    } else if (image.getRaster().getDataBuffer() instanceof DataBufferByte data
        && image.getSampleModel() instanceof PixelInterleavedSampleModel layout) {
      if (isPlainRgb(image, data, layout)) {
        rgb = data.getData();
      } else {
        rgb = rearranged(image, data, layout);
      }
    } else {
      rgb = sampled(image);
    }
    return new Pixels(rgb, width, height, orientation);
  }

  private static boolean samplesAreColours(ColorModel model) {
    return model instanceof ComponentColorModel
        && (model.getTransferType() == DataBuffer.TYPE_BYTE
            || model.getTransferType() == DataBuffer.TYPE_USHORT)
        && (model.getNumColorComponents() == 1
            ? model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
            : model.getColorSpace().getType() == ColorSpace.TYPE_RGB);
  }

  private static boolean isPlainRgb(
      BufferedImage image, DataBufferByte data, PixelInterleavedSampleModel layout) {
    int[] bands = layout.getBandOffsets();
    return bands.length == 3
        && bands[0] == 0
        && bands[1] == 1
        && bands[2] == 2
        && layout.getPixelStride() == 3
        && layout.getScanlineStride() == 3 * image.getWidth()
        && data.getOffset() == 0
        && isWhole(image.getRaster());
  }

  /** Whether the raster is no window into a larger one. */
  private static boolean isWhole(Raster raster) {
    return raster.getSampleModelTranslateX() == 0 && raster.getSampleModelTranslateY() == 0;
  }

  /** Any order of 8-bit bands, straight from the array. */
  private static byte[] rearranged(
      BufferedImage image, DataBufferByte data, PixelInterleavedSampleModel layout) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] in = data.getData();
    Raster raster = image.getRaster();
    int origin =
        data.getOffset()
            - raster.getSampleModelTranslateX() * layout.getPixelStride()
            - raster.getSampleModelTranslateY() * layout.getScanlineStride();
    int[] bands = layout.getBandOffsets();
    boolean grey = image.getColorModel().getNumColorComponents() == 1;
    int red = bands[0];
    int green = grey ? red : bands[1];
    int blue = grey ? red : bands[2];
    int stride = layout.getPixelStride();
    boolean alpha = image.getColorModel().hasAlpha();
    int opacity = bands[bands.length - 1];
    boolean premultiplied = image.isAlphaPremultiplied();
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0, o = 0; y < height; y++) {
      int i = origin + y * layout.getScanlineStride();
      if (alpha) {
        for (int x = 0; x < width; x++, i += stride, o += 3) {
          int a = in[i + opacity] & 0xff;
          rgb[o] = onWhite(in[i + red] & 0xff, a, premultiplied);
          rgb[o + 1] = onWhite(in[i + green] & 0xff, a, premultiplied);
          rgb[o + 2] = onWhite(in[i + blue] & 0xff, a, premultiplied);
        }
      } else {
        for (int x = 0; x < width; x++, i += stride, o += 3) {
          rgb[o] = in[i + red];
          rgb[o + 1] = in[i + green];
          rgb[o + 2] = in[i + blue];
        }
      }
    }
    return rgb;
  }

  /** 8 or 16 bits in any layout; of 16 bits the higher 8 count. */
  private static byte[] sampled(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int shift = image.getColorModel().getTransferType() == DataBuffer.TYPE_USHORT ? 8 : 0;
    boolean grey = image.getColorModel().getNumColorComponents() == 1;
    boolean alpha = image.getColorModel().hasAlpha();
    boolean premultiplied = image.isAlphaPremultiplied();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[bands * width];
    for (int y = 0, o = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0, i = 0; x < width; x++, i += bands, o += 3) {
        int a = alpha ? row[i + bands - 1] >> shift : 255;
        for (int c = 0; c < 3; c++) {
          rgb[o + c] = onWhite(row[i + (grey ? 0 : c)] >> shift, a, premultiplied);
        }
      }
    }
    return rgb;
  }

  /** Palettes, packed pixels and everything else: as Java converts it to sRGB. */
  private static byte[] converted(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width];
    for (int y = 0, o = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++, o += 3) {
        int argb = row[x];
        int a = argb >>> 24;
        rgb[o] = onWhite(argb >> 16 & 0xff, a, false);
        rgb[o + 1] = onWhite(argb >> 8 & 0xff, a, false);
        rgb[o + 2] = onWhite(argb & 0xff, a, false);
      }
    }
    return rgb;
  }

  /** What a sample of a pixel that is not opaque looks like on white. */
  static byte onWhite(int sample, int alpha, boolean premultiplied) {
    int own = premultiplied ? 255 * sample : alpha * sample;
    return (byte) Math.min(255, (own + 255 * (255 - alpha) + 127) / 255);
  }
}
