package io.lookalike.extractor;

import io.lookalike.extractor.PictureHead.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds where a GIF file's first picture lies on its canvas (GIF89a, 18 to 23). */
final class GifHead {
  private static final int CANVAS = 6;
  private static final int TABLES = 13;
  private static final int EXTENSION = 0x21;
  private static final int PICTURE = 0x2c;

  private GifHead() {}

  static PictureHead of(byte[] bytes) {
    PictureHead whole = PictureHead.whole(bytes);
    if (bytes.length < TABLES) {
      return whole;
    }
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int flags = file.get(10);
    int at = TABLES + ((flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1);
    while (at + 10 <= bytes.length && bytes[at] == EXTENSION) {
      at += 2;
      while (at < bytes.length && bytes[at] != 0) {
        at += 1 + (bytes[at] & 0xff);
      }
      at++;
    }
    if (at + 10 > bytes.length || bytes[at] != PICTURE) {
      return whole;
    }
    Frame frame =
        Frame.of(
            file.getShort(at + 1) & 0xffff,
            file.getShort(at + 3) & 0xffff,
            file.getShort(at + 5) & 0xffff,
            file.getShort(at + 7) & 0xffff,
            file.getShort(CANVAS) & 0xffff,
            file.getShort(CANVAS + 2) & 0xffff);
    return new PictureHead(new byte[0], 0, bytes.length, 1, frame, false, null);
  }
}
