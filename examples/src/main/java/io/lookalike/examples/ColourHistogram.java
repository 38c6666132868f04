package io.lookalike.examples;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import io.lookalike.features.FeatureExtractor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import javax.imageio.ImageIO;

// snippet: own extractor
/** How much of a picture has each of 64 colours. Needs no network; sees no shapes. */
public final class ColourHistogram implements FeatureExtractor {

  /** Creates the extractor. */
  public ColourHistogram() {}

  @Override
  public String identity() {
    return "colour-histogram/4x4x4"; // another one whenever the features change
  }

  @Override
  public int dimension() {
    return 64;
  }

  @Override
  public float[] extract(ImageSource source) {
    BufferedImage picture = decode(source);
    float[] histogram = new float[64];
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int rgb = picture.getRGB(x, y);
        // The upper two bits of red, green and blue.
        histogram[rgb >> 18 & 0b110000 | rgb >> 12 & 0b1100 | rgb >> 6 & 0b11]++;
      }
    }
    return histogram;
  }

  @Override
  public void close() {} // there is nothing to free

  // end

  private static BufferedImage decode(ImageSource source) {
    BufferedImage picture;
    try (InputStream in = source.open()) {
      picture = ImageIO.read(in);
    } catch (IOException e) {
      throw new UnreadableImageException(
          source.name(), Reason.UNREACHABLE, "cannot be read: " + e.getMessage(), e);
    }
    if (picture == null) {
      throw new UnreadableImageException(
          source.name(), Reason.UNSUPPORTED, "no picture in a known format", null);
    }
    return picture;
  }
}
