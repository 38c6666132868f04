package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are read by everyone, though they are not what encoders write by themselves. */
class PictureVariantsTest {
  private static final byte[] SRGB = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();

  /** Upright pixels. */
  private static Picture read(byte[] file) {
    return Picture.read(ImageSource.of("a picture", file.clone()));
  }

  private static void assertSame(byte[] file, byte[] as) {
    Picture expected = read(as);
    Picture actual = read(file);
    assertThat(actual.width()).isEqualTo(expected.width());
    assertThat(actual.height()).isEqualTo(expected.height());
    assertThat(actual.rgb()).isEqualTo(expected.rgb());
  }

  private static byte[] joined(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] noise(long seed, int length) {
    byte[] noise = new byte[length];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "formats/rgb.jpg",
        "formats/progressive.jpg",
        "formats/cmyk.jpg",
        "formats/photo.png",
        "formats/lossy.webp",
        "formats/lossless.webp",
        "formats/animated.webp",
        "made.gif",
        "made.bmp"
      })
  void whatFollowsThePictureIsNotRead(String name) {
    byte[] file =
        name.startsWith("made.")
            ? Pictures.encoded(name.substring(5), Pictures.as(1, Pictures.photo()))
            : Pictures.fixture(name);
    assertSame(joined(file, noise(7, 300_000)), file);
    assertSame(joined(file, file), file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"formats/rgb.jpg", "formats/progressive.jpg", "made grey", "formats/cmyk.jpg"})
  void aProfileThatCannotBeUsedIsNotMissed(String name) {
    byte[] file =
        name.equals("made grey")
            ? Pictures.jpeg(Pictures.as(BufferedImage.TYPE_BYTE_GRAY, Pictures.photo()))
            : Pictures.fixture(name);
    byte[] half = Arrays.copyOf(SRGB, SRGB.length / 2);
    byte[] rest = Arrays.copyOfRange(SRGB, SRGB.length / 2, SRGB.length);
    for (JpegParts parts :
        List.of(
            new JpegParts(file).withProfile(1, 1, SRGB).withProfile(1, 1, SRGB),
            new JpegParts(file).withProfile(2, 3, rest).withProfile(1, 2, half),
            new JpegParts(file).withProfile(2, 2, rest),
            new JpegParts(file).withProfile(0, 0, SRGB),
            new JpegParts(file).withProfile(1, 1, noise(3, 2000)),
            new JpegParts(file).withProfile(1, 1, new byte[0]),
            new JpegParts(file)
                .with(JpegParts.APP2, "ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1)),
            new JpegParts(file).withProfile(1, 1, SRGB))) {
      assertSame(parts.bytes(), file);
    }
  }

  @ParameterizedTest
  @CsvSource({"0 1 2", "1 34 35", "5 7 9", "89 67 98", "1 2 3", "82 71 66"})
  void threeComponentsAreColoursAsLibjpegSaysWhateverTheyAreCalled(String names) {
    int[] ids = Arrays.stream(names.split(" ")).mapToInt(Integer::parseInt).toArray();
    boolean rgb = ids[0] == 'R';
    // One of one sample a component for each pixel, one of fewer for colours.
    for (String file : List.of("formats/rgb.jpg", "formats/progressive.jpg")) {
      byte[] ycbcr = parts(file).named(1, 2, 3).withJfif().bytes();
      byte[] red = parts(file).named(1, 2, 3).withAdobe(0).bytes();
      assertSame(parts(file).named(ids).bytes(), rgb ? red : ycbcr);
      assertSame(parts(file).named(ids).withAdobe(0).bytes(), red);
      assertSame(parts(file).named(ids).withAdobe(1).bytes(), ycbcr);
      assertSame(parts(file).named(ids).withAdobe(2).bytes(), ycbcr);
      assertSame(parts(file).named(ids).withAdobe(0).withJfif().bytes(), ycbcr);
      assertThat(read(red).rgb()).isNotEqualTo(read(ycbcr).rgb());
    }
  }

  private static JpegParts parts(String file) {
    return new JpegParts(Pictures.fixture(file)).without(JpegParts.APP0, JpegParts.APP14);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "c3 | 8 | 3 | a lossless JPEG",
        "c6 | 8 | 3 | a hierarchical JPEG",
        "c9 | 8 | 3 | a JPEG with arithmetic coding",
        "ca | 8 | 3 | a JPEG with arithmetic coding",
        "f7 | 8 | 3 | JPEG-LS",
        "c1 | 12 | 3 | a JPEG of 12 bits a sample",
        "c0 | 8 | 2 | a JPEG of 2 components"
      })
  void aSoundJpegThatIsNotReadIsNotCalledDamaged(
      String marker, int bits, int components, String what) {
    byte[] jpeg =
        new JpegParts(Pictures.fixture("formats/rgb.jpg"))
            .change(
                JpegParts.SOF0,
                s -> {
                  s[1] = (byte) Integer.parseInt(marker, 16);
                  s[4] = (byte) bits;
                  s[9] = (byte) components;
                })
            .bytes();
    UnreadableImageException e =
        catchThrowableOfType(UnreadableImageException.class, () -> read(jpeg));
    assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(e.detail())
        .isEqualTo(
            what
                + ", which is not read here; save it as a baseline or progressive JPEG of 8 bits a"
                + " sample");
  }

  @Test
  void whoseMatterAnErrorIs() {
    assertReason(Reason.DAMAGED, new byte[0]);
    assertReason(Reason.DAMAGED, Arrays.copyOf(Pictures.fixture("formats/photo.png"), 5000));
    assertReason(Reason.UNSUPPORTED, "text".getBytes(StandardCharsets.UTF_8));
    assertReason(Reason.TOO_LARGE, Pictures.pngClaiming(50_000, 50_000));
    assertReason(
        Reason.UNSUPPORTED,
        Pictures.insert(
            Pictures.fixture("formats/photo.png"), 8, Pictures.pngChunk("CgBI", new byte[4])));
    assertThatThrownBy(() -> Picture.read(ImageSource.of(Path.of("none.jpg"))))
        .isInstanceOfSatisfying(
            UnreadableImageException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE);
              assertThat(e.reason().inPicture()).isFalse();
            });
  }

  private static void assertReason(Reason reason, byte[] file) {
    UnreadableImageException e =
        catchThrowableOfType(UnreadableImageException.class, () -> read(file));
    assertThat(e.reason()).isEqualTo(reason);
    assertThat(reason.inPicture()).isTrue();
  }

  @Test
  void chunksThatMakeNoPixelsCannotSpoilAPng() {
    BufferedImage image = Pictures.photo();
    for (BufferedImage each :
        List.of(
            Pictures.as(BufferedImage.TYPE_INT_RGB, image),
            Pictures.as(BufferedImage.TYPE_BYTE_INDEXED, image))) {
      byte[] png = Pictures.encoded("png", each);
      for (String type :
          List.of(
              "iCCP", "zTXt", "iTXt", "tEXt", "pHYs", "gAMA", "cHRM", "bKGD", "sBIT", "hIST",
              "sPLT", "sRGB", "tIME", "eXIf")) {
        for (byte[] data : List.of(new byte[0], new byte[] {'x', 0, 0, 'y'}, noise(1, 100))) {
          assertSame(Pictures.insert(png, 33, Pictures.pngChunk(type, data)), png);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void orientationCountsInPngAndWebp(int orientation) {
    Picture upright = read(Pictures.fixture("formats/photo.png"));
    int[][] turned = turned(upright, orientation);
    byte[] exif = exif(orientation);
    byte[] png = Pictures.fixture("formats/photo.png");
    byte[] chunk = Pictures.pngChunk("eXIf", exif);
    byte[] webp = Pictures.fixture("formats/lossless.webp");
    for (byte[] file :
        List.of(
            Pictures.insert(png, 33, chunk),
            Pictures.insert(png, png.length - 12, chunk),
            extended(webp, 0x08, new byte[0], webpChunk("EXIF", exif)),
            extended(
                webp,
                0x2c,
                webpChunk("ICCP", noise(2, 99)),
                webpChunk("EXIF", joined("Exif\0\0".getBytes(StandardCharsets.US_ASCII), exif))))) {
      Picture picture = read(file);
      assertThat(picture.height()).isEqualTo(turned.length);
      assertThat(picture.width()).isEqualTo(turned[0].length);
      for (int y = 0; y < turned.length; y += 7) {
        for (int x = 0; x < turned[0].length; x += 5) {
          assertThat(sample(picture, x, y)).as("%d, %d", x, y).isEqualTo(turned[y][x]);
        }
      }
    }
  }

  /** Some programs write it as another whole number than a short. */
  @ParameterizedTest
  @CsvSource({"1, II", "3, II", "4, II", "9, II", "1, MM", "3, MM", "4, MM", "6, MM", "9, MM"})
  void orientationIsReadAsTheNumberThatItIs(int type, String order) {
    ByteOrder bytes = order.equals("II") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteBuffer tiff = ByteBuffer.allocate(26).order(bytes);
    tiff.put(order.getBytes(StandardCharsets.US_ASCII)).putShort((short) 42).putInt(8);
    tiff.putShort((short) 1).putShort((short) 0x0112).putShort((short) type).putInt(1);
    switch (type) {
      case 1, 6 -> tiff.put((byte) 6);
      case 3 -> tiff.putShort((short) 6);
      default -> tiff.putInt(6);
    }
    byte[] png = Pictures.fixture("formats/photo.png");
    Picture stored = read(png);
    Picture turned = read(Pictures.insert(png, 33, Pictures.pngChunk("eXIf", tiff.array())));
    assertThat(turned.width()).isEqualTo(stored.height());
    assertThat(turned.height()).isEqualTo(stored.width());
  }

  private static int sample(Picture picture, int x, int y) {
    int at = 3 * (y * picture.width() + x);
    byte[] rgb = picture.rgb();
    return (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | rgb[at + 2] & 0xff;
  }

  /** As Exif says where the stored picture's first row and first column are. */
  private static int[][] turned(Picture stored, int orientation) {
    int w = stored.width();
    int h = stored.height();
    int[][] upright = new int[orientation > 4 ? w : h][orientation > 4 ? h : w];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int value = sample(stored, x, y);
        switch (orientation) {
          case 1 -> upright[y][x] = value;
          case 2 -> upright[y][w - 1 - x] = value;
          case 3 -> upright[h - 1 - y][w - 1 - x] = value;
          case 4 -> upright[h - 1 - y][x] = value;
          case 5 -> upright[x][y] = value;
          case 6 -> upright[x][h - 1 - y] = value;
          case 7 -> upright[w - 1 - x][h - 1 - y] = value;
          default -> upright[w - 1 - x][y] = value;
        }
      }
    }
    return upright;
  }

  private static byte[] exif(int orientation) {
    ByteBuffer tiff = ByteBuffer.allocate(26).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8).putShort((short) 1);
    tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return tiff.array();
  }

  private static byte[] webpChunk(String type, byte[] data) {
    return ByteBuffer.allocate(8 + data.length + (data.length & 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(type.getBytes(StandardCharsets.US_ASCII))
        .putInt(data.length)
        .put(data)
        .array();
  }

  /** A simple WebP file of the photo's size in the extended form. */
  private static byte[] extended(byte[] webp, int flags, byte[] before, byte[] after) {
    return riff(vp8x(flags, 120, 90), before, Arrays.copyOfRange(webp, 12, webp.length), after);
  }

  private static byte[] vp8x(int flags, int width, int height) {
    return webpChunk(
        "VP8X",
        ByteBuffer.allocate(10)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(flags)
            .putInt(4, width - 1)
            .putShort(7, (short) (height - 1))
            .array());
  }

  private static byte[] riff(byte[]... chunks) {
    byte[] body = joined("WEBP".getBytes(StandardCharsets.US_ASCII), joined(chunks));
    return webpChunk("RIFF", body);
  }

  @Test
  void transparencyOfAWebpIsReadWithoutCompressionToo() {
    byte[] webp = Pictures.fixture("formats/lossy.webp");
    byte[] opaque = read(webp).rgb();
    Random random = new Random(11);
    int[][] alpha = new int[90][120];
    for (int[] row : alpha) {
      for (int x = 0; x < row.length; x++) {
        row[x] = random.nextInt(256);
      }
    }
    for (int filter = 0; filter < 4; filter++) {
      byte[] chunk = webpChunk("ALPH", filtered(alpha, filter));
      byte[] rgb = read(extended(webp, 0x10, chunk, new byte[0])).rgb();
      for (int i = 0; i < rgb.length; i += 101) {
        int a = alpha[i / 3 / 120][i / 3 % 120];
        int expected = ((opaque[i] & 0xff) * a + 255 * (255 - a) + 127) / 255;
        assertThat(rgb[i] & 0xff).as("filter %d, sample %d", filter, i).isEqualTo(expected);
      }
      // Without the flag it does not count.
      assertThat(read(extended(webp, 0, chunk, new byte[0])).rgb()).isEqualTo(opaque);
    }
  }

  /** RFC 9649, 2.7.1.2. */
  private static byte[] filtered(int[][] alpha, int filter) {
    var data = new ByteArrayOutputStream();
    data.write(filter << 2);
    for (int y = 0; y < alpha.length; y++) {
      for (int x = 0; x < alpha[0].length; x++) {
        int left = x > 0 ? alpha[y][x - 1] : y > 0 ? alpha[y - 1][0] : 0;
        int up = y > 0 ? alpha[y - 1][x] : left;
        int gradient =
            x > 0 && y > 0 ? Math.max(0, Math.min(255, left + up - alpha[y - 1][x - 1])) : up;
        data.write(alpha[y][x] - new int[] {0, left, up, gradient}[filter]);
      }
    }
    return data.toByteArray();
  }

  @Test
  void whatAFirstPictureDoesNotCoverOfItsCanvasIsWhite() {
    BufferedImage palette = Pictures.as(BufferedImage.TYPE_BYTE_INDEXED, Pictures.photo());
    byte[] gif = Pictures.encoded("gif", palette);
    ByteBuffer file = ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN);
    int descriptor = 13 + (3 << (gif[10] & 7) + 1);
    while (gif[descriptor] == 0x21) {
      descriptor += 2;
      while (gif[descriptor] != 0) {
        descriptor += 1 + (gif[descriptor] & 0xff);
      }
      descriptor++;
    }
    Picture alone = read(gif);
    file.putShort(6, (short) 200).putShort(8, (short) 150);
    file.putShort(descriptor + 1, (short) 30).putShort(descriptor + 3, (short) 40);
    assertPlaced(read(gif), alone, 30, 40, 200, 150);
    // A canvas that is too small grows.
    file.putShort(6, (short) 10).putShort(8, (short) 10);
    assertPlaced(read(gif), alone, 30, 40, 150, 130);

    byte[] webp = Pictures.fixture("formats/lossless.webp");
    ByteBuffer place = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    place.putInt(0, 15).putInt(3, 20).putInt(6, 119).putInt(9, 89).putInt(12, 100);
    byte[] film =
        riff(
            vp8x(0x02, 200, 150),
            webpChunk("ANIM", new byte[6]),
            webpChunk("ANMF", joined(place.array(), Arrays.copyOfRange(webp, 12, webp.length))));
    assertPlaced(read(film), read(webp), 30, 40, 200, 150);
  }

  private static void assertPlaced(
      Picture canvas, Picture picture, int left, int top, int width, int height) {
    assertThat(canvas.width()).isEqualTo(width);
    assertThat(canvas.height()).isEqualTo(height);
    for (int y = 0; y < height; y += 3) {
      for (int x = 0; x < width; x += 3) {
        boolean inside =
            x >= left && y >= top && x < left + picture.width() && y < top + picture.height();
        assertThat(sample(canvas, x, y))
            .as("%d, %d", x, y)
            .isEqualTo(inside ? sample(picture, x - left, y - top) : 0xffffff);
      }
    }
  }

  @Test
  void aCanvasIsCheckedAgainstTheLimits() {
    byte[] gif = Pictures.encoded("gif", Pictures.photo());
    ByteBuffer file = ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN);
    file.putShort(6, (short) 65_535).putShort(8, (short) 65_535);
    assertReason(Reason.TOO_LARGE, gif);
  }

  @Test
  void aLargeWebpOfOneColourTakesFewBytes() {
    // 4,000 x 4,000 white pixels, without loss: a header and codes that take no bits.
    byte[] vp8l = new byte[60];
    ByteBuffer bits = ByteBuffer.wrap(vp8l).order(ByteOrder.LITTLE_ENDIAN);
    bits.put((byte) 0x2f).putInt(3999 | 3999 << 14);
    // No transform, no colour cache, no meta codes; then five codes of one symbol each:
    // green, red, blue, alpha 255 (1 simple, 0 one symbol, 1 of 8 bits), distance 0.
    long code = 0b1 | 0b0 << 1 | 0b1 << 2 | 255L << 3;
    var out = new BitWriter(vp8l, 5);
    out.write(0, 1);
    out.write(0, 1);
    out.write(0, 1);
    for (int i = 0; i < 4; i++) {
      out.write(code, 11);
    }
    out.write(0b0001, 4); // simple, one symbol, of one bit: 0
    Picture white = read(riff(webpChunk("VP8L", vp8l)));
    assertThat(white.width()).isEqualTo(4000);
    assertThat(sample(white, 3999, 3999)).isEqualTo(0xffffff);
  }

  /** The lowest bits first. */
  private static final class BitWriter {
    private final byte[] out;
    private int at;

    BitWriter(byte[] out, int byteAt) {
      this.out = out;
      this.at = 8 * byteAt;
    }

    void write(long value, int bits) {
      for (int i = 0; i < bits; i++, at++) {
        out[at / 8] |= (byte) ((value >> i & 1) << at % 8);
      }
    }
  }
}
