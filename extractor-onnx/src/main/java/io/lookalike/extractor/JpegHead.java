package io.lookalike.extractor;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What must be known of a JPEG file before it is decoded: which decoder it needs, how it must be
 * turned, and whether decoding would take for ever. One walk over the bytes, whatever they hold.
 *
 * @param components of the frame: 1 grey, 3 colour, 4 CMYK or YCCK; 0 where the frame is of none of
 *     the three usual kinds (baseline, extended, progressive) or there is none
 * @param orientation from Exif, 1 to 8; 1 where it is absent or damaged
 * @param scans an upper bound on how often the decoder goes over the picture
 * @param unfinished whether a progressive picture lacks its end, so that scans may be missing
 */
record JpegHead(int components, int orientation, int scans, boolean unfinished) {
  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP1 = 0xe1;
  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
  private static final int ORIENTATION = 0x0112;

  static JpegHead of(byte[] file) {
    int components = 0;
    int orientation = 1;
    boolean progressive = false;
    int at = 2;
    while (at + 4 <= file.length) {
      int marker = file[at + 1] & 0xff;
      if (file[at] != (byte) 0xff || marker == 0xff) {
        at++; // decoders skip what lies between segments
        continue;
      }
      int end = at + 2 + (((file[at + 2] & 0xff) << 8) | (file[at + 3] & 0xff));
      if (marker == SOS || end > file.length) {
        break;
      }
      if (marker >= SOF0 && marker <= SOF2 && at + 9 < end) {
        components = file[at + 9];
        progressive = marker == SOF2;
      } else if (marker == APP1 && startsWith(file, at + 4, EXIF)) {
        orientation = orientation(file, at + 4 + EXIF.length, end);
      }
      at = Math.max(end, at + 2);
    }
    int scans = 0;
    boolean ended = false;
    for (int i = 1; i < file.length; i++) {
      // Within a scan, 0xff is followed by 0 or a restart marker, so these are no picture data.
      if (file[i - 1] == (byte) 0xff && file[i] == (byte) SOS) {
        scans++;
        ended = false;
      } else if (file[i - 1] == (byte) 0xff && file[i] == (byte) EOI) {
        ended = true;
      }
    }
    return new JpegHead(components, orientation, scans, progressive && !ended);
  }

  /** Reads the tag from the first directory of a TIFF structure. */
  private static int orientation(byte[] file, int from, int to) {
    try {
      ByteBuffer tiff = ByteBuffer.wrap(file, from, to - from).slice();
      tiff.order(tiff.get() == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      tiff.position(tiff.getInt(4));
      for (int entries = Short.toUnsignedInt(tiff.getShort()); entries > 0; entries--) {
        int tag = Short.toUnsignedInt(tiff.getShort());
        tiff.getShort(); // type, always a short
        tiff.getInt(); // count, always 1
        int value = Short.toUnsignedInt(tiff.getShort());
        tiff.getShort();
        if (tag == ORIENTATION && value >= 1 && value <= 8) {
          return value;
        }
      }
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return 1; // a damaged block costs the picture nothing but its orientation
    }
    return 1;
  }

  private static boolean startsWith(byte[] file, int at, byte[] expected) {
    return at + expected.length <= file.length
        && Arrays.equals(file, at, at + expected.length, expected, 0, expected.length);
  }
}
