package io.lookalike.benchmarks;

import java.util.SplittableRandom;

/**
 * Vectors like features: normally distributed around a mean, with variances along their principal
 * axes that fall off as a power of the axis' number. Every row is made from its number when it is
 * asked for, so that any number of rows needs no memory. Safe for use by several threads.
 *
 * <p>The axes are those of a rotation by signs and Hadamard matrices, which takes as little time as
 * the random numbers: rows of 256 numbers are transformed, dealt out anew, and transformed again.
 */
final class SpectrumData {

  /** With this, 92 % of the variance of 1,280 axes lies in the first 170. */
  private static final double EXPONENT = 4 / 3.0;

  /** The number of coordinates of rows that are transformed at a time. */
  private static final int BLOCK = 256;

  private final int dimension;
  private final long seed;
  private final float[] deviations;
  private final float[] mean;
  private final float[][] signs;

  /**
   * Data of a dimension.
   *
   * @param dimension a multiple of 256
   */
  SpectrumData(int dimension, long seed) {
    if (dimension < BLOCK || dimension % BLOCK != 0) {
      throw new IllegalArgumentException(
          "dimension is " + dimension + ", expected a multiple of " + BLOCK);
    }
    this.dimension = dimension;
    this.seed = seed;
    var random = new SplittableRandom(seed);
    deviations = new float[dimension];
    mean = new float[dimension];
    signs = new float[2][dimension];
    double variance = 0;
    for (int i = 0; i < dimension; i++) {
      deviations[i] = (float) Math.pow(i + 1, -EXPONENT / 2);
      variance += deviations[i] * deviations[i];
      signs[0][i] = random.nextBoolean() ? 1 : -1;
      signs[1][i] = random.nextBoolean() ? 1 : -1;
    }
    // As long as the typical deviation from it: two rows' cosine is a half on average.
    for (int i = 0; i < dimension; i++) {
      mean[i] = (float) Math.sqrt(variance / dimension);
    }
  }

  /** The row of a number, which may be any. */
  float[] row(long number) {
    var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
    var row = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      row[i] = (float) random.nextGaussian() * deviations[i];
    }
    row = dealtOut(transformed(row, signs[0]));
    transformed(row, signs[1]);
    for (int i = 0; i < dimension; i++) {
      row[i] += mean[i];
    }
    return row;
  }

  /** Changes signs, and multiplies each block with the orthonormal Hadamard matrix, in place. */
  private static float[] transformed(float[] row, float[] signs) {
    float scale = (float) (1 / Math.sqrt(BLOCK));
    for (int i = 0; i < row.length; i++) {
      row[i] *= signs[i] * scale;
    }
    for (int half = 1; half < BLOCK; half *= 2) {
      for (int from = 0; from < row.length; from += 2 * half) {
        for (int i = from; i < from + half; i++) {
          float a = row[i];
          float b = row[i + half];
          row[i] = a + b;
          row[i + half] = a - b;
        }
      }
    }
    return row;
  }

  /** Shares each block's numbers out to all blocks. */
  private static float[] dealtOut(float[] row) {
    var dealt = new float[row.length];
    int blocks = row.length / BLOCK;
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < BLOCK; i++) {
        dealt[i * blocks + block] = row[block * BLOCK + i];
      }
    }
    return dealt;
  }
}
