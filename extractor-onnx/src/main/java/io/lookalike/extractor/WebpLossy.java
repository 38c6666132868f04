package io.lookalike.extractor;

import java.awt.image.Raster;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageReader;

/**
 * Where a lossy picture lies in a WebP file (RFC 9649, 2.5 and 2.7.1.2).
 *
 * @param from the first byte of its VP8 frame
 * @param to one past the last
 * @param alphaFrom the first byte of its transparency; -1 if all of it is opaque
 * @param alphaTo one past the last
 */
record WebpLossy(int from, int to, int alphaFrom, int alphaTo) {

  private static final int UNCOMPRESSED = 0;
  private static final int LOSSLESS = 1;

  /** What stands before a lossless picture's data, and the picture's own head. */
  private static final int LOSSLESS_HEAD = 25;

  /** Reads the frame's header, which says how large the picture is. */
  Vp8Decoder frame(byte[] file) throws IOException {
    return new Vp8Decoder(file, from, to);
  }

  /**
   * Decodes the picture; what is transparent becomes white.
   *
   * @param file the file's bytes
   * @param frame from {@link #frame}
   * @param orientation of the picture, 1 to 8
   * @throws EOFException if it ends too early
   * @throws IOException if its transparency is damaged
   */
  Pixels pixels(byte[] file, Vp8Decoder frame, int orientation) throws IOException {
    byte[] rgb = frame.rgb();
    if (alphaFrom >= 0) {
      byte[] alpha = alpha(file, frame.width(), frame.height());
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = Pixels.onWhite(rgb[i] & 0xff, alpha[i / 3] & 0xff, false);
      }
    }
    return new Pixels(rgb, frame.width(), frame.height(), orientation);
  }

  private byte[] alpha(byte[] file, int width, int height) throws IOException {
    int head = file[alphaFrom];
    byte[] alpha =
        switch (head & 3) {
          case UNCOMPRESSED -> uncompressed(file, width * height);
          case LOSSLESS -> lossless(file, width, height);
          default -> throw new IOException("its transparency is of an unknown kind");
        };
    unfilter(alpha, width, head >> 2 & 3);
    return alpha;
  }

  private byte[] uncompressed(byte[] file, int size) throws EOFException {
    if (alphaTo - alphaFrom - 1 < size) {
      throw new EOFException();
    }
    byte[] alpha = new byte[size];
    System.arraycopy(file, alphaFrom + 1, alpha, 0, size);
    return alpha;
  }

  /** The green of a lossless picture that lacks its head. */
  private byte[] lossless(byte[] file, int width, int height) throws IOException {
    int length = alphaTo - alphaFrom - 1;
    ByteBuffer webp = ByteBuffer.allocate(LOSSLESS_HEAD + length + 1);
    webp.order(ByteOrder.LITTLE_ENDIAN);
    webp.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(webp.capacity() - 8);
    webp.put("WEBPVP8L".getBytes(StandardCharsets.US_ASCII)).putInt(length + 5);
    webp.put((byte) 0x2f).putInt(width - 1 | height - 1 << 14);
    webp.put(file, alphaFrom + 1, length);
    ImageReader reader = ImageReaders.of(PictureFormat.WEBP);
    try {
      reader.setInput(
          new EncodedPicture(webp.array(), PictureHead.whole(webp.array())), true, true);
      Raster raster = reader.read(0).getRaster();
      byte[] alpha = new byte[width * height];
      int[] row = new int[width];
      for (int y = 0, i = 0; y < height; y++) {
        raster.getSamples(0, y, width, 1, 1, row);
        for (int x = 0; x < width; x++, i++) {
          alpha[i] = (byte) row[x];
        }
      }
      return alpha;
    } finally {
      reader.dispose();
    }
  }

  /** Adds to each sample what was predicted of it from those before. */
  private static void unfilter(byte[] alpha, int width, int filter) {
    if (filter == 0) {
      return;
    }
    for (int i = 1; i < alpha.length; i++) {
      int x = i % width;
      int up = i < width ? alpha[i - 1] & 0xff : alpha[i - width] & 0xff;
      int left = x == 0 ? up : alpha[i - 1] & 0xff;
      int predicted =
          switch (filter) {
            case 1 -> left;
            case 2 -> up;
            default ->
                x == 0 || i < width
                    ? up
                    : Math.max(0, Math.min(255, left + up - (alpha[i - width - 1] & 0xff)));
          };
      alpha[i] += (byte) predicted;
    }
  }
}
