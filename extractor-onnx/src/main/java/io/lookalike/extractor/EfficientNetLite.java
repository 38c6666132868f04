package io.lookalike.extractor;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Features by EfficientNet-Lite0 with generalised-mean pooling, built in: the weights are in this
 * jar, nothing is downloaded, and the processor alone is used, through ONNX Runtime.
 *
 * <p>A picture keeps its proportions: it is resized by an antialiased triangle filter so that the
 * network's input has the area of a square of the given {@linkplain Builder#side side}, both sides
 * multiples of 32. It is turned upright as its Exif orientation says, transparent parts are laid
 * onto white, and embedded colour profiles of RGB pictures are ignored. JPEG (also grey, CMYK and
 * progressive), PNG, WebP, GIF (the first frame) and BMP are read. The {@value #DIMENSION} features
 * are all at least 0.
 *
 * <p>Sources: M. Tan and Q. Le, <i>EfficientNet</i>, ICML 2019, in the "Lite" variant of {@code
 * tensorflow/tpu}; pooling with exponent 3 by F. Radenovi&#263;, G. Tolias and O. Chum,
 * <i>Fine-tuning CNN Image Retrieval with No Human Annotation</i>, 2018, section 3.2.
 *
 * <p>Instances are safe for use by several threads. At most {@link #concurrency()} pictures are
 * decoded and run through the network at once, on threads of its own, and no more of them than half
 * of the heap holds; further callers wait. Each instance holds one copy of the weights and its
 * working memory outside the heap until it is closed: create one and share it.
 */
public final class EfficientNetLite extends PictureExtractor {
  private static final int DIMENSION = 1280;
  private static final int DEFAULT_SIDE = 288;

  /** The network's input is a multiple of this many pixels wide and high. */
  private static final int STRIDE = 32;

  private static final String WEIGHTS = "efficientnet-lite0-gem.onnx";

  private EfficientNetLite(String identity, Network network, InputSize size, Builder builder) {
    super(identity, network, DIMENSION, Preprocessing.EFFICIENTNET_LITE, size, builder);
  }

  /**
   * The extractor that finds the most: input area 288 x 288.
   *
   * @return a new extractor, to be closed
   */
  public static EfficientNetLite builtIn() {
    return builder().build();
  }

  /**
   * The fast preset: input area 224 x 224, about 1.6 times as many pictures a second, for somewhat
   * fewer finds (see {@code docs/features.md}).
   *
   * @return a new extractor, to be closed
   */
  public static EfficientNetLite fast() {
    return builder().side(224).build();
  }

  /**
   * For other limits or another number of threads.
   *
   * @return a builder whose settings are those of {@link #builtIn()}
   */
  public static Builder builder() {
    return new Builder();
  }

  private static byte[] weights() {
    try (InputStream in = EfficientNetLite.class.getResourceAsStream(WEIGHTS)) {
      if (in == null) {
        throw new IllegalStateException(WEIGHTS + " is missing from this library's jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Settings of an {@link EfficientNetLite}. Each may be set once. Not safe for several threads.
   */
  public static final class Builder extends ReadingSettings<Builder> {
    private @Nullable Integer side;

    private Builder() {}

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * The side, in pixels, of the square whose area the network's input has. Part of the {@link
     * EfficientNetLite#identity() identity}. Default 288; measured are 224 and 288.
     *
     * @param pixels 32 to 1,024
     * @return this
     * @throws IllegalArgumentException if out of range
     * @throws IllegalStateException if already set
     */
    public Builder side(int pixels) {
      side = once("side", side, pixels, STRIDE, 1024);
      return this;
    }

    /**
     * Loads the network.
     *
     * @return a new extractor, to be closed
     * @throws IllegalStateException if ONNX Runtime cannot be loaded on this platform
     */
    public EfficientNetLite build() {
      byte[] weights = weights();
      InputSize size = new InputSize.Area(side == null ? DEFAULT_SIDE : side, STRIDE);
      String identity =
          "efficientnet-lite0-gem/sha256:" + sha256(weights).substring(0, 16) + "/" + size;
      try (OrtSession.SessionOptions options = OnnxNetwork.options()) {
        OrtSession session = OnnxRuntime.environment().createSession(weights, options);
        Network network = new OnnxNetwork(session, "image", Map.of(), "features", null);
        return new EfficientNetLite(identity, network, size, this);
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime cannot load the built-in network", e);
      }
    }
  }
}
