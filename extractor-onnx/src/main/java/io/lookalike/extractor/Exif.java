package io.lookalike.extractor;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The one thing that is read of Exif: how a picture must be turned. */
final class Exif {
  private static final byte[] PREFIX = {'E', 'x', 'i', 'f', 0, 0};
  private static final int ORIENTATION = 0x0112;

  /** Types of a tag's value, of 1 and 4 bytes. */
  private static final int BYTE = 1;

  private static final int LONG = 4;
  private static final int SIGNED_BYTE = 6;
  private static final int SIGNED_LONG = 9;

  private Exif() {}

  /** Whether a part of a file begins as a JPEG file's Exif segment does. */
  static boolean isPrefixed(byte[] file, int from, int to) {
    return to - from >= PREFIX.length
        && Arrays.equals(file, from, from + PREFIX.length, PREFIX, 0, PREFIX.length);
  }

  /**
   * Reads the tag from the first directory of a TIFF structure.
   *
   * @param file a whole file
   * @param from where the structure begins, or the six bytes that stand before it in JPEG files and
   *     in some others
   * @param to one past its end
   * @return 1 to 8 as in Exif 2.32, 4.6.4; 1 if it says nothing, or is damaged
   */
  static int orientation(byte[] file, int from, int to) {
    int start = isPrefixed(file, from, to) ? from + PREFIX.length : from;
    try {
      ByteBuffer tiff = ByteBuffer.wrap(file, start, to - start).slice();
      tiff.order(tiff.get() == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      tiff.position(tiff.getInt(4));
      for (int entries = Short.toUnsignedInt(tiff.getShort()); entries > 0; entries--) {
        int tag = Short.toUnsignedInt(tiff.getShort());
        int type = tiff.getShort();
        tiff.getInt(); // count, always 1
        int at = tiff.position();
        int value = switch (type) { // a short, but some programs write another whole number
              case BYTE, SIGNED_BYTE -> tiff.get();
              case LONG, SIGNED_LONG -> tiff.getInt();
              default -> tiff.getShort();
            };
        tiff.position(at + Integer.BYTES);
        if (tag == ORIENTATION && value >= 1 && value <= 8) {
          return value;
        }
      }
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return 1; // a damaged block costs the picture nothing but its orientation
    }
    return 1;
  }
}
