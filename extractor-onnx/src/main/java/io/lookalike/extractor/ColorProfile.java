package io.lookalike.extractor;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Turns samples of another RGB space, such as Display P3 or Adobe RGB, into sRGB, by the ICC
 * profile that comes with a picture. A profile that is damaged, of another kind of colors, or
 * nearly sRGB changes nothing.
 */
final class ColorProfile {

  /** Profiles of photos have a few kilobytes. */
  private static final int MOST_BYTES = 1 << 20;

  /** A profile whose colors differ by no more levels of 256 is sRGB by another maker. */
  private static final int SAME = 3;

  /** A profile of which white has less of a color is damaged. */
  private static final int LEAST_WHITE = 230;

  /** Levels of each color at which a profile is tried. */
  private static final int[] PROBE = {0, 64, 128, 192, 255};

  /** Pixels that are turned at a time. */
  private static final int STRIP = 1 << 16;

  private ColorProfile() {}

  /** Turns the samples of pixels in their place. */
  static void toSrgb(byte[] rgb, int pixels, byte[] icc) {
    try {
      ICC_Profile profile = icc.length > MOST_BYTES ? null : ICC_Profile.getInstance(icc);
      if (profile == null || profile.getColorSpaceType() != ColorSpace.TYPE_RGB) {
        return;
      }
      ICC_Profile[] way = {profile, ICC_Profile.getInstance(ColorSpace.CS_sRGB)};
      if (changesNothing(way)) {
        return;
      }
      var from = new byte[3 * Math.min(STRIP, pixels)];
      var to = new byte[from.length];
      for (int first = 0; first < pixels; first += STRIP) {
        int count = Math.min(STRIP, pixels - first);
        System.arraycopy(rgb, 3 * first, from, 0, 3 * count);
        convert(way, from, to, count);
        System.arraycopy(to, 0, rgb, 3 * first, 3 * count);
      }
    } catch (RuntimeException e) {
      // What is thrown differs from one JDK to another: a profile that is no use is not used.
      return;
    }
  }

  /** Whether it is nearly sRGB, or damaged: in every space of photos white is white. */
  private static boolean changesNothing(ICC_Profile[] way) {
    int count = PROBE.length * PROBE.length * PROBE.length;
    var from = new byte[3 * count];
    for (int i = 0; i < count; i++) {
      from[3 * i] = (byte) PROBE[i % PROBE.length];
      from[3 * i + 1] = (byte) PROBE[i / PROBE.length % PROBE.length];
      from[3 * i + 2] = (byte) PROBE[i / PROBE.length / PROBE.length];
    }
    var to = new byte[from.length];
    convert(way, from, to, count);
    for (int i = from.length - 3; i < from.length; i++) {
      if ((to[i] & 0xff) < LEAST_WHITE) {
        return true;
      }
    }
    for (int i = 0; i < from.length; i++) {
      if (Math.abs((from[i] & 0xff) - (to[i] & 0xff)) > SAME) {
        return false;
      }
    }
    return true;
  }

  private static void convert(ICC_Profile[] way, byte[] from, byte[] to, int count) {
    new ColorConvertOp(way, null).filter(raster(from, count), raster(to, count));
  }

  private static WritableRaster raster(byte[] rgb, int count) {
    return Raster.createInterleavedRaster(
        new DataBufferByte(rgb, 3 * count), count, 1, 3 * count, 3, new int[] {0, 1, 2}, null);
  }

  /** The profile that an image in memory has, if its samples are not sRGB's; else null. */
  static byte @Nullable [] of(BufferedImage image) {
    ColorSpace space = image.getColorModel().getColorSpace();
    int type = image.getColorModel().getTransferType();
    return space instanceof ICC_ColorSpace icc
            && space.getType() == ColorSpace.TYPE_RGB
            && !space.isCS_sRGB()
            && image.getColorModel() instanceof ComponentColorModel
            && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT)
        ? icc.getProfile().getData()
        : null;
  }

  /**
   * Inflates a profile as PNG files hold it: a name, a zero, the method, which is zero, zlib's
   * data.
   *
   * @return null if it is damaged or too large
   */
  static byte @Nullable [] inflated(byte[] file, int from, int to) {
    int zero = from;
    while (zero < to && file[zero] != 0) {
      zero++;
    }
    if (zero + 2 > to) {
      return null;
    }
    var inflater = new Inflater();
    try {
      inflater.setInput(file, zero + 2, to - zero - 2);
      var profile = new byte[MOST_BYTES];
      int length = 0;
      while (length < profile.length) {
        int more = inflater.inflate(profile, length, profile.length - length);
        if (more == 0) {
          break;
        }
        length += more;
      }
      return inflater.finished() ? Arrays.copyOf(profile, length) : null;
    } catch (DataFormatException e) {
      return null;
    } finally {
      inflater.end();
    }
  }
}
