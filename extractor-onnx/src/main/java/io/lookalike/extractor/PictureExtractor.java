package io.lookalike.extractor;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

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

  /** Held for reading while the network is in use, for writing while it is closed. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private final Semaphore places;

  /** Network inputs that are not in use, at most as many as there are places. */
  private final ConcurrentLinkedQueue<FloatBuffer> inputs = new ConcurrentLinkedQueue<>();

  private boolean closed;

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
    this.places = new Semaphore(concurrency, true);
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
   * @throws UnreadableImageException if there is no such file, if it is larger than the limits, not
   *     in one of the formats read, truncated or damaged, or if the network finds no features in it
   * @throws IllegalStateException if this extractor has been closed
   */
  @Override
  public float[] extract(ImageSource image) {
    checkOpen(); // before a picture is decoded for nothing
    places.acquireUninterruptibly();
    try {
      float[] features = reader.read(image, this::features);
      checkFeatures(image, features);
      return features;
    } finally {
      places.release();
    }
  }

  private float[] features(Pixels pixels) {
    boolean sideways = pixels.sideways();
    InputSize.Size size =
        inputSize.of(
            sideways ? pixels.height() : pixels.width(),
            sideways ? pixels.width() : pixels.height());
    int length = 3 * size.height() * size.width();
    FloatBuffer input = inputs.poll();
    if (input == null || input.capacity() < length) {
      input = planes(length);
    }
    AntialiasedResize.write(pixels, size.width(), size.height(), preprocessing, input);
    input.limit(length);
    float[] features = run(input, size);
    inputs.add(input.clear());
    return features;
  }

  static FloatBuffer planes(int length) {
    return ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private float[] run(FloatBuffer input, InputSize.Size size) {
    lock.readLock().lock();
    try {
      checkOpen();
      return network.run(input, size.width(), size.height());
    } finally {
      lock.readLock().unlock();
    }
  }

  private void checkFeatures(ImageSource image, float[] features) {
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
            image.name(), "the network " + identity + " gave a feature of " + feature, null);
      }
      nothing &= feature == 0;
    }
    if (nothing) {
      throw new UnreadableImageException(
          image.name(), "the network " + identity + " gave features that are all 0", null);
    }
  }

  /** Waits for the pictures that are in the network, then frees it. Closing twice has no effect. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        network.close();
        inputs.clear();
      }
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
}
