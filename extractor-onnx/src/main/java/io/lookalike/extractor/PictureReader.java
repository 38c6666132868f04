package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/**
 * Reads pictures of any of the {@linkplain PictureFormat formats} within limits that are checked
 * before anything is decoded. Safe for use by several threads.
 */
final class PictureReader {
  /** No side may be longer: what JPEG and GIF can hold at most. */
  private static final int MAX_SIDE = 65_535;

  /**
   * More scans than any encoder writes (about 10). Each goes over the whole picture, so a small
   * file of thousands would keep a decoder busy for hours.
   */
  private static final int MAX_SCANS = 100;

  /** Heap that decoding takes at most, in bytes per pixel: rows of red, green and blue. */
  private static final int RGB = 3;

  /** The same where a decoder delivers up to four 16-bit samples, which then become three bytes. */
  private static final int ANY = 11;

  /** Half of the heap, in KiB: what all the pictures in hand may take, of all readers together. */
  private static final int HEAP_KIB =
      (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 2 / 1024);

  /** What a file may take of the heap before it is decoded; while read, it is there twice. */
  private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private static final Semaphore HEAP = new Semaphore(HEAP_KIB, true);

  private final int maxBytes;
  private final int maxPixels;

  /**
   * Creates a reader.
   *
   * @param maxBytes the largest file, in bytes
   * @param maxPixels the largest picture, in pixels
   */
  PictureReader(int maxBytes, int maxPixels) {
    this.maxBytes = maxBytes;
    this.maxPixels = maxPixels;
  }

  /**
   * Reads a picture.
   *
   * @param source the picture
   * @param use what is done with its pixels, whose share of the heap is reserved until it returns
   * @return what {@code use} returned
   * @throws UnreadableImageException if the picture cannot be read, saying why
   */
  <T> T read(ImageSource source, Function<Pixels, T> use) {
    String name = source.name();
    BufferedImage image = source.image();
    if (image != null) {
      checkSize(name, image.getWidth(), image.getHeight());
      int reserved = reserve(name, image.getWidth(), image.getHeight(), RGB);
      try {
        return use.apply(Pixels.of(image, 1));
      } finally {
        HEAP.release(reserved);
      }
    }
    byte[] bytes = load(source);
    PictureFormat format = PictureFormat.of(name, bytes);
    if (format != PictureFormat.JPEG) {
      return decode(name, bytes, format, false, 1, use);
    }
    JpegHead head = JpegHead.of(bytes);
    if (head.scans() > MAX_SCANS) {
      throw unreadable(
          name, null, "a JPEG of %,d scans, more than the limit of %d", head.scans(), MAX_SCANS);
    }
    if (head.unfinished()) {
      throw truncated(name, format, bytes, null);
    }
    return decode(name, bytes, format, head.components() == 3, head.orientation(), use);
  }

  private byte[] load(ImageSource source) {
    byte[] bytes;
    int most = (int) Math.min(maxBytes, HEAP_BYTES);
    try (InputStream in = source.open()) {
      bytes = in.readNBytes(most + 1);
    } catch (NoSuchFileException e) {
      throw unreadable(source.name(), e, "no such file");
    } catch (AccessDeniedException e) {
      throw unreadable(source.name(), e, "not permitted to read this file");
    } catch (IOException e) {
      throw "Is a directory".equals(e.getMessage())
          ? unreadable(source.name(), e, "a folder, expected a picture file")
          : unreadable(source.name(), e, "cannot be read: %s", reason(e));
    }
    if (bytes.length == 0) {
      throw unreadable(source.name(), null, "empty, 0 bytes");
    }
    if (bytes.length > most) {
      throw unreadable(
          source.name(),
          null,
          most == maxBytes
              ? "larger than the limit of %,d bytes (maxBytes); compress it more"
              : "larger than %,d bytes, an eighth of the heap; raise -Xmx",
          most);
    }
    return bytes;
  }

