package io.lookalike.extractor;

import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JPEG file's segments (ITU-T T.81, annex B) and writes those that its decoder needs: one
 * walk over the bytes, whatever they hold.
 *
 * <p>Which colours three components are is decided as libjpeg decides it ({@code jdapimin.c}), and
 * said to the JDK's decoder, which has rules of its own.
 */
final class JpegHead {
  /**
   * More scans than any encoder writes (about 10). Each goes over the whole picture, so a small
   * file of thousands would keep a decoder busy for hours.
   */
  private static final int MAX_SCANS = 100;

  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int SOF3 = 0xc3;
  private static final int DHT = 0xc4;
  private static final int JPG = 0xc8;
  private static final int SOF9 = 0xc9;
  private static final int DAC = 0xcc;
  private static final int SOF15 = 0xcf;
  private static final int RST0 = 0xd0;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP2 = 0xe2;
  private static final int APP14 = 0xee;
  private static final int SOF55 = 0xf7;

  private static final byte[] JFIF = bytes("JFIF\0");
  private static final byte[] ADOBE = bytes("Adobe");
  private static final byte[] PROFILE = bytes("ICC_PROFILE\0");

  /** What tells the JDK's decoder that three components are YCbCr, and what that they are RGB. */
  private static final byte[] IS_YCBCR = segment(APP0, bytes("JFIF\0\1\1\0\0\1\0\1\0\0"));

  private static final byte[] IS_RGB = segment(APP14, bytes("Adobe\0d\0\0\0\0\0"));

  private final String name;
  private final byte[] file;
  private final ByteArrayOutputStream start = new ByteArrayOutputStream();

  /** Where the frame's segment is, and its kind; -1 before it is found. */
  private int frame = -1;

  private int kind;

  private int orientation;
  private boolean jfif;
  private int adobe = -1; // where that segment is
  private final TreeMap<Integer, byte[]> profile = new TreeMap<>();
  private int profileParts;
  private boolean profileSound = true;

  private JpegHead(String name, byte[] file) {
    this.name = name;
    this.file = file;
  }

  /**
   * Looks at a file.
   *
   * @param name what to call it in a message
   * @param file all of its bytes
   * @return what its decoder needs
   * @throws UnreadableImageException if it is of a kind that is not read here, if decoding would
   *     take for ever, or if its end is missing
   */
  static PictureHead of(String name, byte[] file) {
    return new JpegHead(name, file).read();
  }

  private PictureHead read() {
    int scan = segments();
    if (scan < 0 || frame < 0) {
      return PictureHead.whole(file); // the decoder says what is wrong
    }
    checkKind();
    int components = file[frame + 9] & 0xff;
    int end = scans(scan);
    var head = new ByteArrayOutputStream();
    head.write(0xff);
    head.write(0xd8);
    if (components == 3) {
      head.writeBytes(isYcbcr() ? IS_YCBCR : IS_RGB);
    } else if (components == 4) {
      if (adobe >= 0) {
        head.write(file, adobe, length(adobe));
      }
      writeProfile(head);
    }
    head.writeBytes(start.toByteArray());
    return new PictureHead(
            head.toByteArray(), scan, end, Math.max(1, orientation), null, components == 3, null)
        .with(components == 3 ? wholeProfile() : null);
  }

  /** Walks to the first scan. Returns where it begins, or -1. */
  private int segments() {
    int at = 2;
    while (at + 4 <= file.length) {
      int marker = file[at + 1] & 0xff;
      if (file[at] != (byte) 0xff || marker == 0xff || marker == 0) {
        at++; // decoders skip what lies between segments
        continue;
      }
      if (marker == SOS) {
        return at;
      }
      if (marker == EOI) {
        return -1;
      }
      if (marker == 0x01 || (marker >= RST0 && marker < EOI)) {
        at += 2; // stands alone
        continue;
      }
      int end = at + length(at);
      if (end > file.length) {
        return -1;
      }
      segment(marker, at, end);
      at = Math.max(end, at + 2);
    }
    return -1;
  }

  private void segment(int marker, int at, int end) {
    boolean ofFrame =
        (marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC)
            || marker == SOF55;
    if (ofFrame && frame < 0 && at + 9 < end) {
      frame = at;
      kind = marker;
    }
    if (marker == APP0 && startsWith(at + 4, end, JFIF)) {
      jfif = true;
    } else if (marker == APP1 && orientation == 0 && Exif.isPrefixed(file, at + 4, end)) {
      orientation = Exif.orientation(file, at + 4, end);
    } else if (marker == APP2 && startsWith(at + 4, end, PROFILE)) {
      profilePart(at + 4 + PROFILE.length, end);
    } else if (marker == APP14 && startsWith(at + 4, end, ADOBE) && end - at >= 16) {
      adobe = at;
    }
    if (marker < APP0) { // others are the application's, and comments
      start.write(file, at, end - at);
    }
  }

  /** Segments are numbered from 1 and say how many they are. */
  private void profilePart(int at, int end) {
    if (end - at < 2) {
      profileSound = false;
      return;
    }
    int number = file[at] & 0xff;
    int of = file[at + 1] & 0xff;
    profileSound &= profileParts == 0 || profileParts == of;
    profileParts = of;
    profileSound &= profile.put(number, Arrays.copyOfRange(file, at + 2, end)) == null;
  }

