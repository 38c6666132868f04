package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Small copies of pictures, for pages: read within the same limits, turned upright and resized by
 * the same filter as what {@link EfficientNetLite#builtIn()} sees. Safe for use by several threads.
 */
public final class Thumbnail {
  private static final float QUALITY = 0.8f;

  private static final PictureReader READER = ReadingSettings.defaultReader();

  private static final WorkQueue QUEUE =
      new WorkQueue(Runtime.getRuntime().availableProcessors(), ReadingSettings.QUEUE);

  private Thumbnail() {}

  /**
   * Makes the smallest copy that covers a rectangle, in the picture's own proportions. A picture
   * that does not cover it is copied in its own size.
   *
   * <p>The picture is read from its source on the calling thread, which then waits for at most a
   * minute, while the copy is made on one of as many threads as there are processors. Up to 2,000
   * calls may wait, those that read included.
   *
   * @param image the picture, in any format that {@link EfficientNetLite} reads
   * @param width of the rectangle, in pixels, at least 1
   * @param height of the rectangle, in pixels, at least 1
   * @return a JPEG file's bytes
   * @throws UnreadableImageException if there is no readable picture
   * @throws IllegalArgumentException if width or height is less than 1
   * @throws io.lookalike.features.ExtractorBusyException if it is not done within the time limit,
   *     or if too many wait already
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted; it
   *     stays interrupted
   */
  public static byte[] jpeg(ImageSource image, int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "the rectangle is " + width + " x " + height + ", expected sides of 1 or more");
    }
    return QUEUE.run(
        image,
        READER,
        picture -> encode(READER.decode(picture, pixels -> covering(pixels, width, height))),
        ReadingSettings.TIME_LIMIT);
  }

  private static BufferedImage covering(Pixels pixels, int width, int height) {
    int fullWidth = pixels.uprightWidth();
    int fullHeight = pixels.uprightHeight();
    double scale = Math.min(1, Math.max((double) width / fullWidth, (double) height / fullHeight));
    int w = (int) Math.max(1, Math.round(fullWidth * scale));
    int h = (int) Math.max(1, Math.round(fullHeight * scale));
    int plane = w * h;
    FloatBuffer planes = FloatBuffer.allocate(3 * plane);
    AntialiasedResize.write(pixels, w, h, Preprocessing.EFFICIENTNET_LITE, planes);
    var small = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < plane; i++) {
      int red = sample(planes.get(i));
      int green = sample(planes.get(plane + i));
      int blue = sample(planes.get(2 * plane + i));
      small.setRGB(i % w, i / w, red << 16 | green << 8 | blue);
    }
    return small;
  }

  /** What the network sees, back to what it was: {@code (sample - 127) / 128} is exact. */
  private static int sample(float normalised) {
    return (int) (normalised * 128 + 127);
  }

  private static byte[] encode(BufferedImage image) {
    var bytes = new ByteArrayOutputStream();
    ImageWriter writer =
        ImageIO.getImageWriters(ImageTypeSpecifier.createFromRenderedImage(image), "jpeg").next();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), settings);
    } catch (IOException e) {
      throw new UncheckedIOException("a picture in memory cannot be written as JPEG", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