  private <T> T decode(
      String name,
      byte[] bytes,
      PictureFormat format,
      boolean colourJpeg,
      int orientation,
      Function<Pixels, T> use) {
    EncodedPicture input = new EncodedPicture(bytes);
    Warnings warnings = new Warnings();
    ImageReader reader = null;
    int reserved = 0;
    try {
      Pixels pixels;
      try {
        reader = colourJpeg ? ImageReaders.colourJpeg() : ImageReaders.of(format);
        reader.addIIOReadWarningListener(warnings);
        reader.setInput(input, true, true);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        checkSize(name, width, height);
        reserved = reserve(name, width, height, colourJpeg ? RGB : ANY);
        BufferedImage image = colourJpeg ? colour(reader, width, height) : reader.read(0);
        boolean incomplete =
            switch (format) {
              case JPEG -> warnings.premature;
              case PNG, GIF, BMP -> input.exhausted();
              case WEBP -> declaredLength(bytes) > bytes.length; // its reader looks ahead
            };
        if (incomplete) {
          throw new EOFException();
        }
        pixels = Pixels.of(image, orientation);
      } catch (UnreadableImageException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        throw input.exhausted() || e instanceof EOFException
            ? truncated(name, format, bytes, e)
            : unreadable(name, e, "a damaged %s: %s", format, reason(e));
      }
      return use.apply(pixels);
    } finally {
      HEAP.release(reserved);
      if (reader != null) {
        reader.dispose();
      }
    }
  }

  /**
   * Decodes into rows of red, green, blue, as libjpeg delivers them: the reader's own choice, blue
   * first, takes half as long again. The image is given the colour space that the reader found, so
   * that it converts nothing: an embedded profile is ignored, as it was when the reference features
   * were made.
   */
  private static BufferedImage colour(ImageReader reader, int width, int height)
      throws IOException {
    ColorSpace space = ColorSpace.getInstance(ColorSpace.CS_sRGB);
    for (Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0); types.hasNext(); ) {
      ColorSpace candidate = types.next().getColorModel().getColorSpace();
      if (candidate.getType() == ColorSpace.TYPE_RGB) {
        space = candidate; // sRGB comes first, a profile's space after it
      }
    }
    WritableRaster raster =
        Raster.createInterleavedRaster(
            DataBuffer.TYPE_BYTE, width, height, 3 * width, 3, new int[] {0, 1, 2}, null);
    ComponentColorModel model =
        new ComponentColorModel(space, false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
    ImageReadParam into = reader.getDefaultReadParam();
    into.setDestination(new BufferedImage(model, raster, false, null));
    return reader.read(0, into);
  }

  /** What a WebP file says its length is, save the last byte, which may be padding left away. */
  private static long declaredLength(byte[] webp) {
    int riff = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    return 8 + Integer.toUnsignedLong(riff) - 1;
  }

  private void checkSize(String name, int width, int height) {
    if (width > MAX_SIDE || height > MAX_SIDE) {
      throw unreadable(
          name, null, "%,d x %,d pixels, expected no side above %,d", width, height, MAX_SIDE);
    }
    if ((long) width * height > maxPixels) {
      throw unreadable(
          name,
          null,
          "%,d x %,d pixels, more than the limit of %,d in all (maxPixels); scale it down",
          width,
          height,
          maxPixels);
    }
  }

  /** Waits until there is room on the heap; what would never fit is refused. */
  private int reserve(String name, int width, int height, int bytesPerPixel) {
    long kib = (long) width * height * bytesPerPixel / 1024;
    if (kib > HEAP_KIB) {
      throw unreadable(
          name,
          null,
          "%,d x %,d pixels need up to %,d MiB of heap to decode, more than half of the %,d MiB"
              + " that there are; raise -Xmx",
          width,
          height,
          kib / 1024,
          HEAP_KIB / 512);
    }
    HEAP.acquireUninterruptibly((int) kib);
    return (int) kib;
  }

  private static UnreadableImageException truncated(
      String name, PictureFormat format, byte[] bytes, @Nullable Throwable cause) {
    return unreadable(
        name, cause, "a truncated %s: its %,d bytes are not all of it", format, bytes.length);
  }

  private static UnreadableImageException unreadable(
      String name, @Nullable Throwable cause, String reason, Object... values) {
    return new UnreadableImageException(name, String.format(Locale.ROOT, reason, values), cause);
  }

  /** Decoders' messages can be absent, or of several lines. */
  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** libjpeg fills what it lacks with grey and warns, in English in any locale. */
  private static final class Warnings implements IIOReadWarningListener {
    private boolean premature;

    @Override
    public void warningOccurred(ImageReader reader, String warning) {
      premature |= warning.toLowerCase(Locale.ROOT).contains("premature end");
    }
  }
}
