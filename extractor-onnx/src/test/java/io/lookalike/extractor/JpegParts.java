package io.lookalike.extractor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A JPEG file taken apart and put together again, otherwise than an encoder would. */
final class JpegParts {
  static final int SOF0 = 0xc0;
  static final int SOF2 = 0xc2;
  static final int SOS = 0xda;
  static final int APP0 = 0xe0;
  static final int APP2 = 0xe2;
  static final int APP14 = 0xee;

  /** Each with its marker; the last ones hold a scan's data too. */
  private final List<byte[]> segments = new ArrayList<>();

  JpegParts(byte[] jpeg) {
    int at = 2;
    while (at < jpeg.length && jpeg[at + 1] != (byte) 0xd9) {
      int end = at + 2 + ((jpeg[at + 2] & 0xff) << 8 | jpeg[at + 3] & 0xff);
      if (jpeg[at + 1] == (byte) SOS) {
        while (jpeg[end] != (byte) 0xff || jpeg[end + 1] == 0 || (jpeg[end + 1] & 0xf8) == 0xd0) {
          end++;
        }
      }
      segments.add(Arrays.copyOfRange(jpeg, at, end));
      at = end;
    }
  }

  /** Leaves out segments of these kinds. */
  JpegParts without(int... markers) {
    segments.removeIf(s -> Arrays.stream(markers).anyMatch(m -> m == (s[1] & 0xff)));
    return this;
  }

  /** Puts a segment before all others that are there. */
  JpegParts with(int marker, byte[] data) {
    var segment = new ByteArrayOutputStream();
    segment.write(0xff);
    segment.write(marker);
    segment.write(data.length + 2 >> 8);
    segment.write(data.length + 2);
    segment.writeBytes(data);
    segments.add(0, segment.toByteArray());
    return this;
  }

  JpegParts withJfif() {
    return with(APP0, "JFIF\0\1\1\0\0\1\0\1\0\0".getBytes(StandardCharsets.ISO_8859_1));
  }

  JpegParts withAdobe(int transform) {
    byte[] data = "Adobe\0d\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
    data[11] = (byte) transform;
    return with(APP14, data);
  }

  /** One of so many parts of a colour profile. */
  JpegParts withProfile(int number, int of, byte[] part) {
    var data = new ByteArrayOutputStream();
    data.writeBytes("ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1));
    data.write(number);
    data.write(of);
    data.writeBytes(part);
    return with(APP2, data.toByteArray());
  }

  /** Changes the segments of one kind in place. */
  JpegParts change(int marker, Consumer<byte[]> change) {
    segments.stream().filter(s -> (s[1] & 0xff) == marker).forEach(change);
    return this;
  }

  /** Calls the three components otherwise, in the frame and in every scan. */
  JpegParts named(int... ids) {
    List<Integer> before = new ArrayList<>();
    Consumer<byte[]> frame =
        s -> {
          for (int c = 0; c < 3; c++) {
            before.add((int) s[10 + 3 * c]);
            s[10 + 3 * c] = (byte) ids[c];
          }
        };
    change(SOF0, frame);
    change(SOF2, frame);
    return change(
        SOS,
        s -> {
          for (int c = 0; c < s[4]; c++) {
            s[5 + 2 * c] = (byte) ids[before.indexOf((int) s[5 + 2 * c])];
          }
        });
  }

  byte[] bytes() {
    var file = new ByteArrayOutputStream();
    file.write(0xff);
    file.write(0xd8);
    segments.forEach(file::writeBytes);
    file.write(0xff);
    file.write(0xd9);
    return file.toByteArray();
  }
}
