package io.lookalike;

import java.nio.FloatBuffer;

/**
 * The features of a product's photos, one after the other, as the extractor made them, on the heap
 * or in a file. Immutable.
 */
sealed interface FeatureRow {

  /** How many they are. */
  int length();

  /** Copies some of them, from one on. */
  void copyTo(int from, int count, float[] target, int offset);

  /** Copies them. */
  default float[] toArray() {
    var features = new float[length()];
    copyTo(0, features.length, features, 0);
    return features;
  }

  /** Keeps an array, which must not be changed afterwards. */
  static FeatureRow of(float[] features) {
    return new OnHeap(features);
  }

  /** An array. */
  record OnHeap(float[] features) implements FeatureRow {
    @Override
    public int length() {
      return features.length;
    }

    @Override
    public void copyTo(int from, int count, float[] target, int offset) {
      System.arraycopy(features, from, target, offset, count);
    }
  }

  /** A row of a mapped file. */
  record Mapped(FloatBuffer rows, int first, int length) implements FeatureRow {
    @Override
    public void copyTo(int from, int count, float[] target, int offset) {
      rows.get(first + from, target, offset, count);
    }
  }
}
