package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Formats that are read by what ImageIO has on the class path. */
class PlugInTest {

  /** What a plug-in for AVIF would be: it reads a picture's size and makes it of one color. */
  private static final class Avif extends ImageReaderSpi {
    private final AtomicInteger read = new AtomicInteger();

    /** Whether samples are of a space of their own. */
    private boolean linear;

    Avif() {
      super(
          "test",
          "1",
          new String[] {"AVIF", "avif"},
          new String[] {"avif"},
          new String[] {"image/avif"},
          "test",
          new Class<?>[] {ImageInputStream.class},
          null,
          false,
          null,
          null,
          null,
          null,
          false,
          null,
          null,
          null,
          null);
    }

    @Override
    public boolean canDecodeInput(Object source) {
      return true;
    }

    @Override
    public String getDescription(Locale locale) {
      return "AVIF";
    }

    @Override
    public ImageReader createReaderInstance(@Nullable Object extension) {
      return new ImageReader(this) {
        private int side() throws IOException {
          var in = (ImageInputStream) getInput();
          in.seek(16);
          return in.readInt();
        }

        @Override
        public int getNumImages(boolean search) {
          return 1;
        }

        @Override
        public int getWidth(int image) throws IOException {
          return side();
        }

        @Override
        public int getHeight(int image) throws IOException {
          return side();
        }

        @Override
        public Iterator<ImageTypeSpecifier> getImageTypes(int image) {
          return List.of(
                  ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_3BYTE_BGR))
              .iterator();
        }

        @Override
        public @Nullable IIOMetadata getStreamMetadata() {
          return null;
        }

        @Override
        public @Nullable IIOMetadata getImageMetadata(int image) {
          return null;
        }

        @Override
        public BufferedImage read(int image, @Nullable ImageReadParam param) throws IOException {
          read.incrementAndGet();
          BufferedImage red =
              linear
                  ? linear(side())
                  : new BufferedImage(side(), side(), BufferedImage.TYPE_3BYTE_BGR);
          for (int i = 0; i < side() * side(); i++) {
            red.getRaster().setPixel(i % side(), i / side(), new int[] {255, 0, linear ? 60 : 0});
          }
          return red;
        }
      };
    }
  }

  private static BufferedImage linear(int side) {
    var model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_LINEAR_RGB),
            false,
            false,
            BufferedImage.OPAQUE,
            DataBuffer.TYPE_BYTE);
    return new BufferedImage(model, model.createCompatibleWritableRaster(side, side), false, null);
  }

  private static ImageSource avif(int side) {
    byte[] file = Arrays.copyOf("....ftypavif....".getBytes(StandardCharsets.US_ASCII), 20);
    for (int i = 0; i < 4; i++) {
      file[16 + i] = (byte) (side >> (24 - 8 * i));
    }
    return ImageSource.of("photo.avif", file);
  }

  @Test
  void aPlugInReadsItsFormatWithinTheLimits() {
    assertThatThrownBy(() -> Picture.read(avif(4)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageEndingWith(", or an ImageIO plug-in for AVIF on the class path");
    var plugIn = new Avif();
    IIORegistry.getDefaultInstance().registerServiceProvider(plugIn);
    try {
      Picture picture = Picture.read(avif(4));
      assertThat(picture.width()).isEqualTo(4);
      assertThat(picture.rgb()).startsWith(255, 0, 0).hasSize(48);
      assertThatThrownBy(() -> Picture.read(avif(50_000)))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageContaining("50,000 x 50,000 pixels, more than the limit");
      assertThat(plugIn.read).hasValue(1);
      plugIn.linear = true;
      byte[] rgb = Picture.read(avif(4)).rgb();
      assertThat(rgb).startsWith(255, 0);
      assertThat(rgb[2] & 0xff).as("60 of 255 parts of light").isBetween(130, 136);
    } finally {
      IIORegistry.getDefaultInstance().deregisterServiceProvider(plugIn);
    }
  }

  @Test
  void theJdkReadsTiff() {
    byte[] tiff = Pictures.encoded("tiff", Pictures.photo());
    assertThat(Picture.read(ImageSource.of("photo.tif", tiff)).rgb())
        .isEqualTo(Picture.read(ImageSource.of("photo", Pictures.photo())).rgb());
    assertThatThrownBy(
            () -> Picture.read(ImageSource.of("photo.tif", Arrays.copyOf(tiff, tiff.length / 2))))
        .isInstanceOf(UnreadableImageException.class);
    byte[] head = {'I', 'I', 42, 0, 8, 0, 0, 0};
    assertThatThrownBy(() -> Picture.read(ImageSource.of("photo.tif", head)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("TIFF");
  }

  @Test
  void aProviderThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> OnnxExtractor.builder().provider("gpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the provider is \"gpu\", expected one of cpu, cuda, coreml, directml");
    assertThatThrownBy(() -> OnnxExtractor.builder().provider("cpu").provider("cuda"))
        .isInstanceOf(IllegalStateException.class);
  }
}
