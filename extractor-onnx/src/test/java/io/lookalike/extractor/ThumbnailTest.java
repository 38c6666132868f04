package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.concurrent.CancellationException;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ThumbnailTest {

  @Test
  void coversTheRectangleInThePicturesProportions() throws IOException {
    var random = new Random(7);
    for (int i = 0; i < 50; i++) {
      int w = 1 + random.nextInt(600);
      int h = 1 + random.nextInt(600);
      int width = 1 + random.nextInt(300);
      int height = 1 + random.nextInt(300);
      BufferedImage small =
          decoded(Thumbnail.jpeg(ImageSource.of("in memory", blank(w, h)), width, height));
      String which = w + " x " + h + " to " + width + " x " + height;
      if (w < width || h < height) {
        assertThat(small.getWidth()).as(which).isEqualTo(w);
        assertThat(small.getHeight()).as(which).isEqualTo(h);
      } else {
        assertThat(small.getWidth()).as(which).isGreaterThanOrEqualTo(width);
        assertThat(small.getHeight()).as(which).isGreaterThanOrEqualTo(height);
        assertThat(small.getWidth() == width || small.getHeight() == height).as(which).isTrue();
        assertThat((double) small.getWidth() / w)
            .as(which)
            .isCloseTo((double) small.getHeight() / h, within(Math.max(0.51 / w, 0.51 / h)));
      }
    }
  }

  @Test
  void keepsColoursInTheirPlaces() throws IOException {
    var halves = blank(400, 200);
    for (int x = 0; x < 200; x++) {
      for (int y = 0; y < 200; y++) {
        halves.setRGB(x, y, Color.RED.getRGB());
        halves.setRGB(200 + x, y, Color.BLUE.getRGB());
      }
    }

    BufferedImage small = decoded(Thumbnail.jpeg(ImageSource.of("halves", halves), 40, 20));

    assertThat(new Color(small.getRGB(8, 10)).getRed()).isGreaterThan(240);
    assertThat(new Color(small.getRGB(8, 10)).getBlue()).isLessThan(15);
    assertThat(new Color(small.getRGB(32, 10)).getBlue()).isGreaterThan(240);
    assertThat(new Color(small.getRGB(32, 10)).getRed()).isLessThan(15);
  }

  @Test
  void leavesTheCallersThreadToOthers() {
    var workers = new HashSet<Thread>();
    var image =
        new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB) {
          @Override
          public int getWidth() {
            workers.add(Thread.currentThread());
            return super.getWidth();
          }
        };

    ImageSource watched = ImageSource.of("watched", image);
    workers.clear();

    Thumbnail.jpeg(watched, 10, 10);

    assertThat(workers).isNotEmpty().doesNotContain(Thread.currentThread());
    assertThat(workers).allMatch(Thread::isDaemon);
  }

  @Test
  void anInterruptedCallerStaysInterrupted() {
    Thread.currentThread().interrupt();
    ImageSource image = ImageSource.of("blank", blank(10, 10));
    assertThatThrownBy(() -> Thumbnail.jpeg(image, 10, 10))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void refusesWhatIsNoPictureAndNoSize() {
    ImageSource missing = ImageSource.of(Path.of("no-such.jpg"));
    assertThatThrownBy(() -> Thumbnail.jpeg(missing, 10, 10))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("no-such.jpg");
    assertThatThrownBy(() -> Thumbnail.jpeg(missing, 0, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the rectangle is 0 x 10, expected sides of 1 or more");
  }

  private static Offset<Double> within(double offset) {
    return Offset.offset(offset);
  }

  private static BufferedImage blank(int width, int height) {
    return new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
  }

  private static BufferedImage decoded(byte[] jpeg) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(jpeg));
  }
}
