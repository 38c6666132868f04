package io.lookalike.math;

import java.util.Objects;

/** Plain Java; the inner loops run along the products, which the compiler can vectorise. */
final class ScalarCodeMath implements CodeMath {

  @Override
  public void addWeighted(
      byte[] codes, int offset, int coordinates, float[] weights, int weightOffset, float[] sums) {
    CodeBounds.check(codes.length, offset, coordinates, weights, weightOffset, sums);
    for (int j = 0; j < coordinates; j++) {
      float weight = weights[weightOffset + j];
      int at = offset + j * BLOCK;
      for (int i = 0; i < BLOCK; i++) {
        sums[i] += weight * codes[at + i];
      }
    }
  }

  @Override
  public void addWeighted(
      byte[] codes, int offset, float[] weights, int[] which, int count, float[] sums) {
    CodeBounds.check(codes.length, offset, weights, which, count, sums);
    for (int n = 0; n < count; n++) {
      float weight = weights[which[n]];
      int at = offset + which[n] * BLOCK;
      for (int i = 0; i < BLOCK; i++) {
        sums[i] += weight * codes[at + i];
      }
    }
  }

  @Override
  public void addWeighted(
      float[] values,
      int offset,
      int coordinates,
      float[] weights,
      int weightOffset,
      float[] sums) {
    CodeBounds.check(values.length, offset, coordinates, weights, weightOffset, sums);
    for (int j = 0; j < coordinates; j++) {
      float weight = weights[weightOffset + j];
      int at = offset + j * BLOCK;
      for (int i = 0; i < BLOCK; i++) {
        sums[i] += weight * values[at + i];
      }
    }
  }

  @Override
  public long atLeast(float[] sums, float factor, float[] values, int offset, float bar) {
    Objects.checkFromIndexSize(offset, BLOCK, values.length);
    long reached = 0;
    for (int i = 0; i < BLOCK; i++) {
      if (sums[i] + factor * values[offset + i] >= bar) {
        reached |= 1L << i;
      }
    }
    return reached;
  }

  @Override
  public float dot(byte[] codes, int offset, float[] weights, int weightOffset, int length) {
    Objects.checkFromIndexSize(offset, length, codes.length);
    Objects.checkFromIndexSize(weightOffset, length, weights.length);
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i <= length - 4; i += 4) {
      s0 += codes[offset + i] * weights[weightOffset + i];
      s1 += codes[offset + i + 1] * weights[weightOffset + i + 1];
      s2 += codes[offset + i + 2] * weights[weightOffset + i + 2];
      s3 += codes[offset + i + 3] * weights[weightOffset + i + 3];
    }
    for (; i < length; i++) {
      s0 += codes[offset + i] * weights[weightOffset + i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public int dot(byte[] codes, int offset, short[] widened, int length) {
    Objects.checkFromIndexSize(offset, length, codes.length);
    Objects.checkFromIndexSize(0, length, widened.length);
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += codes[offset + i] * widened[i];
    }
    return sum;
  }

  @Override
  public void dots(
      byte[] codes,
      int offset,
      int[] rows,
      int count,
      short[] widened,
      int length,
      int[] products) {
    Objects.checkFromIndexSize(0, count, products.length);
    for (int i = 0; i < count; i++) {
      products[i] = dot(codes, offset + rows[i] * length, widened, length);
    }
  }
}
