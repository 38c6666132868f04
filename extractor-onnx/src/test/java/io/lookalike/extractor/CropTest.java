package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import java.awt.image.BufferedImage;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of pictures. */
class CropTest {

  /** The part of an upright picture, pixel by pixel. */
  private static byte[] cut(Picture whole, int x, int y, int width, int height) {
    var part = new byte[3 * width * height];
    for (int row = 0; row < height; row++) {
      System.arraycopy(
          whole.rgb(), 3 * ((y + row) * whole.width() + x), part, 3 * row * width, 3 * width);
    }
    return part;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aPartIsCutOutOfTheUprightPicture(int orientation) {
    byte[] jpeg =
        Pictures.encoded("jpeg", Pictures.as(BufferedImage.TYPE_INT_RGB, Pictures.photo()));
    ImageSource source =
        ImageSource.of("photo", Pictures.withOrientation(jpeg, orientation, ByteOrder.BIG_ENDIAN));
    Picture whole = Picture.read(source);
    int x = whole.width() / 5;
    int y = whole.height() / 4;
    int width = whole.width() / 2;
    int height = whole.height() / 3;
    Picture part =
        Picture.read(
            source.crop(
                x / (double) whole.width(),
                y / (double) whole.height(),
                width / (double) whole.width(),
                height / (double) whole.height()));
    assertThat(part.width()).isEqualTo(width);
    assertThat(part.height()).isEqualTo(height);
    assertThat(part.rgb()).isEqualTo(cut(whole, x, y, width, height));
  }

  @Test
  void pixelsOfTheEdgeAreInThePartAndThereIsAlwaysOne() {
    var image = new BufferedImage(10, 4, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < 40; i++) {
      image.setRGB(i % 10, i / 10, i * 6 << 16 | i);
    }
    ImageSource source = ImageSource.of("picture", image);
    Picture whole = Picture.read(source);
    Picture part = Picture.read(source.crop(.15, .3, .5, .3));
    assertThat(part.width()).isEqualTo(6);
    assertThat(part.height()).isEqualTo(2);
    assertThat(part.rgb()).isEqualTo(cut(whole, 1, 1, 6, 2));
    assertThat(Picture.read(source.crop(.999999999, 0, 1e-9, 1)).rgb())
        .isEqualTo(cut(whole, 9, 0, 1, 4));
    assertThat(Picture.read(source.crop(.1, .25, .7, .2).crop(0, 0, .5, 1)).rgb())
        .isEqualTo(cut(whole, 1, 1, 4, 1));
    assertThat(Picture.read(source.crop(0, 0, 1, 1)).rgb()).isEqualTo(whole.rgb());
    assertThat(Picture.read(source).rgb()).as("the given picture").isEqualTo(whole.rgb());
  }

  @Test
  void featuresAreThoseOfThePartAlone() {
    try (EfficientNetLite network = EfficientNetLite.fast()) {
      BufferedImage photo = Pictures.photo();
      int width = photo.getWidth() / 2;
      int height = photo.getHeight();
      ImageSource part =
          ImageSource.of("photo", photo).crop(0, 0, width / (double) photo.getWidth(), 1);
      assertThat(network.extract(part))
          .isEqualTo(
              network.extract(ImageSource.of("half", photo.getSubimage(0, 0, width, height))));
    }
  }

  @ParameterizedTest
  @CsvSource({"-.1,0,1,1", "0,0,0,1", "0,0,1,0", ".5,0,.6,1", "0,.9,1,.2", "NaN,0,1,1", "0,0,2,1"})
  void partsBeyondThePictureAreRefused(double x, double y, double width, double height) {
    ImageSource source = ImageSource.of("picture", new byte[0]);
    assertThatThrownBy(() -> source.crop(x, y, width, height))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the part of the picture is " + x + "," + y)
        .hasMessageEndingWith(
            "(x, y, width, height), expected shares of the picture from 0 to 1, as in"
                + " 0.2,0.1,0.5,0.8");
  }

  @Test
  void messagesNameThePart() {
    ImageSource part = ImageSource.of("dress.jpg", new byte[] {1, 2}).crop(.2, .1, .5, .8);
    assertThat(part.name()).isEqualTo("dress.jpg#0.2,0.1,0.5,0.8");
    assertThat(part.part()).isEqualTo(new ImageSource.Part(.2, .1, .5, .8));
    assertThatThrownBy(() -> Picture.read(part))
        .hasMessageStartingWith("dress.jpg#0.2,0.1,0.5,0.8:");
  }
}
