package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
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

  /** Heap that decoding takes at most, in bytes per pixel: rows of red, green and blue. */
  private static final int RGB = 3;

  /** The same where a decoder delivers up to four 16-bit samples, which then become three bytes. */
  private static final int ANY = 11;

  /** Half of the heap, in KiB: what all the pictures in hand may take, of all readers together. */
  private static final int HEAP_KIB =
      (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 2 / 1024);

  /** What a file may take of the heap before it is decoded; while read, it is there twice. */
  private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory() / 8;

  /** What decoders say of sound pictures that they cannot read. */
  private static final Pattern UNSUPPORTED =
      Pattern.compile("(?i)\\b(unsupported|not supported|not implemented|unimplemented)\\b");

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
   * A picture that has been read from its source and not yet decoded.
   *
   * @param name what to call it in a message
   * @param bytes the file's; empty if there is an image
   * @param image a picture in memory, or null
   * @param part which part of the upright picture is meant; null for all of it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Loaded(
      String name, byte[] bytes, @Nullable BufferedImage image, ImageSource.@Nullable Part part) {}

  /**
   * Reads a picture from its source, decodes and uses it on this thread.
   *
   * @param source the picture
   * @param use what is done with its pixels
   * @return what {@code use} returned
   * @throws UnreadableImageException if the picture cannot be read, saying why
   * @throws CancellationException if the thread is interrupted while it waits
   */
  <T> T read(ImageSource source, Function<Pixels, T> use) {
    return decode(load(source, bytes -> {}), use);
  }

  /**
   * Reads a picture from its source.
   *
   * @param source the picture
   * @param count is told how many bytes came, each time that some do; what it throws ends it
   * @return the encoded picture
   * @throws UnreadableImageException if the source fails, or has more than is allowed
   * @throws CancellationException if the thread is interrupted while it waits for the source
   */
  Loaded load(ImageSource source, IntConsumer count) {
    String name = source.name();
    if (Thread.currentThread().isInterrupted()) {
      throw WorkQueue.interrupted(name, null);
    }
    BufferedImage image = source.image();
    if (image != null) {
      return new Loaded(name, new byte[0], image, source.part());
    }
    byte[] bytes;
    int most = (int) Math.min(maxBytes, HEAP_BYTES);
    try (InputStream in = source.open()) {
      bytes = new CountedStream(in, count).readNBytes(most + 1);
    } catch (NoSuchFileException e) {
      throw unreadable(name, Reason.UNREACHABLE, e, "no such file");
    } catch (AccessDeniedException e) {
      throw unreadable(name, Reason.UNREACHABLE, e, "not permitted to read this file");
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()
          || e instanceof ClosedByInterruptException
          || (e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException))) {
        throw WorkQueue.interrupted(name, e);
      }
      throw "Is a directory".equals(e.getMessage())
          ? unreadable(name, Reason.UNREACHABLE, e, "a folder, expected a picture file")
          : unreadable(name, Reason.UNREACHABLE, e, "cannot be read: %s", reason(e));
    }
    if (bytes.length == 0) {
      throw unreadable(name, Reason.DAMAGED, null, "empty, 0 bytes");
    }
    if (bytes.length > most) {
      throw most == maxBytes
          ? unreadable(
              name,
              Reason.TOO_LARGE,
              null,
              "larger than the limit of %,d bytes (maxBytes); compress it more",
              most)
          : unreadable(
              name,
              Reason.OUT_OF_MEMORY,
              null,
              "larger than %,d bytes, an eighth of the heap; raise -Xmx",
              most);
    }
    return new Loaded(name, bytes, null, source.part());
  }

  /** Tells how much is read through it. */
  private static final class CountedStream extends FilterInputStream {
    private final IntConsumer count;

    CountedStream(InputStream in, IntConsumer count) {
      super(in);
      this.count = count;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int n = super.read(target, offset, length);
      if (n > 0) {
        count.accept(n);
      }
      return n;
    }
  }

  /**
   * Decodes a picture and uses it on this thread.
   *
   * @param picture from {@link #load}; its bytes may be changed
   * @param use what is done with its pixels, whose share of the heap is reserved until it returns
   * @return what {@code use} returned
   * @throws UnreadableImageException if it is none that can be read, saying why, or if the heap is
   *     full
   * @throws CancellationException if the thread is interrupted while it waits for room on the heap
   */
  <T> T decode(Loaded picture, Function<Pixels, T> use) {
    String name = picture.name();
    try {
      BufferedImage image = picture.image();
      ImageSource.Part part = picture.part();
      if (image == null) {
        return decode(
            name,
            picture.bytes(),
            part == null ? use : pixels -> use.apply(pixels.part(part, true)));
      }
      checkSize(name, image.getWidth(), image.getHeight());
      int reserved = reserve(name, image.getWidth(), image.getHeight(), RGB);
      try {
        Pixels pixels = inSrgb(image);
        return use.apply(part == null ? pixels : pixels.part(part, false));
      } finally {
        HEAP.release(reserved);
      }
    } catch (OutOfMemoryError e) {
      throw unreadable(
          name,
          Reason.OUT_OF_MEMORY,
          e,
          "out of memory (%s) while it was decoded; raise -Xmx, or lower concurrency",
          String.valueOf(e.getMessage()));
    }
  }

  /** An image's pixels; a copy where its samples had to be changed. */
  private static Pixels inSrgb(BufferedImage image) {
    Pixels pixels = Pixels.of(image, 1);
    byte[] profile = ColorProfile.of(image);
    if (profile == null) {
      return pixels;
    }
    int count = pixels.width() * pixels.height();
    byte[] rgb = Arrays.copyOf(pixels.rgb(), 3 * count);
    ColorProfile.toSrgb(rgb, count, profile);
    return new Pixels(rgb, pixels.width(), pixels.height(), 1);
  }

  /** Pixels, and the ICC profile of what their samples mean, or null. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Decoded(Pixels pixels, byte @Nullable [] profile) {}

  private interface Decoding {
    Decoded decoded() throws IOException;
  }

  /** Where the head has no profile, what the reader found counts: TIFF, AVIF, HEIC. */
  private static Decoded decoded(BufferedImage image, PictureHead head) {
    byte[] profile = head.profile();
    return new Decoded(
        Pixels.of(image, head.orientation()), profile == null ? ColorProfile.of(image) : profile);
  }

  private <T> T decode(String name, byte[] bytes, Function<Pixels, T> use) {
    PictureFormat format = PictureFormat.of(name, bytes);
    PictureHead head =
        switch (format) {
          case JPEG -> JpegHead.of(name, bytes);
          case PNG -> PngHead.of(name, bytes);
          case GIF -> GifHead.of(bytes);
          case WEBP -> WebpHead.of(bytes);
          case BMP, AVIF, HEIC -> PictureHead.whole(bytes);
          case TIFF -> // whose first directory is what Exif has copied
              PictureHead.whole(bytes).turned(Exif.orientation(bytes, 0, bytes.length));
        };
    EncodedPicture input = new EncodedPicture(bytes, head);
    Warnings warnings = new Warnings();
    ImageReader reader = null;
    int reserved = 0;
    try {
      Pixels pixels;
      try {
        int width;
        int height;
        Decoding decoding;
        WebpLossy lossy = head.lossy();
        if (lossy != null) {
          Vp8Decoder vp8 = lossy.frame(bytes);
          width = vp8.width();
          height = vp8.height();
          decoding =
              () -> new Decoded(lossy.pixels(bytes, vp8, head.orientation()), head.profile());
        } else {
          ImageReader any = head.rgb() ? ImageReaders.colourJpeg() : ImageReaders.of(format);
          reader = any;
          any.addIIOReadWarningListener(warnings);
          any.setInput(input, true, true);
          width = any.getWidth(0);
          height = any.getHeight(0);
          decoding = () -> decoded(head.rgb() ? colour(any) : any.read(0), head);
        }
        PictureHead.Frame frame = head.frame();
        int canvasWidth = frame == null ? width : frame.width();
        int canvasHeight = frame == null ? height : frame.height();
        checkSize(name, canvasWidth, canvasHeight);
        reserved = reserve(name, canvasWidth, canvasHeight, head.rgb() ? RGB : ANY);
        Decoded decoded = decoding.decoded();
        pixels = decoded.pixels;
        boolean incomplete =
            switch (format) {
              case JPEG -> warnings.premature;
              case PNG, GIF, BMP -> input.exhausted();
              case WEBP -> declaredLength(bytes) > bytes.length; // its reader looks ahead
              case AVIF, HEIC, TIFF -> false; // their readers say so
            };
        if (incomplete) {
          throw new EOFException();
        }
        byte[] profile = decoded.profile;
        if (profile != null) {
          ColorProfile.toSrgb(pixels.rgb(), pixels.width() * pixels.height(), profile);
        }
        if (frame != null) {
          if (width > frame.width() - frame.x() || height > frame.height() - frame.y()) {
            throw new IOException("its first picture is larger than its place");
          }
          pixels = pixels.on(frame);
        }
      } catch (UnreadableImageException | CancellationException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        if (input.exhausted() || e instanceof EOFException) {
          throw truncated(name, format, bytes, e);
        }
        String reason = reason(e);
        throw UNSUPPORTED.matcher(reason).find()
            ? unreadable(
                name, Reason.UNSUPPORTED, e, "a %s of a kind not read here: %s", format, reason)
            : unreadable(name, Reason.DAMAGED, e, "a damaged %s: %s", format, reason);
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
   * that it converts nothing: {@link ColorProfile} does.
   */
  private static BufferedImage colour(ImageReader reader) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
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
          name,
          Reason.TOO_LARGE,
          null,
          "%,d x %,d pixels, expected no side above %,d",
          width,
          height,
          MAX_SIDE);
    }
    if ((long) width * height > maxPixels) {
      throw unreadable(
          name,
          Reason.TOO_LARGE,
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
          Reason.OUT_OF_MEMORY,
          null,
          "%,d x %,d pixels need up to %,d MiB of heap to decode, more than half of the %,d MiB"
              + " that there are; raise -Xmx",
          width,
          height,
          kib / 1024,
          HEAP_KIB / 512);
    }
    try {
      HEAP.acquire((int) kib);
    } catch (InterruptedException e) {
      throw WorkQueue.interrupted(name, e);
    }
    return (int) kib;
  }

  static UnreadableImageException truncated(
      String name, PictureFormat format, byte[] bytes, @Nullable Throwable cause) {
    return unreadable(
        name,
        Reason.DAMAGED,
        cause,
        "a truncated %s: its %,d bytes are not all of it",
        format,
        bytes.length);
  }

  private static UnreadableImageException unreadable(
      String name, Reason reason, @Nullable Throwable cause, String detail, Object... values) {
    return new UnreadableImageException(
        name, reason, String.format(Locale.ROOT, detail, values), cause);
  }

  /**
   * Decoders' messages can be absent, or of several lines; those of files begin with the path,
   * which is not always what the picture is called.
   */
  private static String reason(Exception e) {
    String message = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
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
