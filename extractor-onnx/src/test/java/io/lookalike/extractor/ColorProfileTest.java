package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.ImageSource;
import io.lookalike.math.UnitVector;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Photos in other RGB spaces than sRGB. */
class ColorProfileTest {

  /** Where red, green and blue are, in XYZ relative to D50 (ICC.1, the spaces' own profiles). */
  enum Space {
    DISPLAY_P3(.51512, .24120, -.00105, .29198, .69225, .04189, .15710, .06657, .78407),
    ADOBE_RGB(.60974, .31111, .01947, .20528, .62567, .06087, .14919, .06322, .74457);

    private final double[] primaries;

    Space(double... primaries) {
      this.primaries = primaries;
    }

    /** The JDK's profile of sRGB with other primaries. */
    byte[] profile() {
      byte[] bytes = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
      ByteBuffer icc = ByteBuffer.wrap(bytes);
      String[] tags = {"rXYZ", "gXYZ", "bXYZ"};
      for (int entry = 0; entry < icc.getInt(128); entry++) {
        int at = 132 + 12 * entry;
        String tag = new String(bytes, at, 4, StandardCharsets.US_ASCII);
        int color = Arrays.asList(tags).indexOf(tag);
        for (int i = 0; color >= 0 && i < 3; i++) {
          icc.putInt(
              icc.getInt(at + 4) + 8 + 4 * i, (int) Math.round(primaries[3 * color + i] * 65536));
        }
      }
      return bytes;
    }

    /** A photo whose samples are of this space, and look as it. */
    BufferedImage of(BufferedImage photo) {
      BufferedImage rgb = Pictures.as(BufferedImage.TYPE_3BYTE_BGR, photo);
      WritableRaster raster =
          Raster.createInterleavedRaster(
              DataBuffer.TYPE_BYTE, rgb.getWidth(), rgb.getHeight(), 3, null);
      ICC_Profile[] way = {
        ICC_Profile.getInstance(ColorSpace.CS_sRGB), ICC_Profile.getInstance(profile())
      };
      WritableRaster from =
          rgb.getRaster().createWritableChild(0, 0, rgb.getWidth(), rgb.getHeight(), 0, 0, null);
      new ColorConvertOp(way, null).filter(from, raster);
      var model =
          new ComponentColorModel(
              new ICC_ColorSpace(way[1]), false, false, BufferedImage.OPAQUE, DataBuffer.TYPE_BYTE);
      return new BufferedImage(model, raster, false, null);
    }

    /** The same samples, said to be sRGB. */
    BufferedImage unlabelled(BufferedImage photo) {
      BufferedImage own = of(photo);
      var plain = new BufferedImage(own.getWidth(), own.getHeight(), BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < own.getHeight(); y++) {
        for (int x = 0; x < own.getWidth(); x++) {
          int[] s = own.getRaster().getPixel(x, y, new int[3]);
          plain.setRGB(x, y, s[0] << 16 | s[1] << 8 | s[2]);
        }
      }
      return plain;
    }
  }

  /** The photo with thrice its colors: what is grey is so in every space. */
  private static BufferedImage vivid() {
    BufferedImage photo = Pictures.photo();
    var vivid = new BufferedImage(photo.getWidth(), photo.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < photo.getHeight(); y++) {
      for (int x = 0; x < photo.getWidth(); x++) {
        int color = photo.getRGB(x, y);
        int[] rgb = {color >> 16 & 0xff, color >> 8 & 0xff, color & 0xff};
        int grey = (rgb[0] + rgb[1] + rgb[2]) / 3;
        int strong = 0;
        for (int sample : rgb) {
          strong = strong << 8 | Math.max(0, Math.min(255, grey + 3 * (sample - grey)));
        }
        vivid.setRGB(x, y, strong);
      }
    }
    return vivid;
  }

  private static Picture read(byte[] file) {
    return Picture.read(ImageSource.of("picture", file));
  }

