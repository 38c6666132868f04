package io.lookalike.internal;

import io.lookalike.catalog.Ids;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Texts as bytes and back, refusing what Java would replace by a question mark. */
public final class Utf8 {

  /** What Java puts in the place of bytes that are not UTF-8. */
  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /**
   * Encodes a text.
   *
   * @param text any text
   * @return its bytes
   * @throws IllegalArgumentException if half of a surrogate pair stands alone in it
   */
  public static byte[] encode(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      var exact = new byte[bytes.remaining()];
      bytes.get(exact);
      return exact;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "\"" + Ids.shown(text) + "\" is no Unicode text and cannot be saved", e);
    }
  }

  /**
   * Decodes a text.
   *
   * @param bytes all that remains in it is read
   * @return the text
   * @throws IllegalArgumentException if the bytes are not UTF-8
   */
  public static String decode(ByteBuffer bytes) {
    var all = new byte[bytes.remaining()];
    bytes.get(all);
    return decode(all, 0, all.length);
  }

  /**
   * Decodes a text.
   *
   * @param bytes some bytes
   * @param begin where the text begins
   * @param length how many bytes it has
   * @return the text
   * @throws IllegalArgumentException if the bytes are not UTF-8
   */
  public static String decode(byte[] bytes, int begin, int length) {
    String text = new String(bytes, begin, length, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    try { // It may stand for what is not UTF-8, or for itself.
      ByteBuffer all = ByteBuffer.wrap(bytes, begin, length);
      return StandardCharsets.UTF_8.newDecoder().decode(all).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a text is not UTF-8", e);
    }
  }
}
