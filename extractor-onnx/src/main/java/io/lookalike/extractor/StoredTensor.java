package io.lookalike.extractor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Where a tensor's numbers are in a file: one after another, little-endian, the last dimension
 * varying fastest.
 *
 * @param type of the numbers, as safetensors calls it: {@code F32} and so on
 * @param shape the dimensions
 * @param offset of the first number from the start of the file, in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record StoredTensor(String type, long[] shape, long offset) {
  static final String FLOAT32 = "F32";

  /** Its length in bytes if its numbers are of 32 bits. */
  long bytes() {
    return bytes(shape);
  }

  static long bytes(long... shape) {
    long bytes = Float.BYTES;
    for (long dimension : shape) {
      bytes = Math.multiplyExact(bytes, dimension);
    }
    return bytes;
  }

  /** Type and shape, such as {@code F32 64 x 3 x 3 x 3}. */
  @Override
  public String toString() {
    return text(type, shape);
  }

  static String text(String type, long... shape) {
    return shape.length == 0
        ? type + " single number"
        : type
            + ' '
            + Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(" x "));
  }
}
