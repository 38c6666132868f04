package io.lookalike;

import io.lookalike.catalog.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The name of a picture, of a part of one, or of several, by their content. */
final class PictureHash {

  private static final int BUFFER = 1 << 16;

  private PictureHash() {}

  /**
   * What stands for a product's photos: of one its own name, of several the SHA-256 of their names,
   * one after the other.
   *
   * @return lower-case hexadecimal digits; null if one has no name
   */
  static @Nullable String of(List<ImageSource> pictures) {
    if (pictures.size() == 1) {
      return of(pictures.get(0));
    }
    MessageDigest digest = sha256();
    for (ImageSource picture : pictures) {
      String name = of(picture);
      if (name == null) {
        return null;
      }
      digest.update(name.getBytes(StandardCharsets.US_ASCII));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The SHA-256 of the encoded picture; of a part of it, that of the picture's name and the part.
   *
   * @return lower-case hexadecimal digits; null if it has no encoded form of its own, or cannot be
   *     read, which whoever decodes it will say
   */
  private static @Nullable String of(ImageSource picture) {
    if (picture.image() != null) {
      return null;
    }
    try (InputStream in = picture.open()) {
      MessageDigest digest = sha256();
      try (var digesting = new DigestInputStream(in, digest)) {
        var buffer = new byte[BUFFER];
        while (digesting.read(buffer) >= 0) {
          // the digest sees what is read
        }
      }
      String whole = HexFormat.of().formatHex(digest.digest());
      if (picture.part() == null) {
        return whole;
      }
      digest.update((whole + "#" + picture.part()).getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
