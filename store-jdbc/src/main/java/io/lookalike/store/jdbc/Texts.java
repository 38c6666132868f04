package io.lookalike.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Texts as both databases hold them. PostgreSQL has no character 0, and neither has an index that
 * takes a text of any length. So {@code \0} stands for character 0, {@code \\} for a backslash, and
 * where a text is a key, {@code \#} and its hash for a long one, which then lies in {@code
 * long_text}. All other texts are as they are.
 */
final class Texts {

  /** Two such in three bytes each fit the 2,704 bytes that PostgreSQL allows. */
  static final int LONGEST_KEY = 250;

  static final String LONG = "\\#";

  /** The length of what stands for a long key: the prefix, and SHA-256 in hexadecimal digits. */
  static final int LONG_KEY = LONG.length() + 64;

  /** Further condition on a row of {@code long_text}: no row of another table has it. */
  static final String UNUSED =
      Stream.of(
              "product.id",
              "sold_day.product_id",
              "sold.product_id",
              "sold.purchase_id",
              "purchase.id",
              "event.tenant",
              "event.customer",
              "event.kind",
              "event.product_id",
              "event.event_id",
              "manifest.name")
          .map(
              column ->
                  " AND NOT EXISTS (SELECT 1 FROM ${in}"
                      + column.substring(0, column.indexOf('.'))
                      + " WHERE "
                      + column.substring(column.indexOf('.') + 1)
                      + " = short)")
          .collect(Collectors.joining());

  private Texts() {}

  /** A text that is no key. */
  static String plain(String text) {
    if (text.indexOf('\\') < 0 && text.indexOf('\0') < 0) {
      return text;
    }
    return text.replace("\\", "\\\\").replace("\0", "\\0");
  }

  /**
   * A text that is a key.
   *
   * @param longOnes gets what is too long, by what stands for it
   */
  static String key(String text, Map<String, String> longOnes) {
    if (text.length() <= LONGEST_KEY) {
      return plain(text);
    }
    String key = key(text);
    longOnes.put(key, plain(text));
    return key;
  }

  /** What stands for a key that may be there, to look for it. */
  static String key(String text) {
    if (text.length() <= LONGEST_KEY) {
      return plain(text);
    }
    return LONG + HexFormat.of().formatHex(hash(text));
  }

  /** Reads what {@link #plain} gave. */
  static String read(String stored) {
    if (stored.indexOf('\\') < 0) {
      return stored;
    }
    var text = new StringBuilder(stored.length());
    for (int i = 0; i < stored.length(); i++) {
      char c = stored.charAt(i);
      char next = c == '\\' && i + 1 < stored.length() ? stored.charAt(i + 1) : ' ';
      if (next == '0' || next == '\\') { // any other backslash a person has written
        c = next == '0' ? '\0' : next;
        i++;
      }
      text.append(c);
    }
    return text.toString();
  }

  /** The hash of several texts, each of which may be any. */
  static byte[] hash(String... texts) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      sha256.update(
          new byte[] {
            (byte) (bytes.length >>> 24),
            (byte) (bytes.length >>> 16),
            (byte) (bytes.length >>> 8),
            (byte) bytes.length
          });
      sha256.update(bytes);
    }
    return sha256.digest();
  }
}