  /** The profile, put together of its parts; null if one is missing or doubled. */
  private byte @Nullable [] wholeProfile() {
    if (profile.isEmpty()
        || !profileSound
        || profile.size() != profileParts
        || profile.firstKey() != 1
        || profile.lastKey() != profileParts) {
      return null;
    }
    var whole = new ByteArrayOutputStream();
    profile.values().forEach(whole::writeBytes);
    return whole.toByteArray();
  }

  /** For the decoder of four components; that of three would only take offence at it. */
  private void writeProfile(ByteArrayOutputStream head) {
    byte[] whole = wholeProfile();
    if (whole == null) {
      return;
    }
    try {
      ICC_Profile parsed = ICC_Profile.getInstance(whole);
      if (parsed.getColorSpaceType() != ColorSpace.TYPE_CMYK) {
        return;
      }
    } catch (RuntimeException e) { // a damaged profile costs the picture nothing but its use
      return;
    }
    profile.forEach(
        (number, part) -> {
          var data = new ByteArrayOutputStream();
          data.writeBytes(PROFILE);
          data.write(number);
          data.write(profileParts);
          data.writeBytes(part);
          head.writeBytes(segment(APP2, data.toByteArray()));
        });
  }

  private void checkKind() {
    int precision = file[frame + 4];
    int components = file[frame + 9] & 0xff;
    String unread =
        kind == SOF55
            ? "JPEG-LS"
            : kind >= SOF9
                ? "a JPEG with arithmetic coding"
                : kind == SOF3
                    ? "a lossless JPEG"
                    : kind > SOF2
                        ? "a hierarchical JPEG"
                        : precision != 8
                            ? "a JPEG of " + precision + " bits a sample"
                            : file[frame + 5] == 0 && file[frame + 6] == 0
                                ? "a JPEG whose height comes after its pixels (DNL)"
                                : components != 1 && components != 3 && components != 4
                                    ? "a JPEG of " + components + " components"
                                    : null;
    if (unread != null) {
      throw fail(
          Reason.UNSUPPORTED,
          "%s, which is not read here; save it as a baseline or progressive JPEG of 8 bits a sample",
          unread);
    }
    if (length(frame) < 10 + 3 * components - 2) {
      throw fail(Reason.DAMAGED, "a damaged JPEG: its frame's components are cut off");
    }
  }

  /** The rule of libjpeg's {@code default_decompress_parms}. */
  private boolean isYcbcr() {
    if (jfif) {
      return true;
    }
    if (adobe >= 0) {
      return file[adobe + 15] != 0;
    }
    return !(id(0) == 'R' && id(1) == 'G' && id(2) == 'B');
  }

  private int id(int component) {
    return file[frame + 10 + 3 * component] & 0xff;
  }

  /**
   * Walks from the first scan to the end of the picture, after which other things may follow, such
   * as a phone's film. Returns where that end is.
   */
  private int scans(int first) {
    int scans = 0;
    int end = file.length;
    boolean ended = false;
    boolean cut = false; // in the header of a scan, which the decoder takes for a gray picture
    for (int at = first; at + 1 < file.length && !ended; at++) {
      if (file[at] != (byte) 0xff) {
        continue;
      }
      int marker = file[at + 1] & 0xff;
      if (marker == EOI) {
        ended = true;
        end = at + 2;
      } else if (marker == SOS) {
        scans++;
        cut = at + 4 > file.length || at + length(at) > file.length;
      }
      boolean segment = marker >= SOF0 && (marker < RST0 || marker > EOI) && marker < 0xff;
      if (segment && at + length(at) <= file.length) {
        at += length(at) - 1; // nothing in it is a marker
      }
    }
    if (scans > MAX_SCANS) {
      throw fail(
          Reason.UNSUPPORTED, "a JPEG of %,d scans, more than the limit of %d", scans, MAX_SCANS);
    }
    if (cut || (!ended && kind == SOF2)) {
      throw PictureReader.truncated(name, PictureFormat.JPEG, file, null);
    }
    return end;
  }

  /** A segment's bytes with its marker, or what is left of the file. */
  private int length(int at) {
    return at + 4 > file.length
        ? file.length - at
        : 2 + (((file[at + 2] & 0xff) << 8) | (file[at + 3] & 0xff));
  }

  private boolean startsWith(int at, int end, byte[] expected) {
    return at + expected.length <= end
        && Arrays.equals(file, at, at + expected.length, expected, 0, expected.length);
  }

  private static byte[] segment(int marker, byte[] data) {
    var segment = new ByteArrayOutputStream();
    segment.write(0xff);
    segment.write(marker);
    segment.write((data.length + 2) >> 8);
    segment.write(data.length + 2);
    segment.writeBytes(data);
    return segment.toByteArray();
  }

  private static byte[] bytes(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  private UnreadableImageException fail(Reason reason, String detail, Object... values) {
    return new UnreadableImageException(
        name, reason, String.format(Locale.ROOT, detail, values), null);
  }
}
