package io.lookalike;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import io.lookalike.features.FeatureExtractor;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;

/** A real extractor small enough for tests: the mean red, green and blue, and a constant. */
final class ColourExtractor implements FeatureExtractor {

  private final String identity;
  final AtomicBoolean closed = new AtomicBoolean();

  ColourExtractor(String identity) {
    this.identity = identity;
  }

  static ImageSource picture(String name, int red, int green, int blue) {
    var image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 16; i++) {
      image.setRGB(i % 4, i / 4, new Color(red, green, blue).getRGB());
    }
    return ImageSource.of(name, image);
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public int dimension() {
    return 4;
  }

  @Override
  public int concurrency() {
    return 3;
  }

  @Override
  public float[] extract(ImageSource source) {
    if (closed.get()) {
      throw new IllegalStateException("closed");
    }
    BufferedImage image;
    try (InputStream in = source.open()) {
      image = ImageIO.read(in);
    } catch (IOException e) {
      throw new UnreadableImageException(source.name(), Reason.UNREACHABLE, "no such file", e);
    }
    if (image == null) {
      throw new UnreadableImageException(source.name(), Reason.UNSUPPORTED, "not a picture", null);
    }
    ImageSource.Part part = source.part();
    if (part != null) {
      image =
          image.getSubimage(
              (int) (part.x() * image.getWidth()),
              (int) (part.y() * image.getHeight()),
              (int) (part.width() * image.getWidth()),
              (int) (part.height() * image.getHeight()));
    }
    float[] sum = new float[4];
    sum[3] = 1;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        float[] rgb = new Color(image.getRGB(x, y)).getRGBColorComponents(null);
        for (int c = 0; c < 3; c++) {
          sum[c] += rgb[c];
        }
      }
    }
    return sum;
  }

  @Override
  public void close() {
    closed.set(true);
  }
}
