package io.lookalike.extractor;

import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads a PNG file's chunks (W3C PNG, third edition, 5) and keeps those that make its pixels. */
final class PngHead {
  private static final int SIGNATURE = 8;

  /** Length, type and checksum. */
  private static final int AROUND = 12;

  private static final int IHDR = type('I', 'H', 'D', 'R');
  private static final int PLTE = type('P', 'L', 'T', 'E');
  private static final int TRNS = type('t', 'R', 'N', 'S');
  private static final int IDAT = type('I', 'D', 'A', 'T');
  private static final int EXIF = type('e', 'X', 'I', 'f');
  private static final int ICCP = type('i', 'C', 'C', 'P');

  /** What Apple's tools put first in a form of their own, whose pixels other decoders garble. */
  private static final int CGBI = type('C', 'g', 'B', 'I');

  private PngHead() {}

  /**
   * Looks at a file.
   *
   * @throws UnreadableImageException if it is of a kind that is not read here
   */
  static PictureHead of(String name, byte[] file) {
    ByteBuffer chunks = ByteBuffer.wrap(file);
    var start = new ByteArrayOutputStream();
    start.write(file, 0, SIGNATURE);
    int orientation = 1;
    byte @Nullable [] profile = null;
    int pixels = 0; // where they begin
    for (int at = SIGNATURE; at + AROUND <= file.length; ) {
      int length = chunks.getInt(at);
      int type = chunks.getInt(at + 4);
      if (length < 0 || length > file.length - at - AROUND) {
        break;
      }
      int next = at + AROUND + length;
      if (type == CGBI && at == SIGNATURE) {
        throw new UnreadableImageException(
            name,
            Reason.UNSUPPORTED,
            "a PNG in the form for iPhones (CgBI), which is not read here; save it as plain PNG",
            null);
      }
      if (pixels == 0 && type == IDAT) {
        pixels = at;
      } else if (pixels == 0 && (type == IHDR || type == PLTE || type == TRNS)) {
        start.write(file, at, next - at);
      } else if (type == EXIF) {
        orientation = Exif.orientation(file, at + 8, next - 4);
      } else if (type == ICCP && pixels == 0) {
        profile = ColorProfile.inflated(file, at + 8, next - 4);
      }
      at = next;
    }
    return pixels == 0
        ? PictureHead.whole(file)
        : new PictureHead(start.toByteArray(), pixels, file.length, orientation, null, false, null)
            .with(profile);
  }

  private static int type(char a, char b, char c, char d) {
    return a << 24 | b << 16 | c << 8 | d;
  }
}
