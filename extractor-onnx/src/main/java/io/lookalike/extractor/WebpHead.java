package io.lookalike.extractor;

import io.lookalike.extractor.PictureHead.Frame;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a WebP file's chunks (RFC 9649, 2) and says to the decoder, by the flags at its start, what
 * of them counts: the transparency that there is, the first picture of a film, no colour profile.
 */
final class WebpHead {
  private static final int VP8X = type("VP8X");
  private static final int VP8L = type("VP8L");
  private static final int ALPH = type("ALPH");
  private static final int ANMF = type("ANMF");
  private static final int EXIF = type("EXIF");

  /** A chunk's type and length. */
  private static final int BEFORE = 8;

  private static final int FIRST = 12;
  private static final int FLAGS = FIRST + BEFORE;
  private static final int CANVAS = FLAGS + 4;
  private static final int SECOND = FLAGS + 10;
  private static final int ANIMATION = 0x02;
  private static final int ALPHA = 0x10;

  /** What stands before the chunks of a film's picture. */
  private static final int PLACE = 16;

  /** An unknown chunk, which decoders skip. */
  private static final int NOTHING = type("none");

  private final ByteBuffer file;
  private final boolean film;

  /** Whether transparency counts, as decoders see it: if the flag says so. */
  private final boolean transparent;

  private boolean alpha;
  private int plainAlpha = -1;
  private int orientation = 1;
  private boolean pictured;
  private @Nullable Frame frame;

  private WebpHead(ByteBuffer file) {
    this.file = file;
    this.film = (file.get(FLAGS) & ANIMATION) != 0;
    this.transparent = (file.get(FLAGS) & ALPHA) != 0;
  }

  /**
   * Looks at a file.
   *
   * @param bytes all of it; its flags are changed where they stand
   */
  static PictureHead of(byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < SECOND || file.getInt(FIRST) != VP8X) {
      return PictureHead.whole(bytes);
    }
    var head = new WebpHead(file);
    head.chunks(SECOND, bytes.length);
    file.putInt(FLAGS, (head.film ? ANIMATION : 0) | (head.alpha ? ALPHA : 0));
    return new PictureHead(
        new byte[0], 0, bytes.length, head.orientation, head.frame, false, head.plainAlpha);
  }

  private void chunks(int from, int to) {
    for (int at = from; at + BEFORE <= to; ) {
      int type = file.getInt(at);
      int start = at + BEFORE;
      long end = start + Integer.toUnsignedLong(file.getInt(at + 4));
      int stop = (int) Math.min(end, to);
      if (type == ALPH && !transparent) {
        file.putInt(at, NOTHING);
      } else if (type == ALPH && stop > start && !alpha) {
        alpha = true;
        if ((file.get(start) & 3) == 0) {
          plainAlpha = start;
        }
      } else if (type == VP8L && start + 5 <= stop) {
        alpha |= transparent && (file.getInt(start + 1) & 1 << 28) != 0;
      } else if (type == ANMF && film && !pictured && start + PLACE <= stop) {
        pictured = true;
        frame =
            Frame.of(
                2 * number(start),
                2 * number(start + 3),
                1 + number(start + 6),
                1 + number(start + 9),
                1 + number(CANVAS),
                1 + number(CANVAS + 3));
        chunks(start + PLACE, stop);
      } else if (type == EXIF) {
        orientation = Exif.orientation(file.array(), start, stop);
      }
      at = (int) Math.min(end + (end & 1), to);
    }
  }

  /**
   * Puts transparency into a picture that is stored without compression, which the decoder takes
   * for none (RFC 9649, 2.7.1.2).
   *
   * @param image a decoded picture
   * @param file the file's bytes
   * @param at where the chunk's data begin
   * @throws EOFException if the file ends before
   */
  static void addAlpha(BufferedImage image, byte[] file, int at) throws EOFException {
    int width = image.getWidth();
    int height = image.getHeight();
    WritableRaster raster = image.getAlphaRaster();
    if (raster == null || (long) width * height > file.length - at - 1) {
      throw new EOFException();
    }
    int filter = file[at] >> 2 & 3;
    int[] row = new int[width];
    int[] above = new int[width];
    for (int y = 0, i = at + 1; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        int left = x == 0 ? (y == 0 ? 0 : above[0]) : row[x - 1];
        int up = y == 0 ? left : above[x];
        int predicted =
            switch (filter) {
              case 0 -> 0;
              case 1 -> left;
              case 2 -> up;
              default ->
                  x == 0 || y == 0 ? up : Math.max(0, Math.min(255, left + up - above[x - 1]));
            };
        row[x] = file[i] + predicted & 0xff;
      }
      raster.setSamples(0, y, width, 1, 0, row);
      System.arraycopy(row, 0, above, 0, width);
    }
  }

  /** Of 24 bits. */
  private int number(int at) {
    return file.getShort(at) & 0xffff | (file.get(at + 2) & 0xff) << 16;
  }

  private static int type(String name) {
    return ByteBuffer.wrap(name.getBytes(StandardCharsets.ISO_8859_1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .getInt();
  }
}
