package io.lookalike.catalog;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
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

  private final String name;
  private final StreamSupplier stream;
  private final @Nullable BufferedImage image;

  private ImageSource(String name, StreamSupplier stream, @Nullable BufferedImage image) {
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
   * What messages call this picture.
   *
   * @return the path, or the name given
   */
  public String name() {
    return name;
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
