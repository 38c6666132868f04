package io.lookalike.extractor;

import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The picture formats that can be read, told apart by their first bytes, never by a file's name.
 */
enum PictureFormat {
  JPEG("jpeg"),
  PNG("png"),
  GIF("gif"),
  BMP("bmp"),
  WEBP("webp"),

  /** Read where ImageIO has a plug-in, as are the next two. */
  AVIF("avif"),

  HEIC("heic"),
  TIFF("tiff");

  /** What readers of this format call it. */
  final String formatName;

  PictureFormat(String formatName) {
    this.formatName = formatName;
  }

  /**
   * Recognises a format.
   *
   * @param name what to call the picture in a message
   * @param bytes a whole file
   * @return its format
   * @throws UnreadableImageException if it is none of these, saying what it looks like instead
   */
  static PictureFormat of(String name, byte[] bytes) {
    if (startsWith(bytes, 0, 0xff, 0xd8, 0xff)) {
      return JPEG;
    }
    if (startsWith(bytes, 0, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n')) {
      return PNG;
    }
    if (startsWith(bytes, 0, 'G', 'I', 'F', '8')) {
      return GIF;
    }
    if (startsWith(bytes, 0, 'R', 'I', 'F', 'F') && startsWith(bytes, 8, 'W', 'E', 'B', 'P')) {
      return WEBP;
    }
    // Two letters are little evidence: a bitmap's next four bytes that are never set are zero.
    if (startsWith(bytes, 0, 'B', 'M') && startsWith(bytes, 6, 0, 0, 0, 0)) {
      return BMP;
    }
    PictureFormat other = pluggable(bytes);
    if (other != null && ImageReaders.plugIn(other) != null) {
      return other;
    }
    throw new UnreadableImageException(
        name,
        Reason.UNSUPPORTED,
        "not a picture that can be read here: it "
            + looksLike(bytes)
            + "; expected JPEG, PNG, WebP, GIF or BMP"
            + (other == null ? "" : ", or an ImageIO plug-in for " + other + " on the class path"),
        null);
  }

  /** A format that is read where ImageIO has a plug-in for it; null if it is none of these. */
  private static @Nullable PictureFormat pluggable(byte[] bytes) {
    if (startsWith(bytes, 0, 'I', 'I', 42, 0) || startsWith(bytes, 0, 'M', 'M', 0, 42)) {
      return TIFF;
    }
    return switch (looksLike(bytes)) {
      case "looks like AVIF" -> AVIF;
      case "looks like HEIC" -> HEIC;
      default -> null;
    };
  }

  private static String looksLike(byte[] bytes) {
    if (startsWith(bytes, 4, 'f', 't', 'y', 'p')) {
      String brand = new String(bytes, 8, Math.min(4, bytes.length - 8), StandardCharsets.US_ASCII);
      return switch (brand) {
        case "avif", "avis" -> "looks like AVIF";
        case "heic", "heix", "hevc", "hevx", "mif1", "msf1" -> "looks like HEIC";
        default -> "looks like a film (ISO media)";
      };
    }
    if (startsWith(bytes, 0, 'I', 'I', 42, 0) || startsWith(bytes, 0, 'M', 'M', 0, 42)) {
      return "looks like TIFF";
    }
    if (startsWith(bytes, 0, 0xff, 0x0a) || startsWith(bytes, 0, 0, 0, 0, 12, 'J', 'X', 'L', ' ')) {
      return "looks like JPEG XL";
    }
    if (startsWith(bytes, 0, '%', 'P', 'D', 'F')) {
      return "looks like PDF";
    }
    if (startsWith(bytes, 0, '8', 'B', 'P', 'S')) {
      return "looks like Photoshop";
    }
    if (startsWith(bytes, 0, 'P', 'K', 3, 4)) {
      return "looks like a ZIP archive";
    }
    if (startsWith(bytes, 0, 0x1f, 0x8b)) {
      return "looks like gzip";
    }
    String text =
        new String(bytes, 0, Math.min(512, bytes.length), StandardCharsets.UTF_8)
            .replace("\ufeff", "")
            .strip()
            .toLowerCase(Locale.ROOT);
    if (text.startsWith("<") && text.contains("<svg")) {
      return "looks like SVG";
    }
    if (text.startsWith("<!doctype html") || text.startsWith("<html")) {
      return "looks like HTML";
    }
    if (text.startsWith("<")) {
      return "looks like XML";
    }
    if (text.startsWith("{") || text.startsWith("[")) {
      return "looks like JSON";
    }
    if (isText(bytes)) {
      return "looks like text";
    }
    StringBuilder hex = new StringBuilder("begins with the bytes");
    for (int i = 0; i < Math.min(8, bytes.length); i++) {
      hex.append(String.format(Locale.ROOT, " %02x", bytes[i]));
    }
    return hex.toString();
  }

  private static boolean isText(byte[] bytes) {
    for (int i = 0; i < Math.min(512, bytes.length); i++) {
      int b = bytes[i];
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(byte[] bytes, int offset, int... expected) {
    if (bytes.length < offset + expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((bytes[offset + i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
