package io.lookalike;

import io.lookalike.catalog.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A picture's name by its content. */
final class PictureHash {

  private static final int BUFFER = 1 << 16;

  private PictureHash() {}

  /**
   * The SHA-256 of the encoded picture.
   *
   * @return lower-case hexadecimal digits; null if it has no encoded form of its own, or cannot be
   *     read, which whoever decodes it will say
   */
  static @Nullable String of(ImageSource picture) {
    if (picture.image() != null) {
      return null;
    }
    try (InputStream in = picture.open()) {
      var digest = MessageDigest.getInstance("SHA-256");
      try (var digesting = new DigestInputStream(in, digest)) {
        var buffer = new byte[BUFFER];
        while (digesting.read(buffer) >= 0) {
          // the digest sees what is read
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException | RuntimeException e) {
      return null;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
