package io.lookalike.extractor;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How pictures enter a network of the user's, and what is made of its output: the settings of
 * extractors that are given a file. Not safe for use by several threads.
 *
 * @param <B> the builder itself
 */
public abstract class ModelSettings<B extends ModelSettings<B>> extends ReadingSettings<B> {
  private @Nullable Path model;
  private @Nullable InputSize inputSize;
  private @Nullable Preprocessing preprocessing;
  private @Nullable Pooling pooling;

  /** No setting is set. */
  protected ModelSettings() {}

  /**
   * The network. Must be set. The file must not be changed while the extractor is open.
   *
   * @param file a network in one file
   * @return this
   * @throws IllegalStateException if already set
   */
  public B model(Path file) {
    model = once("model", model, file);
    return self();
  }

  /**
   * Resizes every picture to one size, whatever its proportions. This or {@link #area} must be set
   * unless the network itself says which size it takes.
   *
   * @param width in pixels, 1 to 4,096
   * @param height in pixels, 1 to 4,096
   * @return this
   * @throws IllegalArgumentException if out of range
   * @throws IllegalStateException if a size or an area is already set
   */
  public B size(int width, int height) {
    return sized(
        new InputSize.Fixed(
            once("width", null, width, 1, 4096), once("height", null, height, 1, 4096)));
  }

  /**
   * Keeps each picture's proportions, resizing it to the area of a square; for networks that take
   * any size. Most networks lose something when a picture is squeezed into a square.
   *
   * @param side of the square, in pixels, 32 to 1,024
   * @param multiple both sides will be multiples of this many pixels, 1 to the side; 32 for most
   *     convolutional networks
   * @return this
   * @throws IllegalArgumentException if out of range
   * @throws IllegalStateException if a size or an area is already set
   */
  public B area(int side, int multiple) {
    return sized(
        new InputSize.Area(
            once("side", null, side, 32, 1024), once("multiple", null, multiple, 1, side)));
  }

  private B sized(InputSize size) {
    inputSize = once("the input's size", inputSize, size);
    return self();
  }

  /**
   * What becomes of a picture's samples: what the network was trained with. Must be set.
   *
   * @param preprocessing a preset or another
   * @return this
   * @throws IllegalStateException if already set
   */
  public B preprocessing(Preprocessing preprocessing) {
    this.preprocessing = once("preprocessing", this.preprocessing, preprocessing);
    return self();
  }

  /**
   * How a map of features becomes one vector, where the network's output is a map (picture,
   * channel, row, column). Default {@link Pooling#AVERAGE}.
   *
   * @param pooling the pooling
   * @return this
   * @throws IllegalStateException if already set
   */
  public B pooling(Pooling pooling) {
    this.pooling = once("pooling", this.pooling, pooling);
    return self();
  }

  /**
   * Loads the network and tries it on a blank picture, which tells how many features it gives.
   *
   * @return a new extractor, to be closed
   * @throws ModelFileException if the file is missing or holds no network that turns pictures of
   *     this size into features
   * @throws IllegalStateException if a setting or a library is missing
   */
  public abstract PictureExtractor build();

  /**
   * The network's file.
   *
   * @return as set
   * @throws IllegalStateException if it is not set
   */
  protected final Path model() {
    return required("model", model);
  }

  Preprocessing preprocessing() {
    return required("preprocessing", preprocessing);
  }

  /** What was set, else the size that the network says it takes. */
  InputSize inputSize(@Nullable InputSize own) {
    InputSize size = inputSize == null ? own : inputSize;
    if (size == null) {
      throw new IllegalStateException(
          "the network does not say which input size it takes, and neither size nor area is set");
    }
    return size;
  }

  /**
   * How a map is pooled.
   *
   * @return as set, or null, which stands for the mean
   */
  protected final @Nullable Pooling pooling() {
    return pooling;
  }

  /**
   * Identifies the network's file.
   *
   * @return the first 64 bits of its SHA-256, such as {@code sha256:0123456789abcdef}
   * @throws IllegalStateException if a model, preprocessing or a size is not set
   * @throws ModelFileException if there is no such file, or it cannot be read
   */
  protected final String modelHash() {
    preprocessing(); // before anything is loaded for nothing
    return ModelFile.hash(model());
  }

  /** What is done around the network, as part of an extractor's identity. */
  String settings(InputSize size) {
    return "/" + preprocessing() + "/" + size + (pooling == null ? "" : "/" + pooling.name());
  }

  private static <T> T required(String setting, @Nullable T value) {
    if (value == null) {
      throw new IllegalStateException(setting + " is not set");
    }
    return value;
  }
}
