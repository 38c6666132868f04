package io.lookalike.extractor;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The decoder for each format, chosen by name, so that neither the application's plug-ins nor their
 * order in ImageIO's registry change the features. ImageIO's settings are read, never changed.
 */
final class ImageReaders {
  private static final ImageReaderSpi JDK_JPEG = jdk(PictureFormat.JPEG);
  private static final ImageReaderSpi JDK_PNG = jdk(PictureFormat.PNG);
  private static final ImageReaderSpi JDK_GIF = jdk(PictureFormat.GIF);
  private static final ImageReaderSpi JDK_BMP = jdk(PictureFormat.BMP);
  private static final ImageReaderSpi WEBP = new WebPImageReaderSpi();

  /** TwelveMonkeys' JPEG reader finds the JDK's, on which it builds, in the registry it joins. */
  private static final ServiceRegistry OWN =
      new ServiceRegistry(List.<Class<?>>of(ImageReaderSpi.class).iterator());

  private static final ImageReaderSpi ANY_JPEG = new JPEGImageReaderSpi();

  static {
    OWN.registerServiceProvider(JDK_JPEG);
    OWN.registerServiceProvider(ANY_JPEG);
  }

  private ImageReaders() {}

  /** The JDK's JPEG reader: the fastest, for three components. */
  static ImageReader colourJpeg() throws IOException {
    return JDK_JPEG.createReaderInstance();
  }

  /** A reader for whatever the format allows, such as CMYK in a JPEG file. */
  static ImageReader of(PictureFormat format) throws IOException {
    @Nullable ImageReaderSpi provider =
        switch (format) {
          case JPEG -> ANY_JPEG;
          case PNG -> JDK_PNG;
          case GIF -> JDK_GIF;
          case BMP -> JDK_BMP;
          case WEBP -> WEBP;
          case AVIF, HEIC, TIFF -> plugIn(format);
        };
    if (provider == null) { // taken out of ImageIO's registry since it was found
      throw new IOException("ImageIO has no plug-in for " + format);
    }
    return provider.createReaderInstance();
  }

  /** What ImageIO has for a format that is not read here: the JDK's for TIFF; null if nothing. */
  static @Nullable ImageReaderSpi plugIn(PictureFormat format) {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      if (Arrays.stream(provider.getFormatNames()).anyMatch(format.formatName::equalsIgnoreCase)
          && Arrays.asList(provider.getInputTypes()).contains(ImageInputStream.class)) {
        return provider;
      }
    }
    return null;
  }

  private static ImageReaderSpi jdk(PictureFormat format) {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      if (provider.getClass().getName().startsWith("com.sun.imageio.")
          && Arrays.asList(provider.getFormatNames()).contains(format.formatName)) {
        return provider;
      }
    }
    throw new IllegalStateException(
        "this JVM's ImageIO has no " + format + " reader; expected the one of module java.desktop");
  }
}
