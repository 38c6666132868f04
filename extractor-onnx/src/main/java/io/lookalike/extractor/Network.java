package io.lookalike.extractor;

import java.nio.FloatBuffer;

/** A network that has been loaded. Safe for use by several threads. */
public interface Network extends AutoCloseable {

  /**
   * Runs the network on one picture.
   *
   * @param input three planes of height x width values, in a direct buffer
   * @param width in pixels
   * @param height in pixels
   * @return a new array: the features
   * @throws IllegalStateException if the network fails on this input
   */
  float[] run(FloatBuffer input, int width, int height);

  /** Frees the network. Not called while it runs, nor twice. */
  @Override
  void close();
}
