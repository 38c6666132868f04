package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/** Lossy WebP files, made by libwebp with many of its settings. */
class WebpTest {

  /** Where the frame of a simple file begins. */
  private static final int FRAME = 20;

  @ParameterizedTest
  @CsvFileSource(
      resources = "/io/lookalike/extractor/formats/webp/pixels.csv",
      useHeadersInDisplayName = true)
  void thePixelsAreThoseOfLibwebp(String file, int width, int height, String sha256)
      throws NoSuchAlgorithmException {
    Picture picture = Picture.read(Pictures.source("formats/webp/" + file));

    assertThat(picture.width()).isEqualTo(width);
    assertThat(picture.height()).isEqualTo(height);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(picture.rgb());
    assertThat(HexFormat.of().formatHex(digest)).isEqualTo(sha256);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, its VP8 frame is no picture of its own", // predicted from another one
    "0, 8, its VP8 frame is no picture of its own", // of a version that does not exist
    "0, 16, its VP8 frame is no picture of its own", // not to be shown
    "3, 1, its VP8 frame is no picture of its own", // another code
    "6, 120, 0 x 90 pixels",
    "8, 90, 120 x 0 pixels",
  })
  void whatIsNoPictureIsRefused(int at, int flipped, String reason) {
    byte[] webp = Pictures.fixture("formats/webp/q10.webp");
    webp[FRAME + at] ^= (byte) flipped;

    assertUnreadable(webp, Reason.DAMAGED, "a.webp: a damaged WEBP: " + reason);
  }

  @ParameterizedTest
  @CsvSource({"0, 224", "1, 255"})
  void aLengthThatLeadsOutOfTheFileIsTruncation(int at, int value) {
    byte[] webp = Pictures.fixture("formats/webp/q10.webp");
    webp[FRAME + at] |= (byte) value;

    assertUnreadable(
        webp,
        Reason.DAMAGED,
        "a.webp: a truncated WEBP: its " + webp.length + " bytes are not all of it");
  }

  @ParameterizedTest
  @CsvSource({"16383, 16383", "16383, 90"})
  void sizesAreCheckedBeforeAnythingIsDecoded(short width, short height) {
    byte[] webp = Pictures.fixture("formats/webp/q10.webp");
    ByteBuffer frame = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN);
    frame.putShort(FRAME + 6, width).putShort(FRAME + 8, height);

    boolean large = width * height > 64_000_000;
    assertThatThrownBy(() -> Picture.read(ImageSource.of("a.webp", webp)))
        .isInstanceOfSatisfying(
            UnreadableImageException.class,
            e -> assertThat(e.reason()).isEqualTo(large ? Reason.TOO_LARGE : Reason.DAMAGED))
        .hasMessageStartingWith(
            large ? "a.webp: 16,383 x 16,383 pixels, more than" : "a.webp: a truncated WEBP");
  }

  private static void assertUnreadable(byte[] webp, Reason reason, String message) {
    assertThatThrownBy(() -> Picture.read(ImageSource.of("a.webp", webp)))
        .isInstanceOfSatisfying(
            UnreadableImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessage(message);
  }
}
