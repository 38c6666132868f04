package io.lookalike.catalog;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Where a picture comes from: a file, bytes, a stream, or an image already in memory.
 *
 * <p>A source is a cheap description; nothing is read before {@link #open()}, and it may be opened
 * more than once. The name is what error messages and reports call the picture. Instances are
 * immutable and safe for use by several threads, provided that the given supplier is and that given
 * bytes and images are not changed afterwards (they are not copied).
 */
public final class ImageSource {

  /** Opens a fresh stream over a picture's encoded bytes each time that it is called. */
  @FunctionalInterface
  public interface StreamSupplier {
    /**
     * Opens the stream; the caller closes it.
     *
     * @return a stream at the picture's first byte
     * @throws IOException if the picture cannot be reached
     */
    InputStream open() throws IOException;
  }

  /**
   * A rectangle of a picture, in shares of its width and height once it stands upright.
   *
   * @param x where it begins, from the left, from 0
   * @param y where it begins, from above, from 0
   * @param width above 0
   * @param height above 0
   */
  public record Part(double x, double y, double width, double height) {

    /** What sums of shares that were written with a few decimals may exceed 1 by. */
    private static final double ROUNDING = 1e-9;

    /**
     * Checks the rectangle.
     *
     * @throws IllegalArgumentException if it is empty or reaches beyond the picture
     */
    public Part {
      if (!(x >= 0
          && y >= 0
          && width > 0
          && height > 0
          && x + width <= 1 + ROUNDING
          && y + height <= 1 + ROUNDING)) {
        throw new IllegalArgumentException(
            "the part of the picture is "
                + x
                + ","
                + y
                + ","
                + width
                + ","
                + height
                + " (x, y, width, height), expected shares of the picture from 0 to 1, as in"
                + " 0.2,0.1,0.5,0.8");
      }
    }

    private Part of(Part whole) {
      return new Part(
          whole.x + x * whole.width,
          whole.y + y * whole.height,
          width * whole.width,
          height * whole.height);
    }

    /** Returns x, y, width and height with commas between them. */
    @Override
    public String toString() {
      return Stream.of(x, y, width, height)
          .map(share -> BigDecimal.valueOf(share).stripTrailingZeros().toPlainString())
          .collect(Collectors.joining(","));
    }
  }

  private final String name;
  private final StreamSupplier stream;
  private final @Nullable BufferedImage image;
  private final @Nullable Part part;

  private ImageSource(String name, StreamSupplier stream, @Nullable BufferedImage image) {
    this(name, stream, image, null);
  }

  private ImageSource(
      String name, StreamSupplier stream, @Nullable BufferedImage image, @Nullable Part part) {
    this.part = part;
    this.name = Objects.requireNonNull(name, "name");
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "a picture's name is blank, expected what messages are to call it");
    }
    this.stream = stream;
    this.image = image;
  }

  /**
   * A picture file. Whether it exists is found out when it is opened.
   *
   * @param file a file in a format that the extractor reads
   * @return the source, named by the path as given
   */
  public static ImageSource of(Path file) {
    Objects.requireNonNull(file, "file");
    return new ImageSource(file.toString(), () -> Files.newInputStream(file), null);
  }

  /**
   * A picture file under another name: messages and {@link #toString()} show the name and never the
   * path, which may be nothing that a customer should see. Whether the file exists is found out
   * when it is opened.
   *
   * @param name what messages call it, for example the product's id
   * @param file a file in a format that the extractor reads
   * @return the source
   */
  public static ImageSource of(String name, Path file) {
    Objects.requireNonNull(file, "file");
    return new ImageSource(name, () -> Files.newInputStream(file), null);
  }

  /**
   * An encoded picture (the bytes of a JPEG file, say) in memory.
   *
   * @param name what messages call it, for example the product's id
   * @param encoded the bytes; not copied
   * @return the source
   */
  public static ImageSource of(String name, byte[] encoded) {
    Objects.requireNonNull(encoded, "encoded");
    return new ImageSource(name, () -> new ByteArrayInputStream(encoded), null);
  }

  /**
   * An encoded picture behind a stream: object storage, a class path resource, a database.
   *
   * @param name what messages call it
   * @param stream opens a fresh stream at each call
   * @return the source
   */
  public static ImageSource of(String name, StreamSupplier stream) {
    return new ImageSource(name, Objects.requireNonNull(stream, "stream"), null);
  }

  /**
   * A decoded picture in memory.
   *
   * @param name what messages call it
   * @param image the pixels; not copied
   * @return the source
   */
  public static ImageSource of(String name, BufferedImage image) {
    Objects.requireNonNull(image, "image");
    return new ImageSource(name, () -> encode(name, image), image);
  }

  /**
   * A part of this picture: a detail that a shopper has marked, or the photo without its frame. The
   * picture is first turned upright as its Exif data say. Of a part, the shares are those of the
   * part.
   *
   * @param x where the part begins, in shares of the picture's width from the left, from 0
   * @param y where it begins, in shares of the picture's height from above, from 0
   * @param width in shares of the picture's width, above 0
   * @param height in shares of the picture's height, above 0
   * @return the part, named as the picture with {@code #x,y,width,height} behind it
   * @throws IllegalArgumentException if the part is empty or reaches beyond the picture
   */
  public ImageSource crop(double x, double y, double width, double height) {
    var inner = new Part(x, y, width, height);
    return new ImageSource(
        name + "#" + inner, stream, image, part == null ? inner : inner.of(part));
  }

  /**
   * What messages call this picture.
   *
   * @return the path, or the name given
   */
  public String name() {
    return name;
  }

  /**
   * The part that is meant, where it is not the whole. {@link #open()} and {@link #image()} give
   * the whole picture; the extractor turns it upright and cuts the part out.
   *
   * @return the part; null for the whole
   */
  public @Nullable Part part() {
    return part;
  }

  /**
   * Opens the encoded picture. A picture given as {@link BufferedImage} is encoded as PNG; an
   * extractor that can use pixels directly asks {@link #image()} first.
   *
   * @return a stream at the first byte, to be closed by the caller
   * @throws IOException if the picture cannot be reached
   */
  public InputStream open() throws IOException {
    return stream.open();
  }

  /**
   * The pixels, where they are already in memory.
   *
   * @return the image given to {@link #of(String, BufferedImage)}, else null
   */
  public @Nullable BufferedImage image() {
    return image;
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return name;
  }

  private static InputStream encode(String name, BufferedImage image) throws IOException {
    var bytes = new ByteArrayOutputStream();
    if (!ImageIO.write(image, "png", bytes)) {
      throw new IOException(name + ": an image of type " + image.getType() + " has no PNG form");
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }
}
