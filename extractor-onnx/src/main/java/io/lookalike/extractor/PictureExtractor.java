package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.catalog.UnreadableImageException.Reason;
import io.lookalike.features.FeatureExtractor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * From a picture to features: read, resized and normalised, run through a network. Extractors of
 * other engines than ONNX Runtime extend this with a {@link Network} of theirs; instances are safe
 * for use by several threads.
 */
public abstract class PictureExtractor implements FeatureExtractor {
  private final String identity;
  private final Network network;
  private final Preprocessing preprocessing;
  private final InputSize inputSize;
  private final int dimension;
  private final int concurrency;
  private final PictureReader reader;

  private final Duration timeLimit;
  private final WorkQueue queue;
  private final Bulk bulk = new Bulk();

  /** Network inputs that are not in use, at most as many as the queue has threads. */
  private final ConcurrentLinkedQueue<FloatBuffer> inputs = new ConcurrentLinkedQueue<>();

  private boolean closed; // under this object's lock

  /**
   * An extractor on another engine. The network is tried on a blank picture, which tells how many
   * features it gives. If this throws, the network is the caller's to close; else {@link #close}
   * does.
   *
   * @param name the engine and the network, such as {@code torchscript/sha256:0123456789abcdef}:
   *     the first part of the {@link #identity}
   * @param network takes pictures of the size set
   * @param settings of the extractor's builder
   * @throws IllegalStateException if a setting is missing
   * @throws ModelFileException if the network gives no features
   */
  protected PictureExtractor(String name, Network network, ModelSettings<?> settings) {
    this(name, network, settings.inputSize(null), settings);
  }

  private PictureExtractor(
      String name, Network network, InputSize size, ModelSettings<?> settings) {
    this(
        name + settings.settings(size),
        network,
        Probe.dimension(settings.model(), network, size),
        settings.preprocessing(),
        size,
        settings);
  }

  PictureExtractor(
      String identity,
      Network network,
      int dimension,
      Preprocessing preprocessing,
      InputSize inputSize,
      ReadingSettings<?> settings) {
    this.identity = identity;
    this.network = network;
    this.dimension = dimension;
    this.preprocessing = preprocessing;
    this.inputSize = inputSize;
    this.concurrency = settings.concurrency();
    this.reader = settings.reader();
    this.timeLimit = settings.timeLimit();
    this.queue = new WorkQueue(concurrency, settings.queue());
  }

  /**
   * {@inheritDoc}
   *
   * @return the network's name, the first 64 bits of its file's SHA-256, and what is done to
   *     pictures before
   */
  @Override
  public String identity() {
    return identity;
  }

  /** {@inheritDoc} */
  @Override
  public int dimension() {
    return dimension;
  }

  /**
   * {@inheritDoc}
   *
   * @return as built; by default the number of processors
   */
  @Override
  public int concurrency() {
    return concurrency;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The picture is read from its source on the calling thread, which then waits, while the
   * picture is decoded and run through the network on a thread of this extractor. How long it waits
   * at most is the builder's {@code timeLimit}; how many may wait, {@code queue}.
   *
   * @throws UnreadableImageException if there is no such file, if it is larger than the limits, not
   *     in one of the formats read, truncated or damaged, or if the network finds no features in it
   * @throws io.lookalike.features.ExtractorBusyException if it is not done within the time limit,
   *     or if too many wait already
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted, at
   *     once; it stays interrupted
   * @throws IllegalStateException if this extractor is closed, also while the picture waits
   */
  @Override
  public float[] extract(ImageSource image) {
    return extract(image, timeLimit);
  }

  /**
   * As {@link #extract(ImageSource)}, with a time limit of this call's own.
   *
   * @param image the picture
   * @param timeLimit how long to wait at most once the picture has been read from its source; above
   *     zero
   * @return a new array of {@link #dimension()} finite numbers, not all zero, not normalised
   * @throws IllegalArgumentException if the time limit is not above zero
   */
  public float[] extract(ImageSource image, Duration timeLimit) {
    ReadingSettings.checkTimeLimit(timeLimit);
    return queue.run(image, reader, this::features, timeLimit);
  }

  /** {@inheritDoc} Bulk work waits for its turn as long as it takes, and is never turned away. */
  @Override
  public void extractAll(List<ImageSource> images, Sink sink) {
    bulk.extractAll(images, sink);
  }

  /** This extractor for bulk work, one picture at a time of each of its threads. */
  private final class Bulk implements FeatureExtractor {
    @Override
    public String identity() {
      return identity;
    }

    @Override
    public int dimension() {
      return dimension;
    }

    /** One more than are in work, which is read meanwhile. */
    @Override
    public int concurrency() {
      return concurrency + 1;
    }

    @Override
    public float[] extract(ImageSource image) {
      queue.checkOpen();
      PictureReader.Loaded picture = reader.load(image, bytes -> {});
      return queue.run(image.name(), () -> features(picture), null, null);
    }

    @Override
    public void close() {
      PictureExtractor.this.close();
    }
  }

  private float[] features(PictureReader.Loaded picture) {
    float[] features = reader.decode(picture, this::features);
    checkFeatures(picture.name(), features);
    return features;
  }

  private float[] features(Pixels pixels) {
    InputSize.Size size = inputSize.of(pixels.uprightWidth(), pixels.uprightHeight());
    int length = 3 * size.height() * size.width();
    FloatBuffer input = inputs.poll();
    if (input == null || input.capacity() < length) {
      input = planes(length);
    }
    AntialiasedResize.write(pixels, size.width(), size.height(), preprocessing, input);
    input.limit(length);
    float[] features = network.run(input, size.width(), size.height());
    inputs.add(input.clear());
    return features;
  }

  static FloatBuffer planes(int length) {
    return ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private void checkFeatures(String image, float[] features) {
    if (features.length != dimension) {
      throw new IllegalStateException(
          identity
              + " gave "
              + features.length
              + " features of "
              + image
              + ", expected "
              + dimension
              + " as of the picture that it was tried on");
    }
    boolean nothing = true;
    for (float feature : features) {
      if (!Float.isFinite(feature)) {
        throw new UnreadableImageException(
            image,
            Reason.NO_FEATURES,
            "the network " + identity + " gave a feature of " + feature,
            null);
      }
      nothing &= feature == 0;
    }
    if (nothing) {
      throw new UnreadableImageException(
          image,
          Reason.NO_FEATURES,
          "the network " + identity + " gave features that are all 0",
          null);
    }
  }

  /**
   * Sends away the calls that wait, waits for the pictures that are in work, then frees the
   * network. Closing twice has no effect.
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      queue.close();
      network.close();
      inputs.clear();
    }
  }
}
