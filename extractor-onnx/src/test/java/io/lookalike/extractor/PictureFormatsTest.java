package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class PictureFormatsTest {
  private static EfficientNetLite extractor;
  private static float[] photo;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    extractor = EfficientNetLite.builder().side(96).build();
    photo = extractor.extract(Pictures.source("formats/photo.png"));
  }

  @AfterAll
  static void close() {
    extractor.close();
  }

  @ParameterizedTest
  @CsvSource({
    "progressive.jpg, 2",
    "rgb.jpg, 2",
    "profile.jpg, 2",
    "damaged-profile.jpg, 2",
    "cmyk.jpg, 2",
    "ycck.jpg, 2",
    "lossy.webp, 2",
    "lossless.webp, 0",
    "animated.webp, 0",
  })
  void readsThePhotoInEveryFormat(String file, double tolerated) {
    byte[] expected = rgb("formats/photo.png");

    byte[] actual = rgb("formats/" + file);

    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += Math.abs((actual[i] & 0xff) - (expected[i] & 0xff));
    }
    assertThat(actual).hasSameSizeAs(expected);
    assertThat(sum / expected.length).as("mean difference").isLessThanOrEqualTo(tolerated);
  }

  private static byte[] rgb(String file) {
    AtomicReference<byte[]> rgb = new AtomicReference<>();
    new PictureReader(1 << 20, 1_000_000)
        .read(
            Pictures.source(file),
            pixels -> {
              rgb.set(pixels.rgb());
              return new float[0];
            });
    return rgb.get();
  }

  @Test
  void anEmbeddedProfileOfAJpegChangesNothing() {
    assertThat(extractor.extract(Pictures.source("formats/profile.jpg")))
        .isEqualTo(extractor.extract(Pictures.source("formats/damaged-profile.jpg")));
  }

  @Test
  void layoutsOfSamplesInMemoryAreAllTheSamePicture() {
    BufferedImage image = Pictures.photo();
    for (int type :
        List.of(
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_4BYTE_ABGR,
            BufferedImage.TYPE_4BYTE_ABGR_PRE,
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_INT_BGR,
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_INT_ARGB_PRE)) {
      ImageSource source = ImageSource.of("type " + type, Pictures.as(type, image));
      assertThat(extractor.extract(source)).as("type %d", type).isEqualTo(photo);
    }
    BufferedImage larger =
        new BufferedImage(
            image.getWidth() + 9, image.getHeight() + 9, BufferedImage.TYPE_3BYTE_BGR);
    larger.createGraphics().drawImage(image, 4, 5, null);
    BufferedImage window = larger.getSubimage(4, 5, image.getWidth(), image.getHeight());
    assertThat(extractor.extract(ImageSource.of("window", window))).isEqualTo(photo);
  }

  @Test
  void greyIsGreyInEveryFormat() {
    BufferedImage colour = Pictures.photo();
    BufferedImage grey =
        new BufferedImage(colour.getWidth(), colour.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage grey16 =
        new BufferedImage(colour.getWidth(), colour.getHeight(), BufferedImage.TYPE_USHORT_GRAY);
    BufferedImage threeEqual = Pictures.as(BufferedImage.TYPE_3BYTE_BGR, colour);
    for (int y = 0; y < grey.getHeight(); y++) {
      for (int x = 0; x < grey.getWidth(); x++) {
        int sample = colour.getRGB(x, y) >> 8 & 0xff;
        grey.getRaster().setSample(x, y, 0, sample);
        grey16.getRaster().setSample(x, y, 0, (sample << 8) | 0x7f);
        threeEqual.setRGB(x, y, sample * 0x010101);
      }
    }
    float[] expected = extractor.extract(ImageSource.of("three", threeEqual));

    assertThat(extractor.extract(ImageSource.of("8 bits", grey))).isEqualTo(expected);
    assertThat(extractor.extract(ImageSource.of("16 bits", grey16))).isEqualTo(expected);
    for (BufferedImage image : List.of(grey, grey16)) {
      byte[] png = Pictures.encoded("png", image);
      assertThat(extractor.extract(ImageSource.of("png", png))).isEqualTo(expected);
    }
    byte[] jpeg = Pictures.jpeg(grey);
    assertThat(Pictures.cosine(extractor.extract(ImageSource.of("jpeg", jpeg)), expected))
        .isGreaterThan(0.99);
  }

  @Test
  void readsPaletteSixteenBitAndBitmapFiles() {
    BufferedImage image = Pictures.photo();
    BufferedImage palette = Pictures.as(BufferedImage.TYPE_BYTE_INDEXED, image);
    float[] reduced =
        extractor.extract(
            ImageSource.of("reduced", Pictures.as(BufferedImage.TYPE_INT_RGB, palette)));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("palette png", Pictures.encoded("png", palette));
    files.put("gif", Pictures.encoded("gif", palette));
    files.put("palette bmp", Pictures.encoded("bmp", palette));
    files.forEach(
        (name, bytes) ->
            assertThat(extractor.extract(ImageSource.of(name, bytes))).as(name).isEqualTo(reduced));

    BufferedImage deep = deep(image);
    assertThat(extractor.extract(ImageSource.of("deep", Pictures.encoded("png", deep))))
        .isEqualTo(photo);
    BufferedImage bgr = Pictures.as(BufferedImage.TYPE_3BYTE_BGR, image);
    assertThat(extractor.extract(ImageSource.of("bmp", Pictures.encoded("bmp", bgr))))
        .isEqualTo(photo);
  }

  /** 16 bits a sample, red first, with transparency. */
  private static BufferedImage deep(BufferedImage image) {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            true,
            false,
            BufferedImage.TRANSLUCENT,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster =
        model.createCompatibleWritableRaster(image.getWidth(), image.getHeight());
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        for (int c = 0; c < 3; c++) {
          raster.setSample(x, y, c, (((rgb >> (8 * (2 - c))) & 0xff) << 8) | 0x55);
        }
        raster.setSample(x, y, 3, 0xffff);
      }
    }
    return new BufferedImage(model, raster, false, null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"alpha.png", "alpha-lossless.webp"})
  void transparentPartsAreWhite(String file) {
    BufferedImage onWhite = onWhite(Pictures.decoded(Pictures.fixture("formats/alpha.png")));

    float[] features = extractor.extract(Pictures.source("formats/" + file));

    float[] expected = extractor.extract(ImageSource.of("on white", onWhite));
    assertThat(Pictures.cosine(features, expected)).isGreaterThan(0.9995);
    assertThat(Pictures.cosine(features, photo)).isLessThan(0.9);
  }

  @Test
  void transparencyOfALossyWebpCounts() {
    BufferedImage onWhite = onWhite(Pictures.decoded(Pictures.fixture("formats/alpha.png")));

    float[] features = extractor.extract(Pictures.source("formats/alpha-lossy.webp"));

    float[] expected = extractor.extract(ImageSource.of("on white", onWhite));
    assertThat(Pictures.cosine(features, expected)).isGreaterThan(0.95);
  }

  private static BufferedImage onWhite(BufferedImage image) {
    BufferedImage white =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = white.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.drawImage(image, 0, 0, null);
    return white;
  }

  @Test
  void exifTurnsThePictureUpright() {
    BufferedImage upright = Pictures.as(BufferedImage.TYPE_3BYTE_BGR, Pictures.photo());
    float[] expected = extractor.extract(ImageSource.of("upright", Pictures.jpeg(upright)));
    // What a camera stores: the picture turned the other way.
    Map<Integer, BufferedImage> stored =
        Map.of(
            1, upright,
            3, turned(upright, 2),
            6, turned(upright, 3),
            8, turned(upright, 1));
    stored.forEach(
        (orientation, image) -> {
          byte[] jpeg = Pictures.jpeg(image);
          for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            byte[] tagged = Pictures.withOrientation(jpeg, orientation, order);
            double cosine =
                Pictures.cosine(extractor.extract(ImageSource.of("tagged", tagged)), expected);
            assertThat(cosine).as("orientation %d, %s", orientation, order).isGreaterThan(0.985);
          }
          if (orientation != 1) {
            double untagged =
                Pictures.cosine(extractor.extract(ImageSource.of("untagged", jpeg)), expected);
            assertThat(untagged).as("orientation %d untagged", orientation).isLessThan(0.9);
          }
        });
  }

  /** Turned clockwise by so many right angles. */
  private static BufferedImage turned(BufferedImage image, int quarters) {
    int w = image.getWidth();
    int h = image.getHeight();
    boolean sideways = quarters % 2 == 1;
    BufferedImage turned =
        new BufferedImage(sideways ? h : w, sideways ? w : h, BufferedImage.TYPE_3BYTE_BGR);
    AffineTransform turn =
        AffineTransform.getTranslateInstance(turned.getWidth() / 2.0, turned.getHeight() / 2.0);
    turn.quadrantRotate(quarters);
    turn.translate(-w / 2.0, -h / 2.0);
    turned.createGraphics().drawImage(image, turn, null);
    return turned;
  }

  @Test
  void damagedExifCostsNothingButTheOrientation() {
    byte[] jpeg = Pictures.jpeg(Pictures.as(BufferedImage.TYPE_3BYTE_BGR, Pictures.photo()));
    float[] expected = extractor.extract(ImageSource.of("plain", jpeg));
    byte[] tagged = Pictures.withOrientation(jpeg, 6, ByteOrder.BIG_ENDIAN);
    Random random = new Random(5);
    int same = 0;
    for (int i = 0; i < 200; i++) {
      byte[] damaged = tagged.clone();
      for (int j = 0; j < 4; j++) {
        damaged[12 + random.nextInt(36)] = (byte) random.nextInt(256);
      }
      float[] features = extractor.extract(ImageSource.of("damaged " + i, damaged));
      same += Arrays.equals(features, expected) ? 1 : 0;
    }
    assertThat(same).isGreaterThan(100);
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path missing = folder.resolve("missing.jpg");
    assertUnreadable(ImageSource.of(missing), missing + ": no such file");
    assertUnreadable(ImageSource.of(folder), folder + ": a folder, expected a picture file");
    Path empty = Files.createFile(folder.resolve("empty.jpg"));
    assertUnreadable(ImageSource.of(empty), empty + ": empty, 0 bytes");
    assertUnreadable(
        ImageSource.of(
            "far away",
            () -> {
              throw new IOException("connection reset");
            }),
        "far away: cannot be read: connection reset");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<!DOCTYPE html><html>404</html> | looks like HTML",
        "<svg xmlns='http://www.w3.org/2000/svg'/> | looks like SVG",
        "<?xml version='1.0'?><error/> | looks like XML",
        "{'error': 'not found'} | looks like JSON",
        "%PDF-1.7 | looks like PDF",
        "no picture at all | looks like text",
        "BM is how this text begins | looks like text",
      })
  void saysWhatATextLooksLike(String text, String expected) {
    assertUnreadable(
        ImageSource.of("a.jpg", text.getBytes(StandardCharsets.UTF_8)),
        "a.jpg: not a picture that can be read here: it "
            + expected
            + "; expected JPEG, PNG, WebP, GIF or BMP");
  }

  @ParameterizedTest
  @CsvSource({
    "0000001c667479706176696600000000, looks like AVIF, AVIF",
    "0000001c667479706865696300000000, looks like HEIC, HEIC",
    "504b030414000000, looks like a ZIP archive,",
    "1f8b0800, looks like gzip,",
    "0102030405060708090a, begins with the bytes 01 02 03 04 05 06 07 08,",
  })
  void saysWhatBytesLookLike(String hex, String expected, @Nullable String plugIn) {
    assertUnreadable(
        ImageSource.of("a.jpg", HexFormat.of().parseHex(hex)),
        "a.jpg: not a picture that can be read here: it "
            + expected
            + "; expected JPEG, PNG, WebP, GIF or BMP"
            + (plugIn == null
                ? ""
                : ", or an ImageIO plug-in for " + plugIn + " on the class path"));
  }

  @Test
  void limitsAreCheckedBeforeAnythingIsDecoded() {
    assertUnreadable(
        ImageSource.of("huge.png", Pictures.pngClaiming(50_000, 50_000)),
        "huge.png: 50,000 x 50,000 pixels, more than the limit of 64,000,000 in all"
            + " (maxPixels); scale it down");
    assertUnreadable(
        ImageSource.of("long.png", Pictures.pngClaiming(70_000, 1)),
        "long.png: 70,000 x 1 pixels, expected no side above 65,535");
    try (EfficientNetLite strict =
        EfficientNetLite.builder().side(32).maxBytes(20_000).maxPixels(10_000).build()) {
      assertThatThrownBy(() -> strict.extract(Pictures.source("formats/photo.png")))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessage(
              "formats/photo.png: 120 x 90 pixels, more than the limit of 10,000 in all"
                  + " (maxPixels); scale it down");
      assertThatThrownBy(() -> strict.extract(Pictures.source("reference/100007.jpg")))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessage(
              "reference/100007.jpg: larger than the limit of 20,000 bytes (maxBytes); compress it"
                  + " more");
      assertThatThrownBy(() -> strict.extract(ImageSource.of("memory", Pictures.photo())))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageStartingWith("memory: 120 x 90 pixels, more than the limit");
    }
  }

  @Test
  void aJpegOfThousandsOfScansIsRefused() {
    byte[] jpeg = Pictures.fixture("formats/progressive.jpg");
    byte[] scans = new byte[2 * 101];
    for (int i = 0; i < scans.length; i += 2) {
      scans[i] = (byte) 0xff;
      scans[i + 1] = (byte) 0xda;
    }
    assertThatThrownBy(
            () ->
                extractor.extract(
                    ImageSource.of("a.jpg", Pictures.insert(jpeg, jpeg.length - 2, scans))))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageMatching("a.jpg: a JPEG of 1\\d\\d scans, more than the limit of 100");
  }

  /** A fixture, or the photo in a format whose name follows "made.". */
  private static byte[] file(String name) {
    return name.startsWith("made.")
        ? Pictures.encoded(name.substring(5), Pictures.as(1, Pictures.photo()))
        : Pictures.fixture(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "formats/photo.png",
        "formats/progressive.jpg",
        "reference/100007.jpg",
        "formats/cmyk.jpg",
        "formats/ycck.jpg",
        "formats/lossy.webp",
        "formats/lossless.webp",
        "formats/alpha-lossy.webp",
        "made.gif",
        "made.bmp"
      })
  void aTruncatedPictureIsAnErrorWhereverItEnds(String name) {
    byte[] whole = file(name);
    PictureReader reader = new PictureReader(1 << 20, 1_000_000);
    // A PNG file's last 12 bytes and a JPEG file's last 2 say that it ends; another's last byte may
    // be padding. All before is needed.
    int end = whole.length - (name.endsWith("png") ? 30 : name.endsWith("jpg") ? 3 : 2);
    for (int length = 1; length <= end; length += length < end - 40 ? 1 + whole.length / 150 : 1) {
      ImageSource cut = ImageSource.of(name, Arrays.copyOf(whole, length));
      String what = name + " cut to " + length;
      assertThatThrownBy(() -> reader.read(cut, pixels -> new float[0]))
          .as(what)
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageMatching(name + ": (a truncated|a damaged|not a picture)[^\\n]*");
    }
    assertThatThrownBy(
            () ->
                reader.read(
                    ImageSource.of(name, Arrays.copyOf(whole, whole.length / 2)),
                    pixels -> new float[0]))
        .hasMessageMatching(name + ": a truncated \\w+: its [\\d,]+ bytes are not all of it");
  }

  /** The decoder takes the picture for gray where the header of its scan is cut. */
  @Test
  void aJpegThatEndsInTheHeaderOfItsScanIsTruncated() {
    byte[] jpeg = Pictures.jpeg(Pictures.as(BufferedImage.TYPE_3BYTE_BGR, Pictures.photo()));
    int scan = 0;
    while (jpeg[scan] != (byte) 0xff || jpeg[scan + 1] != (byte) 0xda) {
      scan++;
    }
    for (int length = scan; length < scan + 40; length++) {
      ImageSource cut = ImageSource.of("cut.jpg", Arrays.copyOf(jpeg, length));
      assertThatThrownBy(() -> Picture.read(cut))
          .as("%d bytes after the scan begins", length - scan)
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageContaining("cut.jpg: a ")
          .hasMessageMatching("(?s).*(truncated|damaged) JPEG.*");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "formats/photo.png",
        "formats/progressive.jpg",
        "formats/rgb.jpg",
        "formats/cmyk.jpg",
        "formats/lossy.webp",
        "formats/lossless.webp",
        "formats/alpha-lossy.webp",
        "formats/animated.webp",
        "made.gif",
        "made.bmp"
      })
  void aDamagedPictureIsReadOrRefusedInOneLine(String name) {
    byte[] whole = file(name);
    PictureReader reader = new PictureReader(1 << 20, 4_000_000);
    int refused = 0;
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] damaged = whole.clone();
      int range = random.nextBoolean() ? Math.min(600, whole.length) : whole.length;
      for (int i = 1 + random.nextInt(8); i > 0; i--) {
        damaged[2 + random.nextInt(range - 2)] = (byte) random.nextInt(256);
      }
      try {
        reader.read(ImageSource.of(name, damaged), pixels -> new float[0]);
      } catch (UnreadableImageException e) {
        assertThat(e.getMessage()).as("seed %d", seed).startsWith(name + ": ").doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  private static void assertUnreadable(ImageSource source, String message) {
    assertThatThrownBy(() -> extractor.extract(source))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(message);
  }
}