  private static byte[] png(BufferedImage image, byte[] profile) {
    var chunk = new ByteArrayOutputStream();
    chunk.writeBytes("any name\0\0".getBytes(StandardCharsets.US_ASCII));
    try (var zlib = new DeflaterOutputStream(chunk)) {
      zlib.write(profile);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
    byte[] png = Pictures.encoded("png", image);
    return Pictures.insert(png, 33, Pictures.pngChunk("iCCP", chunk.toByteArray()));
  }

  /** In segments of at most so many bytes. */
  private static byte[] jpeg(BufferedImage image, byte[] profile, int most) {
    var segments = new ByteArrayOutputStream();
    int parts = (profile.length + most - 1) / most;
    for (int part = 0; part < parts; part++) {
      byte[] data =
          Arrays.copyOfRange(profile, part * most, Math.min(profile.length, (part + 1) * most));
      segments.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe2});
      segments.writeBytes(
          ByteBuffer.allocate(2).putShort((short) (2 + 12 + 2 + data.length)).array());
      segments.writeBytes("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII));
      segments.write(part + 1);
      segments.write(parts);
      segments.writeBytes(data);
    }
    return Pictures.insert(Pictures.jpeg(image), 2, segments.toByteArray());
  }

  private static byte[] chunk(String type, byte[] data) {
    return ByteBuffer.allocate(8 + data.length + (data.length & 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(type.getBytes(StandardCharsets.US_ASCII))
        .putInt(data.length)
        .put(data)
        .array();
  }

  /** A simple WebP file in the extended form with a profile. */
  private static byte[] webp(byte[] simple, int width, int height, byte[] profile) {
    var body = new ByteArrayOutputStream();
    body.writeBytes("WEBP".getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(
        chunk(
            "VP8X",
            ByteBuffer.allocate(10)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x20)
                .putInt(4, width - 1)
                .putShort(7, (short) (height - 1))
                .array()));
    body.writeBytes(chunk("ICCP", profile));
    body.write(simple, 12, simple.length - 12);
    return chunk("RIFF", body.toByteArray());
  }

  private static int at(byte[] file, byte[] what) {
    int at = 0;
    while (!Arrays.equals(file, at, at + what.length, what, 0, what.length)) {
      at++;
    }
    return at;
  }

  private static double difference(Picture a, Picture b) {
    assertThat(a.rgb()).hasSameSizeAs(b.rgb());
    double sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
    }
    return sum / a.rgb().length;
  }

  @ParameterizedTest
  @EnumSource
  void photosOfOtherSpacesLookAsTheyAreMeant(Space space) {
    BufferedImage photo = vivid();
    Picture meant = read(Pictures.encoded("png", photo));
    BufferedImage stored = space.unlabelled(photo);
    Picture without = read(Pictures.encoded("png", stored));
    double moved = difference(without, meant);
    assertThat(moved).isGreaterThan(1);
    assertThat(difference(read(png(stored, space.profile())), meant)).isLessThan(moved / 2);
    assertThat(difference(read(jpeg(stored, space.profile(), 60_000)), meant)).isLessThan(moved);
    assertThat(read(jpeg(stored, space.profile(), 1_000)).rgb())
        .isEqualTo(read(jpeg(stored, space.profile(), 60_000)).rgb());
    Picture inMemory = Picture.read(ImageSource.of("picture", space.of(photo)));
    assertThat(difference(inMemory, meant)).isLessThan(moved / 2);
  }

  @ParameterizedTest
  @EnumSource
  void profilesCountInWebp(Space space) {
    for (String name : new String[] {"formats/lossless.webp", "formats/lossy.webp"}) {
      byte[] webp = Pictures.fixture(name);
      Picture plain = read(webp);
      byte[] labelled = webp(webp, plain.width(), plain.height(), space.profile());
      var image = new BufferedImage(plain.width(), plain.height(), BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < plain.width() * plain.height(); i++) {
        byte[] rgb = plain.rgb();
        int color =
            (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
        image.setRGB(i % plain.width(), i / plain.width(), color);
      }
      assertThat(read(labelled).rgb()).as(name).isEqualTo(read(png(image, space.profile())).rgb());
    }
  }

  /** There it is the reader that finds it. */
  @ParameterizedTest
  @EnumSource
  void profilesCountInTiff(Space space) {
    BufferedImage stored = space.unlabelled(vivid());
    assertThat(read(Pictures.encoded("tiff", space.of(vivid()))).rgb())
        .isEqualTo(read(png(stored, space.profile())).rgb());
    assertThat(read(Pictures.encoded("tiff", stored)).rgb())
        .isEqualTo(read(Pictures.encoded("png", stored)).rgb());
  }

  @Test
  void whatIsNearlySrgbOrNoProfileChangesNothing() {
    BufferedImage photo = vivid();
    byte[] plain = read(Pictures.encoded("png", photo)).rgb();
    byte[] srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    byte[] grey = ICC_Profile.getInstance(ColorSpace.CS_GRAY).getData();
    byte[] p3 = Space.DISPLAY_P3.profile();
    for (byte[] profile :
        new byte[][] {srgb, grey, new byte[0], new byte[200], Arrays.copyOf(p3, 150)}) {
      assertThat(read(png(photo, profile)).rgb()).isEqualTo(plain);
    }
    byte[] jpeg = read(Pictures.jpeg(photo)).rgb();
    assertThat(read(jpeg(photo, srgb, 60_000)).rgb()).isEqualTo(jpeg);
    byte[] missing = jpeg(photo, p3, 200);
    missing[2 + 4 + 12] = 99; // the first part's number
    assertThat(read(missing).rgb()).isEqualTo(jpeg);
    byte[] tiff = Pictures.encoded("tiff", Space.DISPLAY_P3.of(photo));
    byte[] own = read(Pictures.encoded("png", Space.DISPLAY_P3.unlabelled(photo))).rgb();
    int at = at(tiff, p3);
    for (int length : new int[] {16, 128, 200, p3.length}) {
      byte[] damaged = tiff.clone();
      Arrays.fill(damaged, at, at + length, (byte) 0x5a);
      assertThat(read(damaged).rgb()).as("%d bytes of the profile", length).isEqualTo(own);
    }
  }

  /** A profile whose red, green or blue is nothing would turn the photo black. */
  @Test
  void aProfileOfWhichWhiteIsNotWhiteChangesNothing() {
    BufferedImage photo = vivid();
    byte[] plain = read(Pictures.encoded("png", photo)).rgb();
    for (int color = 0; color < 3; color++) {
      byte[] profile = Space.DISPLAY_P3.profile();
      ByteBuffer icc = ByteBuffer.wrap(profile);
      String name = "rgb".charAt(color) + "XYZ";
      for (int entry = 0; entry < icc.getInt(128); entry++) {
        int at = 132 + 12 * entry;
        if (new String(profile, at, 4, StandardCharsets.US_ASCII).equals(name)) {
          icc.putInt(icc.getInt(at + 4) + 8, 0);
          icc.putInt(icc.getInt(at + 4) + 12, 0);
          icc.putInt(icc.getInt(at + 4) + 16, 0);
        }
      }
      assertThat(read(png(photo, profile)).rgb()).as(name).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @EnumSource
  void featuresAreThoseOfThePhotoInSrgb(Space space) {
    BufferedImage photo = vivid();
    try (EfficientNetLite network = EfficientNetLite.fast()) {
      UnitVector meant = UnitVector.of(network.extract(ImageSource.of("photo", photo)));
      BufferedImage stored = space.unlabelled(photo);
      UnitVector with =
          UnitVector.of(network.extract(ImageSource.of("photo", png(stored, space.profile()))));
      UnitVector without = UnitVector.of(network.extract(ImageSource.of("photo", stored)));
      assertThat(with.cosine(meant)).isGreaterThan(.99f).isGreaterThan(without.cosine(meant));
    }
  }
}
