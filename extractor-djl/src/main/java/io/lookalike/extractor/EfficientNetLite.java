package io.lookalike.extractor;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.lookalike.ImageSource;
import io.lookalike.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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
 * read and run through the network at once, on the calling threads, and no more of them than half
 * of the heap holds; further callers wait. Each instance holds one copy of the weights and its
 * working memory outside the heap until it is closed: create one and share it.
 */
public final class EfficientNetLite implements FeatureExtractor {
  private static final int DIMENSION = 1280;

  /** The network's input is a multiple of this many pixels wide and high. */
  private static final int STRIDE = 32;

  private static final String WEIGHTS = "efficientnet-lite0-gem.onnx";
  private static final String INPUT = "image";

  private final int side;
  private final int concurrency;
  private final PictureReader reader;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String identity;

  /** Held for reading while the network is in use, for writing while it is closed. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private final Semaphore places;

  /** Network inputs that are not in use, at most as many as there are places. */
  private final ConcurrentLinkedQueue<FloatBuffer> inputs = new ConcurrentLinkedQueue<>();

  private boolean closed;

  private EfficientNetLite(Builder builder) {
    side = orElse(builder.side, 288);
    concurrency = orElse(builder.concurrency, Runtime.getRuntime().availableProcessors());
    reader =
        new PictureReader(
            orElse(builder.maxBytes, 64 << 20), orElse(builder.maxPixels, 64_000_000));
    places = new Semaphore(concurrency, true);
    byte[] weights = weights();
    identity = "efficientnet-lite0-gem/sha256:" + sha256(weights).substring(0, 16) + "/area" + side;
    // One thread for each picture: several pictures at once use the processor better than several
    // threads for one, and a thread pool of the runtime's own would spin.
    environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      session = environment.createSession(weights, options);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot load the built-in network", e);
    }
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

  /**
   * {@inheritDoc}
   *
   * @return the network's name, the first 64 bits of its weights' SHA-256, and the input area
   */
  @Override
  public String identity() {
    return identity;
  }

  /**
   * {@inheritDoc}
   *
   * @return 1,280
   */
  @Override
  public int dimension() {
    return DIMENSION;
  }

  /**
   * {@inheritDoc}
   *
   * @return as {@linkplain Builder#concurrency built}; by default the number of processors
   */
  @Override
  public int concurrency() {
    return concurrency;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnreadableImageException if there is no such file, if it is larger than the limits, not
   *     in one of the formats read, truncated or damaged
   * @throws IllegalStateException if this extractor has been closed
   */
  @Override
  public float[] extract(ImageSource image) {
    checkOpen(); // before a picture is decoded for nothing
    places.acquireUninterruptibly();
    try {
      return reader.read(image, this::features);
    } finally {
      places.release();
    }
  }

  private float[] features(Pixels pixels) {
    boolean sideways = pixels.sideways();
    int w = sideways ? pixels.height() : pixels.width();
    int h = sideways ? pixels.width() : pixels.height();
    double scale = side / Math.sqrt((double) w * h);
    int width = inputSide(w * scale);
    int height = inputSide(h * scale);
    int length = 3 * height * width;
    FloatBuffer input = inputs.poll();
    if (input == null || input.capacity() < length) {
      input = ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }
    AntialiasedResize.write(pixels, width, height, Preprocessing.EFFICIENTNET_LITE, input);
    input.limit(length);
    float[] features = run(input, new long[] {1, 3, height, width});
    inputs.add(input.clear());
    return features;
  }

  private float[] run(FloatBuffer input, long[] shape) {
    lock.readLock().lock();
    try {
      checkOpen();
      try (OnnxTensor tensor = OnnxTensor.createTensor(environment, input, shape);
          OrtSession.Result result = session.run(Map.of(INPUT, tensor))) {
        return ((float[][]) result.get(0).getValue())[0];
      }
    } catch (OrtException e) {
      throw new IllegalStateException(
          "ONNX Runtime failed on an input of shape " + Arrays.toString(shape), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * The nearest multiple of the stride, ties to even as in the reference, at least one stride. At
   * most so much that, the other side being one stride, the area is what it should be: it comes to
   * that beyond proportions of 1 : 81, where a picture's height or width would be next to nothing.
   */
  private int inputSide(double wanted) {
    int most = Math.max(1, side * side / (STRIDE * STRIDE));
    return STRIDE * (int) Math.max(1, Math.min(most, Math.rint(wanted / STRIDE)));
  }

  /** Waits for the pictures that are in the network, then frees it. Closing twice has no effect. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
        inputs.clear();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot free the network", e);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void checkOpen() {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("this extractor is closed");
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  private static OrtEnvironment environment() {
    try {
      return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "ONNX Runtime has no native library that works on this platform, "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch"),
          e);
    }
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

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  private static int orElse(@Nullable Integer set, int otherwise) {
    return set == null ? otherwise : set;
  }

  /**
   * Settings of an {@link EfficientNetLite}. Each may be set once. Not safe for several threads.
   */
  public static final class Builder {
    private @Nullable Integer side;
    private @Nullable Integer concurrency;
    private @Nullable Integer maxBytes;
    private @Nullable Integer maxPixels;

    private Builder() {}

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
     * How many pictures may be in hand at once, each on one thread. Default: the number of
     * processors; more pays where pictures come over a network.
     *
     * @param threads 1 to 1,024
     * @return this
     * @throws IllegalArgumentException if out of range
     * @throws IllegalStateException if already set
     */
    public Builder concurrency(int threads) {
      concurrency = once("concurrency", concurrency, threads, 1, 1024);
      return this;
    }

    /**
     * The largest encoded picture that is read, in bytes. Default 64 MiB.
     *
     * @param bytes 1 to 1,000,000,000
     * @return this
     * @throws IllegalArgumentException if out of range
     * @throws IllegalStateException if already set
     */
    public Builder maxBytes(int bytes) {
      maxBytes = once("maxBytes", maxBytes, bytes, 1, 1_000_000_000);
      return this;
    }

    /**
     * The largest picture that is decoded: width times height, in pixels. Default 64,000,000, which
     * take 192 MB of heap as a JPEG and up to 704 MB in another format.
     *
     * @param pixels 1 to 500,000,000
     * @return this
     * @throws IllegalArgumentException if out of range
     * @throws IllegalStateException if already set
     */
    public Builder maxPixels(int pixels) {
      maxPixels = once("maxPixels", maxPixels, pixels, 1, 500_000_000);
      return this;
    }

    /**
     * Loads the network.
     *
     * @return a new extractor, to be closed
     * @throws IllegalStateException if ONNX Runtime cannot be loaded on this platform
     */
    public EfficientNetLite build() {
      return new EfficientNetLite(this);
    }

    private static Integer once(
        String setting, @Nullable Integer before, int value, int least, int most) {
      if (before != null) {
        throw new IllegalStateException(
            format("%s was already set to %,d, then came %,d", setting, before, value));
      }
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            format("%s is %,d, expected %,d to %,d", setting, value, least, most));
      }
      return value;
    }
  }
}
