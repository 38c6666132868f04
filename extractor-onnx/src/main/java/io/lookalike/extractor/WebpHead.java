package io.lookalike.extractor;

import io.lookalike.extractor.PictureHead.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a WebP file's chunks (RFC 9649, 2): finds a lossy picture and its transparency, and says to
 * the decoder of lossless ones, by the flags at the file's start, what counts: the transparency
 * that there is, the first picture of a film, no colour profile.
 */
final class WebpHead {
  private static final int VP8X = type("VP8X");
  private static final int VP8 = type("VP8 ");
  private static final int VP8L = type("VP8L");
  private static final int ALPH = type("ALPH");
  private static final int ANMF = type("ANMF");
  private static final int EXIF = type("EXIF");
  private static final int ICCP = type("ICCP");

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
  private int alphaFrom = -1;
  private int alphaTo = -1;
  private int orientation = 1;
  private byte @Nullable [] profile;

  /** Whether the first picture has been found. */
  private boolean pictured;

  private @Nullable Frame frame;
  private @Nullable WebpLossy lossy;

  private WebpHead(ByteBuffer file, int flags) {
    this.file = file;
    this.film = (flags & ANIMATION) != 0;
    this.transparent = (flags & ALPHA) != 0;
  }

  /**
   * Looks at a file.
   *
   * @param bytes all of it; its flags are changed where they stand
   */
  static PictureHead of(byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < SECOND) {
      return PictureHead.whole(bytes);
    }
    boolean extended = file.getInt(FIRST) == VP8X;
    var head = new WebpHead(file, extended ? file.get(FLAGS) : 0);
    head.chunks(extended ? SECOND : FIRST, bytes.length);
    if (extended) {
      file.putInt(FLAGS, (head.film ? ANIMATION : 0) | (head.alpha ? ALPHA : 0));
    }
    return new PictureHead(
            new byte[0], 0, bytes.length, head.orientation, head.frame, false, head.lossy)
        .with(head.profile);
  }

  private void chunks(int from, int to) {
    for (int at = from; at + BEFORE <= to; ) {
      int type = file.getInt(at);
      int start = at + BEFORE;
      long end = start + Integer.toUnsignedLong(file.getInt(at + 4));
      int stop = (int) Math.min(end, to);
      if (type == ALPH) {
        file.putInt(at, NOTHING); // the decoder of lossless pictures has no use for it
        if (transparent && !pictured && stop > start) {
          alphaFrom = start;
          alphaTo = stop;
        }
      } else if (type == VP8 && !pictured) {
        pictured = true;
        lossy = new WebpLossy(start, stop, alphaFrom, alphaTo);
      } else if (type == VP8L && start + 5 <= stop) {
        pictured = true;
        alpha |= transparent && (file.getInt(start + 1) & 1 << 28) != 0;
      } else if (type == ANMF && film && !pictured && start + PLACE <= stop) {
        frame =
            Frame.of(
                2 * number(start),
                2 * number(start + 3),
                1 + number(start + 6),
                1 + number(start + 9),
                1 + number(CANVAS),
                1 + number(CANVAS + 3));
        chunks(start + PLACE, stop);
        pictured = true;
      } else if (type == EXIF) {
        orientation = Exif.orientation(file.array(), start, stop);
      } else if (type == ICCP && !pictured) {
        profile = Arrays.copyOfRange(file.array(), start, stop);
      }
      at = (int) Math.min(end + (end & 1), to);
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
